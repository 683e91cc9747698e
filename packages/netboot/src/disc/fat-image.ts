import { assert } from '@brickyard/std/assert'

/** A file of an image; upper case, `EFI/BOOT/BOOTX64.EFI`, each part a name of 8.3. */
export interface FatFile {
  readonly path: string
  readonly bytes: Uint8Array
}

const SECTOR_BYTES = 512
const RESERVED_SECTORS = 1
const TABLES = 2
const ROOT_ENTRIES = 64
const ENTRY_BYTES = 32
/** More clusters than these make a FAT16 (Microsoft FAT specification 1.03, "FAT type determination"). */
const CLUSTERS_MAX = 4084
const END_OF_CHAIN = 0xfff
const MEDIA = 0xf8
const DIRECTORY = 0x10
const ARCHIVE = 0x20

interface Folder {
  readonly name: string
  readonly folders: Folder[]
  readonly files: { readonly name: string; readonly bytes: Uint8Array }[]
}

/**
 * A FAT12 file system that holds these files and nothing else (Microsoft FAT specification 1.03):
 * what UEFI firmware reads a loader from. Without dates and with a fixed serial number, so that the
 * same files always give the same bytes.
 */
export function fatImage(files: readonly FatFile[]): Uint8Array {
  const root = folderTree(files)
  const sectorsPerCluster = clusterSize(files)
  const clusterBytes = sectorsPerCluster * SECTOR_BYTES
  const clusters = clustersOf(root, clusterBytes)
  const tableSectors = Math.ceil(((clusters + 2) * 1.5) / SECTOR_BYTES)
  const rootSectors = (ROOT_ENTRIES * ENTRY_BYTES) / SECTOR_BYTES
  const rootAt = (RESERVED_SECTORS + TABLES * tableSectors) * SECTOR_BYTES
  const dataAt = rootAt + rootSectors * SECTOR_BYTES
  const image = new Uint8Array(dataAt + clusters * clusterBytes)
  const table = new Uint8Array(tableSectors * SECTOR_BYTES)
  setEntry(table, 0, 0xf00 | MEDIA)
  setEntry(table, 1, END_OF_CHAIN)
  let next = 2

  /** Takes clusters in a row for some bytes; gives the first, 0 for no bytes. */
  const place = (bytes: Uint8Array): number => {
    const count = Math.ceil(bytes.length / clusterBytes)
    const first = count === 0 ? 0 : next
    for (let n = 0; n < count; n++) {
      setEntry(table, next + n, n === count - 1 ? END_OF_CHAIN : next + n + 1)
    }
    image.set(bytes, dataAt + (first - 2 < 0 ? 0 : first - 2) * clusterBytes)
    next += count
    return first
  }
  const fill = (folder: Folder, self: number, parent: number, into: Uint8Array): void => {
    const entries: Uint8Array[] = []
    if (self !== 0) {
      entries.push(entry('.', DIRECTORY, self, 0), entry('..', DIRECTORY, parent, 0))
    }
    for (const one of folder.folders) {
      const first = place(new Uint8Array(folderBytes(one)))
      entries.push(entry(one.name, DIRECTORY, first, 0))
      const at = dataAt + (first - 2) * clusterBytes
      fill(one, first, self, image.subarray(at, at + folderBytes(one)))
    }
    for (const { name, bytes } of folder.files) {
      entries.push(entry(name, ARCHIVE, place(bytes), bytes.length))
    }
    entries.forEach((bytes, n) => into.set(bytes, n * ENTRY_BYTES))
  }
  fill(root, 0, 0, image.subarray(rootAt, dataAt))

  image.set(bootSector(image.length / SECTOR_BYTES, sectorsPerCluster, tableSectors))
  for (let n = 0; n < TABLES; n++) {
    image.set(table, (RESERVED_SECTORS + n * tableSectors) * SECTOR_BYTES)
  }
  return image
}

function folderTree(files: readonly FatFile[]): Folder {
  const root: Folder = { name: '', folders: [], files: [] }
  for (const { path, bytes } of files) {
    const parts = path.split('/')
    const name = parts.pop() ?? ''
    let folder = root
    for (const part of parts) {
      let below = folder.folders.find((one) => one.name === part)
      if (below === undefined) {
        below = { name: part, folders: [], files: [] }
        folder.folders.push(below)
      }
      folder = below
    }
    folder.files.push({ name, bytes })
  }
  return root
}

/** The smallest cluster with which the files are few enough of them for FAT12. */
function clusterSize(files: readonly FatFile[]): number {
  for (let sectors = 1; sectors <= 64; sectors *= 2) {
    if (clustersOf(folderTree(files), sectors * SECTOR_BYTES) <= CLUSTERS_MAX) return sectors
  }
  throw new Error('fat: the files are too long for FAT12')
}

function clustersOf(folder: Folder, clusterBytes: number): number {
  const own = folder.files.reduce(
    (sum, { bytes }) => sum + Math.ceil(bytes.length / clusterBytes),
    0,
  )
  return folder.folders.reduce(
    (sum, one) => sum + Math.ceil(folderBytes(one) / clusterBytes) + clustersOf(one, clusterBytes),
    own,
  )
}

/** Two entries more than it holds: itself and the one above. */
const folderBytes = ({ folders, files }: Folder): number =>
  (2 + folders.length + files.length) * ENTRY_BYTES

function bootSector(sectors: number, sectorsPerCluster: number, tableSectors: number): Uint8Array {
  const bytes = new Uint8Array(SECTOR_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set([0xeb, 0x3c, 0x90])
  text(bytes, 3, 'BRICKYRD')
  view.setUint16(11, SECTOR_BYTES, true)
  view.setUint8(13, sectorsPerCluster)
  view.setUint16(14, RESERVED_SECTORS, true)
  view.setUint8(16, TABLES)
  view.setUint16(17, ROOT_ENTRIES, true)
  const short = sectors < 0x10000
  view.setUint16(19, short ? sectors : 0, true)
  view.setUint8(21, MEDIA)
  view.setUint16(22, tableSectors, true)
  // Heads and sectors per track: of no disk there is, but zeroes are taken for damage.
  view.setUint16(24, 32, true)
  view.setUint16(26, 64, true)
  view.setUint32(32, short ? 0 : sectors, true)
  view.setUint8(36, 0x80)
  view.setUint8(38, 0x29)
  view.setUint32(39, 0x42524943, true)
  text(bytes, 43, 'NO NAME    ')
  text(bytes, 54, 'FAT12   ')
  view.setUint16(510, 0xaa55, true)
  return bytes
}

function entry(name: string, attributes: number, first: number, length: number): Uint8Array {
  const bytes = new Uint8Array(ENTRY_BYTES).fill(0x20, 0, 11)
  const [stem = '', extension = ''] = /^\.+$/.test(name) ? [name] : name.split('.')
  assert(stem.length <= 8 && extension.length <= 3, `fat: ${name} is no name of 8.3`)
  text(bytes, 0, stem)
  text(bytes, 8, extension)
  const view = new DataView(bytes.buffer)
  view.setUint8(11, attributes)
  view.setUint16(26, first, true)
  view.setUint32(28, length, true)
  return bytes
}

/** Twelve bits: two entries share three bytes. */
function setEntry(table: Uint8Array, cluster: number, value: number): void {
  const at = Math.floor(cluster * 1.5)
  const [low = 0, high = 0] = [table[at], table[at + 1]]
  if (cluster % 2 === 0) {
    table[at] = value & 0xff
    table[at + 1] = (high & 0xf0) | (value >> 8)
  } else {
    table[at] = (low & 0x0f) | ((value & 0x0f) << 4)
    table[at + 1] = value >> 4
  }
}

function text(into: Uint8Array, at: number, words: string): void {
  into.set(new TextEncoder().encode(words), at)
}
