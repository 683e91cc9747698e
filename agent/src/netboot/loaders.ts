import { type LoaderFile, readLoaderFile } from '@brickyard/netboot/loader-file'
import type { Files } from '@brickyard/runtime/files'
import { err, ok, type Result } from '@brickyard/std/result'
import { MiB } from '@brickyard/std/units'
import { type Asset, assetOf } from './asset.ts'

/** Where Debian's package `ipxe` puts the two loaders for x86. */
export const LOADER_PATHS_DEBIAN: Readonly<Record<string, string>> = {
  'undionly.kpxe': '/usr/lib/ipxe/undionly.kpxe',
  'snponly.efi': '/usr/lib/ipxe/snponly.efi',
}

/** iPXE is 80 kB to 1.1 MB; a file far beyond that is a wrong path, and would be held in memory. */
const LOADER_BYTES_MAX = MiB(8)

/** A loader as it is served: what it is, and where it came from. */
export interface LoaderFacts extends LoaderFile {
  readonly name: string
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

export interface Loaders {
  /** For TFTP. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** The same for HTTP. */
  readonly assets: ReadonlyMap<string, Asset>
  readonly facts: readonly LoaderFacts[]
  /** What could not be loaded and why; the agent serves the others all the same. */
  readonly problems: readonly string[]
}

/** Reads the boot loaders into memory, hashes them, and holds each to its name, once, at start. */
export async function loadLoaders(
  files: Files,
  paths: Readonly<Record<string, string>>,
): Promise<Loaders> {
  const loaded = new Map<string, Uint8Array>()
  const assets = new Map<string, Asset>()
  const facts: LoaderFacts[] = []
  const problems: string[] = []
  for (const [name, path] of Object.entries(paths)) {
    const content = await contentOf(files, path)
    const read = content.ok ? readLoaderFile(name, content.value) : content
    if (!read.ok) problems.push(`loader ${name}: ${path} ${read.error}`)
    if (!content.ok || !read.ok) continue
    const asset = assetOf(content.value)
    loaded.set(name, content.value)
    assets.set(name, asset)
    facts.push({ name, path, bytes: asset.bytes, sha256: asset.sha256, ...read.value })
  }
  return { files: loaded, assets, facts, problems }
}

async function contentOf(files: Files, path: string): Promise<Result<Uint8Array>> {
  const bytes = await files.size(path)
  if (bytes !== undefined && bytes > LOADER_BYTES_MAX) {
    return err(`has ${bytes} bytes; expected at most ${LOADER_BYTES_MAX}`)
  }
  const content = bytes === undefined ? undefined : await files.read(path)
  return content === undefined
    ? err('is missing; expected a file (Debian package ipxe)')
    : ok(content)
}
