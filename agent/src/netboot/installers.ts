import { ARCHITECTURES, type Architecture } from '@brickyard/model/architecture'
import { GRUB_ENTRY_FILE, grubEntry } from '@brickyard/netboot/grub-script'
import type { Clock } from '@brickyard/runtime/clock'
import type { Files } from '@brickyard/runtime/files'
import { ok, type Result } from '@brickyard/std/result'
import type { AgentConfig } from '../agent-config.ts'
import { type Asset, openAsset } from './asset.ts'
import type { InstallerFiles } from './boot-scripts.ts'
import { checkSignature, signatureNameOf } from './code-signing.ts'
import { storedFile, type TftpFile } from './stored-file.ts'

const kernelName = (arch: Architecture): string => `vmlinuz-${arch}`
const initrdName = (arch: Architecture): string => `initrd-${arch}.img`

/** The installers that the configuration names, by the names of their assets. */
export function installerFiles({
  installers,
}: AgentConfig): Partial<Record<Architecture, InstallerFiles>> {
  return Object.fromEntries(
    ARCHITECTURES.flatMap((arch) => {
      const paths = installers[arch]
      if (paths === undefined) return []
      const { kernelArguments } = paths
      return [[arch, { kernel: kernelName(arch), initrd: initrdName(arch), kernelArguments }]]
    }),
  )
}

/** GRUB takes everything by TFTP (grub-script.ts). */
const GRUB_LOADERS = ['grubx64.efi', 'grubaa64.efi']

export interface InstallerParts {
  readonly config: AgentConfig
  readonly ports: { readonly files: Files; readonly clock: Clock }
  /** Sets what is wrong with a file, or lifts it (undefined). */
  readonly trouble: (name: string, reason: string | undefined) => void
}

/** Where what is good is put. */
export interface ServedFiles {
  readonly tftpFiles: Map<string, TftpFile>
  readonly assets: Map<string, Asset>
  /** Why a file is not there. */
  readonly withheld: Map<string, string>
}

/**
 * Hashes kernel and initrd, and checks their signatures where the operator wants them signed; sleds that
 * come before that are told to try again. With a GRUB among the loaders both are sent by TFTP, too.
 */
export async function loadInstallers(parts: InstallerParts, served: ServedFiles): Promise<void> {
  const { tftpFiles, withheld } = served
  const forGrub = GRUB_LOADERS.some((name) => tftpFiles.has(name))
  if (forGrub) tftpFiles.set(GRUB_ENTRY_FILE, new TextEncoder().encode(grubEntry()))
  for (const arch of ARCHITECTURES) {
    const paths = parts.config.installers[arch]
    if (paths === undefined) continue
    for (const [name, path] of [
      [kernelName(arch), paths.kernel],
      [initrdName(arch), paths.initrd],
    ] as const) {
      const loaded = await loadFile(parts, served, { name, path, forGrub })
      if (loaded.ok) withheld.delete(name)
      else withheld.set(name, loaded.error)
      parts.trouble(name, loaded.ok ? undefined : loaded.error)
    }
  }
}

async function loadFile(
  { config, ports }: InstallerParts,
  { tftpFiles, assets }: ServedFiles,
  { name, path, forGrub }: { name: string; path: string; forGrub: boolean },
): Promise<Result<void>> {
  const { files, clock } = ports
  if (config.codeSigning !== undefined) {
    const { authorities } = config.codeSigning
    const checked = await checkSignature({ files, authorities, nowMs: clock.wallMs() }, path)
    if (!checked.ok) return checked
    const signature = await openAsset(files, signatureNameOf(path))
    if (!signature.ok) return signature
    assets.set(signatureNameOf(name), signature.value)
  }
  const asset = await openAsset(files, path)
  if (!asset.ok) return asset
  assets.set(name, asset.value)
  if (forGrub) tftpFiles.set(`assets/${name}`, storedFile(ports, path, asset.value.bytes))
  return ok(undefined)
}
