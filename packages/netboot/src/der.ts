/** Tags of DER (X.690 §8) that signatures and certificates consist of. */
export const TAG = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  first: 0xa0,
  fourth: 0xa3,
}

export interface Element {
  readonly tag: number
  readonly value: Uint8Array
  /** With tag and length. */
  readonly whole: Uint8Array
}

/** Elements in one container; a signature has a handful, a certificate's outermost level three. */
const ELEMENTS_MAX = 64

/** What a container holds (X.690 §8); undefined where it is no DER. */
export function elementsOf(bytes: Uint8Array): Element[] | undefined {
  const found: Element[] = []
  for (let at = 0; at < bytes.length;) {
    const element = elementAt(bytes, at)
    if (element === undefined || found.length === ELEMENTS_MAX) return undefined
    found.push(element)
    at += element.whole.length
  }
  return found
}

/** One tag of a byte, a definite length of at most three bytes, and that many bytes. */
function elementAt(bytes: Uint8Array, at: number): Element | undefined {
  const [tag, short] = [bytes[at], bytes[at + 1]]
  if (tag === undefined || short === undefined) return undefined
  const more = short < 0x80 ? 0 : short & 0x7f
  if (short === 0x80 || more > 3) return undefined
  let length = more === 0 ? short : 0
  for (let n = 0; n < more; n++) length = length * 256 + (bytes[at + 2 + n] ?? 0)
  const start = at + 2 + more
  if (start + length > bytes.length) return undefined
  const whole = bytes.subarray(at, start + length)
  return { tag, value: bytes.subarray(start, start + length), whole }
}
