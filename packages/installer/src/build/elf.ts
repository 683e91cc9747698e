import { err, ok, type Result } from '@brickyard/std/result'

/** What the build asks of a program, library or kernel module. */
export interface ElfFacts {
  /** Path of the dynamic loader, '' for static programs and libraries. */
  readonly interpreter: string
  /** Names of the shared libraries it needs. */
  readonly needed: readonly string[]
  /** A kernel module's `key=value` lines (depends, alias, softdep …), in file order. */
  readonly moduleInfo: readonly string[]
}

const DT_NEEDED = 1n

/** Reads a 64-bit little-endian ELF file by its sections (System V gABI, chapters 4 and 5). */
export function readElf(bytes: Uint8Array): Result<ElfFacts> {
  if (bytes.length < 64 || bytes[0] !== 0x7f || text(bytes, 1, 4) !== 'ELF') {
    return err('not an ELF file')
  }
  if (bytes[4] !== 2 || bytes[5] !== 1) return err('not a 64-bit little-endian ELF file')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  try {
    const sections = readSections(view, bytes)
    const dynamic = sections.get('.dynamic')
    const strings = sections.get('.dynstr')
    const needed: string[] = []
    if (dynamic !== undefined && strings !== undefined) {
      for (let at = dynamic.start; at + 16 <= dynamic.end; at += 16) {
        if (view.getBigUint64(at, true) !== DT_NEEDED) continue
        needed.push(textUntilZero(bytes, strings.start + Number(view.getBigUint64(at + 8, true))))
      }
    }
    const interp = sections.get('.interp')
    const info = sections.get('.modinfo')
    return ok({
      interpreter: interp === undefined ? '' : textUntilZero(bytes, interp.start),
      needed,
      moduleInfo:
        info === undefined
          ? []
          : text(bytes, info.start, info.end)
              .split('\0')
              .filter((line) => line !== ''),
    })
  } catch (error) {
    // DataView throws RangeError on offsets outside the file.
    return err(`damaged ELF file: ${error instanceof Error ? error.message : String(error)}`)
  }
}

interface Section {
  readonly start: number
  readonly end: number
}

const NO_BITS = 8

function readSections(view: DataView, bytes: Uint8Array): Map<string, Section> {
  const tableAt = Number(view.getBigUint64(0x28, true))
  const entryBytes = view.getUint16(0x3a, true)
  const count = view.getUint16(0x3c, true)
  const namesAt = tableAt + view.getUint16(0x3e, true) * entryBytes
  const names = Number(view.getBigUint64(namesAt + 0x18, true))
  const sections = new Map<string, Section>()
  for (let n = 0; n < count; n++) {
    const at = tableAt + n * entryBytes
    if (view.getUint32(at + 4, true) === NO_BITS) continue
    const start = Number(view.getBigUint64(at + 0x18, true))
    const end = start + Number(view.getBigUint64(at + 0x20, true))
    if (end > bytes.length) continue
    sections.set(textUntilZero(bytes, names + view.getUint32(at, true)), { start, end })
  }
  return sections
}

const text = (bytes: Uint8Array, start: number, end: number): string =>
  new TextDecoder('latin1').decode(bytes.subarray(start, end))

function textUntilZero(bytes: Uint8Array, start: number): string {
  const end = bytes.indexOf(0, start)
  return text(bytes, start, end < 0 ? bytes.length : end)
}
