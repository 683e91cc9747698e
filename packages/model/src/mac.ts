import { toHex } from '@brickyard/std/hex'
import { err, ok, type Result } from '@brickyard/std/result'

declare const brand: unique symbol

/** A 48-bit Ethernet address in its one canonical form: lower-case hex with colons. */
export type Mac = string & { readonly [brand]: 'Mac' }

export const Mac = {
  /** Accepts colons, dashes, Cisco dots or no separator. */
  parse(text: string): Result<Mac> {
    const digits = text.toLowerCase().replace(/[:.-]/g, '')
    if (!/^[0-9a-f]{12}$/.test(digits)) {
      return err(`'${text}' is no MAC address such as 52:54:00:12:34:56`)
    }
    return ok((digits.match(/../g) as string[]).join(':') as Mac)
  },

  /** From exactly six bytes. */
  fromBytes(bytes: Uint8Array): Result<Mac> {
    if (bytes.length !== 6) return err(`a MAC address has 6 bytes, not ${bytes.length}`)
    return ok(toHex(bytes, ':') as Mac)
  },

  toBytes(mac: Mac): Uint8Array {
    return Uint8Array.from(mac.split(':'), (pair) => Number.parseInt(pair, 16))
  },
}
