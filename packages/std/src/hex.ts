import { err, ok, type Result } from './result.ts'

/** Every byte as text: servers write several addresses for each packet. */
const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hex of `bytes`, with `separator` between bytes. */
export function toHex(bytes: Uint8Array, separator = ''): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) {
    if (i > 0) text += separator
    text += PAIRS[bytes[i] as number] as string
  }
  return text
}

/** Bytes of a hex text; white space, `:` and `-` between bytes are allowed. */
export function fromHex(text: string): Result<Uint8Array> {
  const digits = text.replace(/[\s:-]/g, '')
  if (digits.length % 2 !== 0) return err(`hex text has an odd number of digits: '${text}'`)
  if (!/^[0-9a-fA-F]*$/.test(digits)) return err(`not hex: '${text}'`)
  const bytes = new Uint8Array(digits.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16)
  }
  return ok(bytes)
}
