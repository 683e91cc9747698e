import type { DiskFacts } from '@brickyard/installer/inventory'
import { KiB } from '@brickyard/std/units'

/** What a disk does when it is told to discard: say no, really clear, or say yes and change nothing. */
export type DiscardBehaviour = 'none' | 'zeroes' | 'nothing'

const PAGE_BYTES = KiB(64)

/** A disk in memory. Pages that were never written read as zero and take no room. */
export class SledDisk {
  readonly facts: DiskFacts
  readonly discardBehaviour: DiscardBehaviour
  /** Writing at or beyond this byte fails: a worn-out disk. */
  failsAtByte: number | undefined
  readonly #pages = new Map<number, Uint8Array>()

  constructor(facts: DiskFacts, discardBehaviour: DiscardBehaviour = 'zeroes') {
    this.facts = facts
    this.discardBehaviour = discardBehaviour
  }

  /** Bytes `from` up to `to`; beyond the end of the disk nothing is read. */
  read(from: number, to: number): Uint8Array {
    const end = Math.min(to, this.facts.bytes)
    const bytes = new Uint8Array(Math.max(0, end - from))
    this.#eachPage(from, end, (number, inPage, at, length) => {
      const page = this.#pages.get(number)
      if (page !== undefined) bytes.set(page.subarray(inPage, inPage + length), at)
    })
    return bytes
  }

  /** False when the disk refuses: past its end, or where it is worn out. */
  write(from: number, bytes: Uint8Array): boolean {
    const end = from + bytes.length
    if (end > this.facts.bytes) return false
    if (this.failsAtByte !== undefined && end > this.failsAtByte) return false
    this.#eachPage(from, end, (number, inPage, at, length) => {
      const piece = bytes.subarray(at, at + length)
      const held = this.#pages.get(number)
      if (held === undefined && piece.every((byte) => byte === 0)) return
      const page = held ?? new Uint8Array(PAGE_BYTES)
      page.set(piece, inPage)
      this.#pages.set(number, page)
    })
    return true
  }

  /** Overwrites with zeroes; false as `write`. */
  zero(from: number, to: number): boolean {
    if (this.failsAtByte !== undefined && to > this.failsAtByte) return false
    for (const [number, page] of this.#pages) {
      const start = number * PAGE_BYTES
      const first = Math.max(from, start)
      const last = Math.min(to, start + PAGE_BYTES)
      if (first >= last) continue
      if (last - first === PAGE_BYTES) this.#pages.delete(number)
      else page.fill(0, first - start, last - start)
    }
    return true
  }

  /** True when the disk says that it discarded everything. */
  discard(): boolean {
    if (this.discardBehaviour === 'zeroes') this.#pages.clear()
    return this.discardBehaviour !== 'none'
  }

  /** The first byte that is not zero, or undefined when all are. */
  firstNonZero(): number | undefined {
    for (const number of [...this.#pages.keys()].sort((a, b) => a - b)) {
      const at = (this.#pages.get(number) as Uint8Array).findIndex((byte) => byte !== 0)
      if (at >= 0) return number * PAGE_BYTES + at
    }
    return undefined
  }

  #eachPage(
    from: number,
    to: number,
    visit: (page: number, inPage: number, at: number, length: number) => void,
  ): void {
    for (let at = from; at < to;) {
      const inPage = at % PAGE_BYTES
      const length = Math.min(PAGE_BYTES - inPage, to - at)
      visit((at - inPage) / PAGE_BYTES, inPage, at - from, length)
      at += length
    }
  }
}
