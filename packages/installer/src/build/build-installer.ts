import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, zstdCompressSync } from 'node:zlib'
import type { Architecture } from '@brickyard/model/architecture'
import { err, ok, type Result } from '@brickyard/std/result'
import { fetchPackage, newestPackage, unpackPackage } from './apt.ts'
import { type CpioEntry, cpioArchive, REGULAR_FILE, SYMLINK } from './cpio.ts'
import { readElf } from './elf.ts'
import { type KernelModule, moduleClosure, moduleName, moduleTables } from './kernel-modules.ts'
import type { RecordedPackage } from './package-list.ts'
import { type Recipe, RECIPES } from './recipe.ts'

export interface BuiltInstaller {
  readonly vmlinuz: Uint8Array
  readonly initrd: Uint8Array
  /** What rare verbs fetch (sled/tools.sh). The initrd takes these bytes and no others. */
  readonly tools: Uint8Array
  readonly packages: readonly RecordedPackage[]
  /** Bytes of the archive before compression: what the sled's memory must hold. */
  readonly unpackedBytes: number
}

export interface BuildRequest {
  readonly architecture: Architecture
  /** Folder for downloaded packages. */
  readonly cacheFolder: string
  /** A list recorded by an earlier build; without one the newest packages are taken. */
  readonly packages?: readonly RecordedPackage[] | undefined
  /** Folder of the sh files. */
  readonly sledFolder: string
}

/**
 * Level and window are fixed, so that one list of packages always gives the same bytes. The window
 * spans the whole archive, which holds much twice (7 % smaller than with the 8 MiB of the level); the
 * kernel takes up to 128 MiB (lib/decompress_unzstd.c).
 */
const COMPRESSION_LEVEL = 19
const WINDOW_LOG = 25

/** Builds kernel and initrd. Needs apt and dpkg-deb; the error says what was being done. */
export function buildInstaller(request: BuildRequest): Result<BuiltInstaller> {
  const recipe = RECIPES[request.architecture]
  const packages = request.packages ?? newestPackages(recipe)
  if ('ok' in packages) {
    if (!packages.ok) return packages
    return buildFrom(request, recipe, packages.value)
  }
  return buildFrom(request, recipe, packages)
}

function newestPackages(recipe: Recipe): Result<RecordedPackage[]> {
  const meta = newestPackage(recipe.kernelMetaPackage, recipe.debianArch)
  if (!meta.ok) return meta
  const kernel = meta.value.depends.find((name) => name.startsWith('linux-image-'))
  if (kernel === undefined) return err(`${recipe.kernelMetaPackage} depends on no kernel`)
  const packages: RecordedPackage[] = []
  for (const name of [kernel, ...recipe.packages]) {
    const found = newestPackage(name, recipe.debianArch)
    if (!found.ok) return found
    const { version, sha256 } = found.value
    packages.push({ name, version, sha256 })
  }
  return ok(packages)
}

function buildFrom(
  request: BuildRequest,
  recipe: Recipe,
  packages: readonly RecordedPackage[],
): Result<BuiltInstaller> {
  const root = mkdtempSync(join(tmpdir(), 'brickyard-installer-'))
  try {
    for (const one of packages) {
      const deb = fetchPackage(one, recipe.debianArch, request.cacheFolder)
      if (!deb.ok) return deb
      const unpacked = unpackPackage(deb.value, root)
      if (!unpacked.ok) return unpacked
    }
    const kernel = readdirSync(join(root, 'boot')).find((name) => name.startsWith('vmlinuz-'))
    if (kernel === undefined) return err('no package brought boot/vmlinuz-*')
    const inInitrd = programEntries(root, recipe, recipe.programs)
    if (!inInitrd.ok) return inInitrd
    const apart = programEntries(root, recipe, recipe.tools, inInitrd.value)
    if (!apart.ok) return apart
    const modules = moduleEntries(root, kernel.slice('vmlinuz-'.length), recipe)
    if (!modules.ok) return modules
    const tools = compress(cpioArchive([...apart.value.values()]))
    const toolsHash = new TextEncoder().encode(
      `${createHash('sha256').update(tools).digest('hex')}\n`,
    )
    const archive = cpioArchive([
      ...inInitrd.value.values(),
      ...modules.value,
      ...scriptEntries(request.sledFolder),
      file('brickyard/tools.sha256', toolsHash),
      ...FOLDERS,
    ])
    const initrd = compress(archive)
    const vmlinuz = readFileSync(join(root, 'boot', kernel))
    return ok({ vmlinuz, initrd, tools, packages, unpackedBytes: archive.length })
  } finally {
    rmSync(root, { recursive: true })
  }
}

const compress = (archive: Uint8Array): Uint8Array =>
  zstdCompressSync(archive, {
    params: {
      [constants.ZSTD_c_compressionLevel]: COMPRESSION_LEVEL,
      [constants.ZSTD_c_windowLog]: WINDOW_LOG,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  })

/** Mount points and the names the kernel and scripts call busybox by. */
const FOLDERS: readonly CpioEntry[] = [
  ...['proc', 'sys', 'dev', 'run', 'tmp'].map((path) => ({
    path,
    mode: 0o040_755,
    bytes: new Uint8Array(),
  })),
  { path: 'bin/sh', mode: SYMLINK | 0o777, bytes: new TextEncoder().encode('busybox') },
]

const file = (path: string, bytes: Uint8Array, executable = false): CpioEntry => ({
  path,
  mode: REGULAR_FILE | (executable ? 0o755 : 0o644),
  bytes,
})

/** Programs, the libraries they need, and theirs, and the dynamic loader, but what is there already. */
function programEntries(
  root: string,
  { triplet }: Recipe,
  programs: readonly string[],
  there: ReadonlyMap<string, CpioEntry> = new Map(),
): Result<ReadonlyMap<string, CpioEntry>> {
  const folders = [`lib/${triplet}`, `usr/lib/${triplet}`]
  const entries = new Map<string, CpioEntry>()
  const add = (path: string, from: string): Result<null> => {
    if (there.has(path) || entries.has(path)) return ok(null)
    const bytes = readFileSync(from)
    entries.set(path, file(path, bytes, true))
    const elf = readElf(bytes)
    if (!elf.ok) return err(`${path}: ${elf.error}`)
    const { interpreter, needed } = elf.value
    if (interpreter !== '') {
      const loader = add(interpreter.slice(1), join(root, interpreter))
      if (!loader.ok) return loader
    }
    for (const name of needed) {
      const found = folders.map((folder) => join(root, folder, name)).find(isThere)
      if (found === undefined) return err(`${path} needs ${name}, which no package brought`)
      const library = add(`usr/lib/${triplet}/${name}`, found)
      if (!library.ok) return library
    }
    return ok(null)
  }
  for (const program of programs) {
    const path = [program, `usr/${program}`].find((p) => isThere(join(root, p)))
    if (path === undefined) return err(`no package brought ${program}`)
    const added = add(program, join(root, path))
    if (!added.ok) return added
  }
  return ok(entries)
}

const isThere = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isFile() === true

function moduleEntries(root: string, version: string, recipe: Recipe): Result<CpioEntry[]> {
  const folder = join(root, 'lib/modules', version, 'kernel')
  const paths = new Map<string, string>()
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.ko')) paths.set(moduleName(path), join(folder, path))
  }
  const all = new LazyModules(paths)
  const needs = moduleClosure(recipe.modules, all)
  if (!needs.ok) return needs
  const entries = [...needs.value.keys()].map((name) =>
    file(`${MODULE_FOLDER}/${name}.ko`, readFileSync(paths.get(name) as string)),
  )
  const tables = new TextEncoder().encode(moduleTables(needs.value, all))
  return ok([...entries, file(`${MODULE_FOLDER}/tables.sh`, tables)])
}

const MODULE_FOLDER = 'lib/brickyard-modules'

/** Reads a module's facts when they are asked for: of 4,000 modules a build looks at 60. */
class LazyModules extends Map<string, KernelModule> {
  readonly #paths: ReadonlyMap<string, string>
  constructor(paths: ReadonlyMap<string, string>) {
    super()
    this.#paths = paths
  }
  override has(name: string): boolean {
    return this.#paths.has(name)
  }
  override get(name: string): KernelModule | undefined {
    const path = this.#paths.get(name)
    if (path === undefined) return undefined
    const elf = readElf(readFileSync(path))
    return { name, info: elf.ok ? elf.value.moduleInfo : [] }
  }
}

function scriptEntries(sledFolder: string): CpioEntry[] {
  const names = readdirSync(sledFolder, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name === 'init' || name.endsWith('.sh'))
    .map((name) => {
      const bytes = readFileSync(join(sledFolder, name))
      return file(name === 'init' ? 'init' : `brickyard/${name}`, bytes, true)
    })
}
