import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type OperatorKeys, operatorKeysIn } from './operator-keys.ts'

/** An operator's own iPXE with `imgtrust`, and the keys whose authority was built into it. */
export interface OwnLoader {
  readonly loader: string
  readonly keys: OperatorKeys
}

/** Names the folder: `snponly.efi` and the files of `OperatorKeys`. No package brings such an iPXE. */
export const OWN_LOADER_VARIABLE = 'BRICKYARD_OWN_IPXE'

/** Undefined where nobody brought one: then what needs it is no part of the suite. */
export function ownLoader(): OwnLoader | undefined {
  const folder = process.env[OWN_LOADER_VARIABLE]
  if (folder === undefined) return undefined
  const own = { loader: join(folder, 'snponly.efi'), keys: operatorKeysIn(folder) }
  const missing = [own.loader, ...Object.values(own.keys)].filter((path) => !existsSync(path))
  if (missing.length > 0) throw new Error(`${OWN_LOADER_VARIABLE}: missing ${missing.join(', ')}`)
  return own
}
