import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'

/** Slave address of a BMC and software id of a remote console (IPMI 2.0 §5.4, §5.5). */
const BMC_ADDRESS = 0x20
const CONSOLE_ADDRESS = 0x81

/** Network functions we use; answers carry the number plus one (IPMI 2.0 §5.1). */
export const NET_FN = {
  chassis: 0x00,
  sensor: 0x04,
  app: 0x06,
  storage: 0x0a,
  transport: 0x0c,
  /** "Group extension": the first data byte names the group, e.g. DCMI. */
  group: 0x2c,
} as const

/** Requester sequence numbers have six bits. */
export const REQUESTER_SEQUENCES = 64

export interface IpmiRequest {
  readonly netFn: number
  readonly command: number
  /** 0..63; an answer repeats it. */
  readonly requesterSequence: number
  readonly data: Uint8Array
}

export interface IpmiResponse {
  /** Network function of the request (even); on the wire it is one more. */
  readonly netFn: number
  readonly command: number
  readonly requesterSequence: number
  readonly completionCode: number
  readonly data: Uint8Array
}

/** Two's complement of the sum: all bytes and their checksum add up to zero (IPMI 2.0 §13.8). */
export function checksum(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += bytes[i] as number
  return -sum & 0xff
}

function frame(head: readonly [number, number], tail: readonly number[], data: Uint8Array) {
  const bytes = new ByteWriter(8 + tail.length + data.length).u8(head[0]).u8(head[1])
  bytes.u8(-(head[0] + head[1]) & 0xff)
  for (const byte of tail) bytes.u8(byte)
  const open = bytes.put(data).done()
  return new ByteWriter(open.length + 1).put(open).u8(checksum(open, 3)).done()
}

/** A LAN request message, lun 0 (IPMI 2.0 §13.8, table 13-8). */
export const encodeRequest = (request: IpmiRequest): Uint8Array =>
  frame(
    [BMC_ADDRESS, request.netFn << 2],
    [CONSOLE_ADDRESS, request.requesterSequence << 2, request.command],
    request.data,
  )

/** A LAN response message, lun 0. */
export const encodeResponse = (response: IpmiResponse): Uint8Array =>
  frame(
    [CONSOLE_ADDRESS, (response.netFn + 1) << 2],
    [BMC_ADDRESS, response.requesterSequence << 2, response.command, response.completionCode],
    response.data,
  )

function unframe(bytes: Uint8Array, least: number): Result<ByteReader> {
  if (bytes.length < least) return err(`IPMI message of ${bytes.length} bytes; at least ${least}`)
  if (checksum(bytes, 0, 3) !== 0) return err('IPMI message: header checksum is wrong')
  if (checksum(bytes, 3) !== 0) return err('IPMI message: data checksum is wrong')
  return ok(new ByteReader(bytes, 0, bytes.length - 1))
}

/** Reads a request addressed to the BMC. */
export function decodeRequest(bytes: Uint8Array): Result<IpmiRequest> {
  const reader = unframe(bytes, 7)
  if (!reader.ok) return reader
  const to = reader.value.u8()
  const netFnLun = reader.value.u8()
  reader.value.skip(2)
  const sequenceLun = reader.value.u8()
  const command = reader.value.u8()
  const netFn = netFnLun >> 2
  if (to !== BMC_ADDRESS) return err(`request is for address ${to}, not the BMC`)
  if (netFn % 2 !== 0) return err(`network function ${netFn} is an answer, not a request`)
  const data = reader.value.rest()
  return ok({ netFn, command, requesterSequence: sequenceLun >> 2, data })
}

/** Reads an answer of the BMC. */
export function decodeResponse(bytes: Uint8Array): Result<IpmiResponse> {
  const reader = unframe(bytes, 8)
  if (!reader.ok) return reader
  reader.value.skip(1)
  const netFn = reader.value.u8() >> 2
  reader.value.skip(2)
  const requesterSequence = reader.value.u8() >> 2
  const command = reader.value.u8()
  const completionCode = reader.value.u8()
  if (netFn % 2 !== 1) return err(`network function ${netFn} is a request, not an answer`)
  const data = reader.value.rest()
  return ok({ netFn: netFn - 1, command, requesterSequence, completionCode, data })
}
