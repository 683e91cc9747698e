import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toNetascii } from './netascii.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The receiving end (RFC 764, "The NVT printer and keyboard"): CR LF is a new line, CR NUL a CR. */
function fromNetascii(text: Uint8Array): number[] {
  const file: number[] = []
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number
    if (byte !== 0x0d) file.push(byte)
    else file.push(text[++at] === 0x0a ? 0x0a : 0x0d)
  }
  return file
}

describe('toNetascii', () => {
  it.each([
    ['a\nb\n', 'a\r\nb\r\n'],
    ['a\rb', 'a\r\0b'],
    ['\r\n', '\r\0\r\n'],
    ['\n', '\r\n'],
    ['', ''],
  ])('writes %j as %j', (file, text) => {
    expect(toNetascii(bytes(file))).toEqual(bytes(text))
  })

  it('copies nothing where nothing changes', () => {
    const file = bytes('no line ends')
    expect(toNetascii(file)).toBe(file)
  })

  it('is undone by the receiver, whatever the bytes', () => {
    const any = fc.array(fc.oneof(fc.constantFrom(0, 0x0a, 0x0d), fc.integer({ min: 0, max: 255 })))
    fc.assert(
      fc.property(any, (file) => {
        expect(fromNetascii(toNetascii(Uint8Array.from(file)))).toEqual(file)
      }),
    )
  })
})
