import type { Files } from '@brickyard/runtime/files'
import { MiB } from '@brickyard/std/units'
import { type Asset, assetOf } from './asset.ts'

/** Where Debian's package `ipxe` puts the two loaders for x86. */
export const LOADER_PATHS_DEBIAN: Readonly<Record<string, string>> = {
  'undionly.kpxe': '/usr/lib/ipxe/undionly.kpxe',
  'snponly.efi': '/usr/lib/ipxe/snponly.efi',
}

/** iPXE is 80 kB to 1.1 MB; a file far beyond that is a wrong path, and would be held in memory. */
const LOADER_BYTES_MAX = MiB(8)

export interface Loaders {
  /** For TFTP. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** The same for HTTP. */
  readonly assets: ReadonlyMap<string, Asset>
  /** What could not be loaded and why; the agent serves the others all the same. */
  readonly problems: readonly string[]
}

/** Reads the boot loaders into memory and hashes them, once, at start. */
export async function loadLoaders(
  files: Files,
  paths: Readonly<Record<string, string>>,
): Promise<Loaders> {
  const loaded = new Map<string, Uint8Array>()
  const problems: string[] = []
  for (const [name, path] of Object.entries(paths)) {
    const bytes = await files.size(path)
    if (bytes === undefined) {
      problems.push(`loader ${name}: there is no file ${path} (Debian package ipxe)`)
    } else if (bytes > LOADER_BYTES_MAX) {
      problems.push(
        `loader ${name}: ${path} has ${bytes} bytes; expected at most ${LOADER_BYTES_MAX}`,
      )
    } else {
      const content = await files.read(path)
      if (content !== undefined) loaded.set(name, content)
    }
  }
  const assets = new Map([...loaded].map(([name, content]) => [name, assetOf(content)]))
  return { files: loaded, assets, problems }
}
