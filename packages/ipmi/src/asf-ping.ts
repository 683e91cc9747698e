import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { encodeRmcp } from './rmcp.ts'

const ASF_IANA = 4542
const TYPE_PING = 0x80
const TYPE_PONG = 0x40
const PONG_DATA_BYTES = 16
/** "IPMI is supported here, and ASF version 1.0" (IPMI 2.0 §13.2.4, byte 9 of the data). */
const ENTITIES_IPMI = 0x81

/** A presence ping or its answer, by which a BMC is found before anybody logs in (IPMI 2.0 §13.2.3). */
export type AsfMessage =
  | { readonly kind: 'ping'; readonly tag: number }
  | { readonly kind: 'pong'; readonly tag: number; readonly ipmi: boolean }

/** Reads the body of an RMCP message of class ASF. */
export function decodeAsf(body: Uint8Array): Result<AsfMessage> {
  const reader = new ByteReader(body)
  const iana = reader.u32()
  const type = reader.u8()
  const tag = reader.u8()
  reader.skip(1)
  const data = reader.take(reader.u8())
  if (reader.short) return err(`ASF message of ${body.length} bytes is cut short`)
  if (iana !== ASF_IANA) return err(`ASF enterprise number is ${iana}, not ${ASF_IANA}`)
  if (type === TYPE_PING) return ok({ kind: 'ping', tag })
  if (type !== TYPE_PONG) return err(`ASF message type is ${type}; expected ping or pong`)
  if (data.length < PONG_DATA_BYTES) return err(`ASF pong carries ${data.length} bytes, not 16`)
  return ok({ kind: 'pong', tag, ipmi: ((data[8] as number) & 0x80) !== 0 })
}

const asf = (type: number, tag: number, data: Uint8Array): Uint8Array =>
  encodeRmcp(
    'asf',
    new ByteWriter(32).u32(ASF_IANA).u8(type).u8(tag).u8(0).u8(data.length).put(data).done(),
  )

/** A whole presence ping datagram. `tag` 0..254 comes back in the answer. */
export const encodeAsfPing = (tag: number): Uint8Array => asf(TYPE_PING, tag, new Uint8Array(0))

/** A whole presence pong datagram: "IPMI lives here". */
export function encodeAsfPong(tag: number): Uint8Array {
  const data = new ByteWriter(PONG_DATA_BYTES)
    .u32(ASF_IANA)
    .u32(0)
    .u8(ENTITIES_IPMI)
    .zeroes(7)
    .done()
  return asf(TYPE_PONG, tag, data)
}
