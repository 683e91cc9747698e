import { assert } from '@brickyard/std/assert'
import { bootCatalogue, bootRecord, type IsoBoot, patchBootInfo, systemArea } from './iso-boot.ts'
import { folderRecords, pathTable, type IsoFolder } from './iso-folders.ts'
import { padded, SECTOR_BYTES, sectorsOf, text, u16both, u32both } from './iso-sectors.ts'

/** A file of a disc: its bytes, or how many somebody else will bring. */
export type IsoFile = { readonly path: string } & (
  | { readonly content: Uint8Array }
  | { readonly bytes: number }
)

export interface IsoSpec {
  /** At most 32 characters: A to Z, digits and `_`. */
  readonly volume: string
  readonly files: readonly IsoFile[]
  readonly boot: IsoBoot
}

/** A disc as it is written, first to last: bytes, or the file of that path. */
export type IsoPiece = Uint8Array | { readonly path: string; readonly bytes: number }

export interface IsoImage {
  readonly bytes: number
  readonly pieces: readonly IsoPiece[]
}

const VOLUME_AT = 16
const CATALOGUE_AT = 19
const TABLE_LITTLE_AT = 20
const TABLE_BIG_AT = 21
const FOLDERS_AT = 22

/**
 * An ISO 9660 (ECMA-119) image that boots: plain names, upper case, no extensions, a sector for each
 * folder, no dates. Files that others bring are left out of memory, so a disc can be sent as it is
 * made; the same files always give the same bytes.
 */
export function isoImage({ volume, files, boot }: IsoSpec): IsoImage {
  assert(/^[A-Z0-9_]{1,32}$/.test(volume), `iso: ${volume} is no name of a volume`)
  const folders = foldersOf(files)
  let next = FOLDERS_AT + folders.length
  const placed = files.map((file) => {
    const at = next
    const bytes = lengthOf(file)
    next += sectorsOf(bytes)
    return { path: file.path, at, bytes }
  })
  const program = placed.find(({ path }) => path === boot.path)
  const programFile = files.find(({ path }) => path === boot.path)
  assert(program !== undefined && programFile !== undefined, `iso: there is no file ${boot.path}`)
  assert('content' in programFile, `iso: the content of ${boot.path} is to be here`)

  const at = { ...program, sectors: next }
  const head = [
    systemArea(boot, at),
    padded(volumeDescriptor(volume, next, folders)),
    padded(bootRecord(CATALOGUE_AT)),
    padded(terminator()),
    padded(bootCatalogue(boot, at)),
    padded(pathTable(folders, FOLDERS_AT, 'little')),
    padded(pathTable(folders, FOLDERS_AT, 'big')),
    ...folders.map((folder) => padded(folderRecords(folder, folders, FOLDERS_AT, placed))),
  ]
  const content = files.flatMap((file): IsoPiece[] => {
    if ('content' in file) {
      const own = file.path === boot.path && boot.kind === 'bios'
      return [padded(own ? patchBootInfo(file.content, VOLUME_AT, at) : file.content)]
    }
    const { path, bytes } = file
    const rest = sectorsOf(bytes) * SECTOR_BYTES - bytes
    return rest === 0 ? [{ path, bytes }] : [{ path, bytes }, new Uint8Array(rest)]
  })
  return { bytes: next * SECTOR_BYTES, pieces: [...head, ...content] }
}

const lengthOf = (file: IsoFile): number => ('content' in file ? file.content.length : file.bytes)

/** Every folder once, the ones above first, as the path table wants them. */
function foldersOf(files: readonly IsoFile[]): IsoFolder[] {
  const folders: IsoFolder[] = [{ path: '', parent: 0 }]
  const paths = new Set(
    files.flatMap(({ path }) => {
      const parts = path.split('/').slice(0, -1)
      return parts.map((_, n) => parts.slice(0, n + 1).join('/'))
    }),
  )
  const depth = (path: string): number => path.split('/').length
  const sorted = [...paths].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
  for (const path of sorted) {
    const above = path.split('/').slice(0, -1).join('/')
    folders.push({ path, parent: folders.findIndex((one) => one.path === above) })
  }
  return folders
}

/** ECMA-119 §8.4. */
function volumeDescriptor(
  volume: string,
  sectors: number,
  folders: readonly IsoFolder[],
): Uint8Array {
  const bytes = new Uint8Array(SECTOR_BYTES)
  bytes.set([1])
  text(bytes, 1, 'CD001')
  bytes.set([1], 6)
  text(bytes, 8, '', 32)
  text(bytes, 40, volume, 32)
  u32both(bytes, 80, sectors)
  u16both(bytes, 120, 1)
  u16both(bytes, 124, 1)
  u16both(bytes, 128, SECTOR_BYTES)
  const table = pathTable(folders, FOLDERS_AT, 'little').length
  u32both(bytes, 132, table)
  const view = new DataView(bytes.buffer)
  view.setUint32(140, TABLE_LITTLE_AT, true)
  view.setUint32(148, TABLE_BIG_AT, false)
  bytes.set(rootRecord(), 156)
  // Set, publisher, preparer, application; then the three files that would tell of them.
  text(bytes, 190, '', 623)
  for (const at of [813, 830, 847, 864]) text(bytes, at, '0000000000000000', 16)
  bytes.set([1], 881)
  return bytes
}

/** The root's own record stands in the descriptor as well. */
function rootRecord(): Uint8Array {
  const bytes = new Uint8Array(34)
  bytes.set([34])
  u32both(bytes, 2, FOLDERS_AT)
  u32both(bytes, 10, SECTOR_BYTES)
  bytes.set([2], 25)
  u16both(bytes, 28, 1)
  bytes.set([1], 32)
  return bytes
}

/** ECMA-119 §8.3. */
function terminator(): Uint8Array {
  const bytes = new Uint8Array(7)
  bytes.set([0xff])
  text(bytes, 1, 'CD001')
  bytes.set([1], 6)
  return bytes
}
