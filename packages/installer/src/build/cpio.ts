import { assert } from '@brickyard/std/assert'

/** One file of an initramfs archive. */
export interface CpioEntry {
  /** Path without a leading slash. */
  readonly path: string
  /** File type and permission bits, e.g. 0o100755. */
  readonly mode: number
  readonly bytes: Uint8Array
}

export const REGULAR_FILE = 0o100_000
export const DIRECTORY = 0o040_000
export const SYMLINK = 0o120_000

const BLOCK_BYTES = 512

/**
 * An archive in the "new ASCII" format (Linux: Documentation/driver-api/early-userspace/
 * buffer-format.rst). Entries are sorted, owned by root, without times: the same entries always
 * give the same bytes. Folders on the way are added.
 */
export function cpioArchive(entries: readonly CpioEntry[]): Uint8Array {
  const all = new Map<string, CpioEntry>()
  for (const entry of entries) {
    assert(!all.has(entry.path), `cpio: ${entry.path} comes twice`)
    all.set(entry.path, entry)
  }
  for (const entry of entries) {
    const parts = entry.path.split('/')
    for (let depth = 1; depth < parts.length; depth++) {
      const path = parts.slice(0, depth).join('/')
      if (!all.has(path)) all.set(path, { path, mode: DIRECTORY | 0o755, bytes: new Uint8Array() })
    }
  }
  const sorted = [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  const pieces = sorted.map((entry, n) => record(entry, n + 1))
  pieces.push(record({ path: 'TRAILER!!!', mode: 0, bytes: new Uint8Array() }, 0))
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const archive = new Uint8Array(Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES)
  let at = 0
  for (const piece of pieces) {
    archive.set(piece, at)
    at += piece.length
  }
  return archive
}

function record(entry: CpioEntry, inode: number): Uint8Array {
  const name = new TextEncoder().encode(`${entry.path}\0`)
  const links = (entry.mode & DIRECTORY) === DIRECTORY ? 2 : 1
  const fields = [
    inode,
    entry.mode,
    0, // uid
    0, // gid
    links,
    0, // mtime
    entry.bytes.length,
    0, // device of the file, major and minor
    0,
    0, // device it stands for
    0,
    name.length,
    0, // checksum, unused in this format
  ]
  const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`
  const nameEnd = align4(head.length + name.length)
  const bytes = new Uint8Array(nameEnd + align4(entry.bytes.length))
  bytes.set(new TextEncoder().encode(head))
  bytes.set(name, head.length)
  bytes.set(entry.bytes, nameEnd)
  return bytes
}

const align4 = (n: number): number => Math.ceil(n / 4) * 4
