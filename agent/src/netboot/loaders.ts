import { createHash } from 'node:crypto'
import type { ServedLoader } from '@brickyard/model/netboot-preview'
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

/** A loader's file, and where the operator says so, what it must be. */
export interface LoaderSource {
  readonly path: string
  /** 64 lower-case hex digits; any other content is refused. */
  readonly sha256?: string | undefined
  /** Where it comes from, in the operator's words. */
  readonly source?: string | undefined
}

/** Debian's packages by where they put their loaders. */
const SOURCES: readonly [string, string][] = [
  ['/usr/lib/ipxe/', 'Debian package ipxe'],
  ['/usr/lib/shim/', 'Debian package shim-signed'],
  ['/usr/lib/grub/', "Debian's signed GRUB"],
]

/** iPXE is 80 kB to 1.1 MB; a file far beyond that is a wrong path, and would be held in memory. */
const LOADER_BYTES_MAX = MiB(8)

/** A loader as it is served: what it is, and where it came from. */
export interface LoaderFacts extends LoaderFile {
  readonly name: string
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  readonly source: string
  /** The operator said which content it must have, and it has. */
  readonly pinned: boolean
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

/** Loaders as the hub and people are told of them. */
export const servedLoaders = (facts: readonly LoaderFacts[]): ServedLoader[] =>
  facts.map(({ name, version = null, sha256, source, pinned }) => ({
    name,
    version,
    sha256,
    source,
    pinned,
  }))

/**
 * Reads the boot loaders into memory, hashes them, and holds each to its name and to the hash that the
 * operator gave, once, at start. A source may be a path alone.
 */
export async function loadLoaders(
  files: Files,
  sources: Readonly<Record<string, string | LoaderSource>>,
): Promise<Loaders> {
  const loaded = new Map<string, Uint8Array>()
  const assets = new Map<string, Asset>()
  const facts: LoaderFacts[] = []
  const problems: string[] = []
  for (const [name, given] of Object.entries(sources)) {
    const source: LoaderSource = typeof given === 'string' ? { path: given } : given
    const { path } = source
    const content = await contentOf(files, source)
    const read = content.ok ? readLoaderFile(name, content.value) : content
    if (!read.ok) problems.push(`loader ${name}: ${path} ${read.error}`)
    if (!content.ok || !read.ok) continue
    const asset = assetOf(content.value)
    loaded.set(name, content.value)
    assets.set(name, asset)
    const { bytes, sha256 } = asset
    const pinned = source.sha256 !== undefined
    facts.push({ name, path, bytes, sha256, source: wordsFor(source), pinned, ...read.value })
  }
  return { files: loaded, assets, facts, problems }
}

const wordsFor = ({ path, source }: LoaderSource): string =>
  source ?? SOURCES.find(([folder]) => path.startsWith(folder))?.[1] ?? "the operator's own file"

async function contentOf(
  files: Files,
  { path, sha256 }: LoaderSource,
): Promise<Result<Uint8Array>> {
  const bytes = await files.size(path)
  if (bytes !== undefined && bytes > LOADER_BYTES_MAX) {
    return err(`has ${bytes} bytes; expected at most ${LOADER_BYTES_MAX}`)
  }
  const content = bytes === undefined ? undefined : await files.read(path)
  if (content === undefined) return err('is missing; expected a file (Debian package ipxe)')
  const found = createHash('sha256').update(content).digest('hex')
  return sha256 === undefined || found === sha256
    ? ok(content)
    : err(`has SHA-256 ${found}; expected ${sha256}`)
}
