import { err, ok, type Result } from '@brickyard/std/result'

/** Option values by code, in the order of their first appearance; split values joined. */
export type RawOptions = Map<number, Uint8Array>

export const PAD = 0
export const OVERLOAD = 52
export const END = 255
/** The longest value one option can carry; a longer one is split (RFC 3396 §5). */
const VALUE_BYTES_MAX = 255

/**
 * Reads one option area (RFC 2132 §2) into `found`. Options that appear again are joined in order
 * of appearance (RFC 3396 §7). An area without END is taken as it is, since many clients leave it
 * out; an option that runs past the end makes the whole packet unreadable.
 */
export function readOptionArea(area: Uint8Array, found: RawOptions): Result<RawOptions> {
  let at = 0
  while (at < area.length) {
    const code = area[at++] as number
    if (code === PAD) continue
    if (code === END) break
    const length = area[at++]
    if (length === undefined || at + length > area.length) {
      return err(`option ${code} runs past the end of its area`)
    }
    const value = area.subarray(at, at + length)
    const before = found.get(code)
    found.set(code, before === undefined ? value : joined(before, value))
    at += length
  }
  return ok(found)
}

/** Bytes that `value` takes in an area, headers counted. */
export const optionBytes = (value: Uint8Array): number =>
  value.length + 2 * Math.max(1, Math.ceil(value.length / VALUE_BYTES_MAX))

/**
 * Writes one option at `at`, split into pieces of 255 where it is longer (RFC 3396 §5), and returns
 * where the next one goes. There must be room for `optionBytes(value)`.
 */
export function writeOption(area: Uint8Array, at: number, code: number, value: Uint8Array): number {
  let [next, done] = [at, 0]
  do {
    const length = Math.min(value.length - done, VALUE_BYTES_MAX)
    area[next] = code
    area[next + 1] = length
    area.set(length === value.length ? value : value.subarray(done, done + length), next + 2)
    next += 2 + length
    done += length
  } while (done < value.length)
  return next
}

/** Where in `packet` the value of each option begins; of a split one, its first piece. */
export function optionOffsets(packet: Uint8Array, from: number): ReadonlyMap<number, number> {
  const offsets = new Map<number, number>()
  let at = from
  while (at + 1 < packet.length && packet[at] !== END) {
    const code = packet[at] as number
    if (code === PAD) at++
    else {
      if (!offsets.has(code)) offsets.set(code, at + 2)
      at += 2 + (packet[at + 1] as number)
    }
  }
  return offsets
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
