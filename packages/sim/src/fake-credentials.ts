import type { SledName } from '@brickyard/model/names'
import { err, ok, type Result } from '@brickyard/std/result'

/** Hides a text from a search of the disk, and nothing more: fast and the same in every run. */
const turned = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x5a)

/** An appliance's secrets for simulations: passwords as given, records that only their sled opens. */
export const fakeCredentials = (
  bmcPassword: (sled: SledName) => Result<string>,
  pduSecret: (pdu: string) => Result<string> = () => err('no secret is set for this PDU'),
) => ({
  bmcPassword,
  pduSecret,
  boxSecret: (): Uint8Array => new Uint8Array(32).fill(0x2a),
  seal: (sled: string, password: string): Uint8Array =>
    turned(new TextEncoder().encode(`${sled} ${password}`)),
  open(sled: string, sealed: Uint8Array): Result<string> {
    const text = new TextDecoder().decode(turned(sealed))
    return text.startsWith(`${sled} `)
      ? ok(text.slice(sled.length + 1))
      : err('it is the record of another sled')
  },
})
