import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { STATUS } from './status-code.ts'

/** Algorithm numbers proposed by the console or taken by the BMC (IPMI 2.0 §13.17, §13.18). */
export interface Algorithms {
  readonly authentication: number
  readonly integrity: number
  readonly confidentiality: number
}

export interface OpenSessionRequest {
  readonly tag: number
  /** Highest privilege asked for; 0 lets the BMC choose. */
  readonly privilege: number
  readonly consoleSessionId: number
  readonly algorithms: Algorithms
}

export type OpenSessionResponse =
  | {
      readonly kind: 'opened'
      readonly tag: number
      readonly privilege: number
      readonly consoleSessionId: number
      readonly bmcSessionId: number
      readonly algorithms: Algorithms
    }
  | { readonly kind: 'refused'; readonly tag: number; readonly status: number }

const ALGORITHM_PAYLOAD_BYTES = 8

function putAlgorithms(writer: ByteWriter, algorithms: Algorithms): void {
  const { authentication, integrity, confidentiality } = algorithms
  for (const [type, algorithm] of [authentication, integrity, confidentiality].entries()) {
    writer.u8(type).zeroes(2).u8(ALGORITHM_PAYLOAD_BYTES).u8(algorithm).zeroes(3)
  }
}

function takeAlgorithms(reader: ByteReader): Result<Algorithms> {
  const found: number[] = []
  for (let type = 0; type < 3; type++) {
    const payload = reader.take(ALGORITHM_PAYLOAD_BYTES)
    if (reader.short) return err('algorithm payloads are cut short')
    if (payload[0] !== type) return err(`algorithm payload ${type} has type ${payload[0]}`)
    if (payload[3] !== ALGORITHM_PAYLOAD_BYTES) return err('algorithm payload length is not 8')
    found.push((payload[4] as number) & 0x3f)
  }
  const [authentication = 0, integrity = 0, confidentiality = 0] = found
  return ok({ authentication, integrity, confidentiality })
}

/** RMCP+ Open Session Request (IPMI 2.0 §13.17). */
export function encodeOpenSessionRequest(request: OpenSessionRequest): Uint8Array {
  const writer = new ByteWriter(32).u8(request.tag).u8(request.privilege).zeroes(2)
  putAlgorithms(writer.u32le(request.consoleSessionId), request.algorithms)
  return writer.done()
}

export function decodeOpenSessionRequest(bytes: Uint8Array): Result<OpenSessionRequest> {
  const reader = new ByteReader(bytes)
  const tag = reader.u8()
  const privilege = reader.u8() & 0x0f
  reader.skip(2)
  const consoleSessionId = reader.u32le()
  const algorithms = takeAlgorithms(reader)
  if (!algorithms.ok) return err(`Open Session Request: ${algorithms.error}`)
  return ok({ tag, privilege, consoleSessionId, algorithms: algorithms.value })
}

/** RMCP+ Open Session Response (IPMI 2.0 §13.18); a refusal ends after the console's session id. */
export function encodeOpenSessionResponse(
  response: OpenSessionResponse,
  consoleSessionId: number,
): Uint8Array {
  const writer = new ByteWriter(36).u8(response.tag)
  if (response.kind === 'refused') {
    return writer.u8(response.status).zeroes(2).u32le(consoleSessionId).done()
  }
  writer.u8(STATUS.ok).u8(response.privilege).u8(0)
  writer.u32le(consoleSessionId).u32le(response.bmcSessionId)
  putAlgorithms(writer, response.algorithms)
  return writer.done()
}

export function decodeOpenSessionResponse(bytes: Uint8Array): Result<OpenSessionResponse> {
  const reader = new ByteReader(bytes)
  const tag = reader.u8()
  const status = reader.u8()
  if (reader.short) return err('Open Session Response has no status')
  // Refusals come in several lengths from real BMCs; the status is all that counts.
  if (status !== STATUS.ok) return ok({ kind: 'refused', tag, status })
  const privilege = reader.u8() & 0x0f
  reader.skip(1)
  const consoleSessionId = reader.u32le()
  const bmcSessionId = reader.u32le()
  const algorithms = takeAlgorithms(reader)
  if (!algorithms.ok) return err(`Open Session Response: ${algorithms.error}`)
  if (bmcSessionId === 0) return err('Open Session Response: the BMC session id is zero')
  return ok({
    kind: 'opened',
    tag,
    privilege,
    consoleSessionId,
    bmcSessionId,
    algorithms: algorithms.value,
  })
}
