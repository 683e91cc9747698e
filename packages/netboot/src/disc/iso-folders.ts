import { assert } from '@brickyard/std/assert'
import { SECTOR_BYTES, text, u16both, u32both } from './iso-sectors.ts'

/** A folder: `''` is the root. `parent` is its place in the list of all of them. */
export interface IsoFolder {
  readonly path: string
  readonly parent: number
}

interface Placed {
  readonly path: string
  /** First sector. */
  readonly at: number
  readonly bytes: number
}

const FOLDER = 2

/** Records of one folder (ECMA-119 §9.1): itself, the one above, then what it holds by name. */
export function folderRecords(
  folder: IsoFolder,
  folders: readonly IsoFolder[],
  foldersAt: number,
  files: readonly Placed[],
): Uint8Array {
  const sectorOf = (one: number): number => foldersAt + one
  const own = folders.indexOf(folder)
  const below = [
    ...folders.flatMap((one, n) =>
      n > 0 && one.parent === own
        ? [{ name: nameOf(one.path), at: sectorOf(n), bytes: SECTOR_BYTES, flags: FOLDER }]
        : [],
    ),
    ...files
      .filter(({ path }) => above(path) === folder.path)
      .map(({ path, at, bytes }) => ({ name: fileName(path), at, bytes, flags: 0 })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1))
  const records = [
    record('\0', sectorOf(own), SECTOR_BYTES, FOLDER),
    record('\u0001', sectorOf(folder.parent), SECTOR_BYTES, FOLDER),
    ...below.map(({ name, at, bytes, flags }) => record(name, at, bytes, flags)),
  ]
  const length = records.reduce((sum, one) => sum + one.length, 0)
  assert(length <= SECTOR_BYTES, `iso: too many files in ${folder.path}`)
  const sector = new Uint8Array(SECTOR_BYTES)
  let at = 0
  for (const one of records) {
    sector.set(one, at)
    at += one.length
  }
  return sector
}

/** ECMA-119 §9.4: every folder, its place and the number of the one above, counted from 1. */
export function pathTable(
  folders: readonly IsoFolder[],
  foldersAt: number,
  order: 'little' | 'big',
): Uint8Array {
  const entries = folders.map(({ path, parent }, n) => {
    const name = path === '' ? '\0' : nameOf(path)
    const bytes = new Uint8Array(8 + name.length + (name.length % 2))
    const view = new DataView(bytes.buffer)
    view.setUint8(0, name.length)
    view.setUint32(2, foldersAt + n, order === 'little')
    view.setUint16(6, parent + 1, order === 'little')
    text(bytes, 8, name)
    return bytes
  })
  const table = new Uint8Array(entries.reduce((sum, one) => sum + one.length, 0))
  let at = 0
  for (const one of entries) {
    table.set(one, at)
    at += one.length
  }
  assert(at <= SECTOR_BYTES, 'iso: too many folders')
  return table
}

function record(name: string, at: number, bytes: number, flags: number): Uint8Array {
  const length = 33 + name.length
  const record = new Uint8Array(length + (length % 2))
  record.set([record.length])
  u32both(record, 2, at)
  u32both(record, 10, bytes)
  record.set([flags], 25)
  u16both(record, 28, 1)
  record.set([name.length], 32)
  text(record, 33, name)
  return record
}

const above = (path: string): string => path.split('/').slice(0, -1).join('/')

const nameOf = (path: string): string => (path.split('/').at(-1) ?? '').toUpperCase()

/** A dot and a version belong to every file (ECMA-119 §7.5.1). */
function fileName(path: string): string {
  const name = nameOf(path)
  return `${name}${name.includes('.') ? '' : '.'};1`
}
