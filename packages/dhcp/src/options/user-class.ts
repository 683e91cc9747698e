import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'
import { bytesFromText, textFromBytes } from '../text.ts'

/**
 * RFC 3004 §4: a list of classes, each with a length byte. iPXE (like many clients) sends the bare
 * text `iPXE` without a length; what does not parse as a list is taken as one class.
 */
export const userClasses: OptionCodec<readonly string[]> = {
  code: 77,
  decode(bytes) {
    if (bytes.length === 0) return err('option 77 is empty; expected user classes')
    return ok(listed(bytes) ?? [textFromBytes(bytes)])
  },
  encode: (classes) =>
    Uint8Array.from(
      classes.flatMap((name) => {
        const bytes = bytesFromText(name)
        return [bytes.length, ...bytes]
      }),
    ),
}

function listed(bytes: Uint8Array): string[] | undefined {
  const classes: string[] = []
  let at = 0
  while (at < bytes.length) {
    const length = bytes[at++] as number
    if (length === 0 || at + length > bytes.length) return undefined
    classes.push(textFromBytes(bytes.subarray(at, at + length)))
    at += length
  }
  return classes
}
