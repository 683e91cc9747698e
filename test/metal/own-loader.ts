import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '@brickyard/std/result'
import { prepareBuiltIpxe } from './built-ipxe.ts'
import { type OperatorKeys, operatorKeysIn } from './operator-keys.ts'

/** An operator's own iPXE with `imgtrust`, and the keys whose authority was built into it. */
export interface OwnLoader {
  /** For UEFI. */
  readonly loader: string
  /** For BIOS, in the place of what its NIC carries. */
  readonly rom: string
  readonly keys: OperatorKeys
}

/** Names the folder: the loaders and the files of `OperatorKeys`. No package brings such an iPXE. */
export const OWN_LOADER_VARIABLE = 'BRICKYARD_OWN_IPXE'
/** Tells the suite's inner process why there is none. */
const LACKING_VARIABLE = 'BRICKYARD_OWN_IPXE_LACKING'

/**
 * Builds one where nobody brought it; what `ownLoader` finds then is told by the environment. A build
 * that fails is one part's failure, and the suite goes on.
 */
export function prepareOwnLoader(): void {
  if (process.env[OWN_LOADER_VARIABLE] !== undefined) return
  try {
    const built = prepareBuiltIpxe()
    const variable = built.ok ? OWN_LOADER_VARIABLE : LACKING_VARIABLE
    process.env[variable] = built.ok ? built.value : built.error
  } catch (error) {
    console.log(`iPXE could not be built: ${(error as Error).message}`)
  }
}

/** The error says why there can be none here: its source is not to be had. */
export function ownLoader(): Result<OwnLoader> {
  const folder = process.env[OWN_LOADER_VARIABLE]
  if (folder === undefined) {
    const lacking = process.env[LACKING_VARIABLE]
    if (lacking === undefined) throw new Error('its iPXE could not be built')
    return err(lacking)
  }
  const [loader, rom] = [join(folder, 'snponly.efi'), join(folder, 'virtio-net.rom')]
  const own = { loader, rom, keys: operatorKeysIn(folder) }
  const missing = [loader, rom, ...Object.values(own.keys)].filter((path) => !existsSync(path))
  if (missing.length > 0) throw new Error(`${OWN_LOADER_VARIABLE}: missing ${missing.join(', ')}`)
  return ok(own)
}
