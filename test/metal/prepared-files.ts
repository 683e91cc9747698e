import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildInstaller } from '@brickyard/installer/build-installer'
import { formatPackageList, parsePackageList } from '@brickyard/installer/package-list'
import type { Image } from '@brickyard/model/image'
import { MiB } from '@brickyard/std/units'

/** What every run of the suite boots and writes. Big, slow to make, and kept between runs. */
export interface PreparedFiles {
  readonly vmlinuz: string
  readonly initrd: string
  /** The image as served, and unpacked for comparing. */
  readonly image: string
  readonly rawImage: string
  readonly facts: Image
}

const cacheFolder = (): string =>
  process.env['BRICKYARD_CACHE'] ?? join(homedir(), '.cache/brickyard')

const repositoryPath = (path: string): string =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Builds the installer and the Debian image, or takes them from the cache. Says what takes long. */
export function prepareFiles(): PreparedFiles {
  const installer = prepareInstaller()
  const image = prepareImage()
  const rawImage = join(image, 'disk.raw')
  const zstd = join(image, 'disk.zst')
  const rawBytes = statSync(rawImage).size
  const facts: Image = {
    sha256: sha256File(zstd),
    bytes: statSync(zstd).size,
    name: 'debian-12',
    kind: 'disk',
    format: 'zstd',
    arch: 'x86_64',
    firmware: ['bios', 'uefi'],
    secureBoot: true,
    seed: 'nocloud',
    rawSha256: sha256File(rawImage),
    rawBytes,
    minDiskBytes: rawBytes + MiB(64),
    sectorBytes: 512,
  }
  return {
    vmlinuz: join(installer, 'vmlinuz'),
    initrd: join(installer, 'initrd.img'),
    image: zstd,
    rawImage,
    facts,
  }
}

function prepareInstaller(): string {
  const sledFolder = repositoryPath('packages/installer/sled')
  const sources = [sledFolder, repositoryPath('packages/installer/src/build')]
  const folder = join(cacheFolder(), `installer-${hashOf(sources.flatMap(filesBelow))}`)
  if (existsSync(folder)) return folder
  console.log('building the installer …')
  // One list for all builds in this cache: what changes between two runs is our code alone.
  const listPath = join(cacheFolder(), 'installer-packages.list')
  const recorded = existsSync(listPath)
    ? parsePackageList(readFileSync(listPath, 'utf8'))
    : undefined
  if (recorded?.ok === false) throw new Error(`${listPath}: ${recorded.error}`)
  const built = buildInstaller({
    architecture: 'x86_64',
    cacheFolder: join(cacheFolder(), 'debs'),
    packages: recorded?.value,
    sledFolder,
  })
  if (!built.ok) throw new Error(built.error)
  writeFileSync(listPath, formatPackageList(built.value.packages))
  const making = `${folder}.${process.pid}`
  mkdirSync(making, { recursive: true })
  writeFileSync(join(making, 'vmlinuz'), built.value.vmlinuz)
  writeFileSync(join(making, 'initrd.img'), built.value.initrd)
  renameSync(making, folder)
  return folder
}

function prepareImage(): string {
  const script = repositoryPath('test/metal/debian-image.sh')
  const folder = join(cacheFolder(), `image-${hashOf([script])}`)
  if (existsSync(folder)) return folder
  console.log('building the Debian image with mmdebstrap (about two minutes, once) …')
  const making = `${folder}.${process.pid}`
  mkdirSync(making, { recursive: true })
  try {
    execFileSync('sh', [script, making], { stdio: ['ignore', 'ignore', 'inherit'] })
    renameSync(making, folder)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return folder
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => join(entry.parentPath, entry.name))

function hashOf(paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of [...paths].sort()) hash.update(readFileSync(path))
  return hash.digest('hex').slice(0, 16)
}

/** Of a file of some hundred MB; the suite has nothing else to do meanwhile. */
const sha256File = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex')
