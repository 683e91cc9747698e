import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { cipherSuite, type CipherSuiteId } from '../cipher-suite.ts'
import { NET_FN } from '../message.ts'
import { PRESENT_CHANNEL } from './channel.ts'
import type { Command, CommandRequest } from './command.ts'

/** Get Channel Cipher Suites (IPMI 2.0 §22.15); consoles that are told no suite ask for the list. */
export const GET_CHANNEL_CIPHER_SUITES: Command = { netFn: NET_FN.app, command: 0x54 }

const STANDARD_RECORD = 0xc0
const OEM_RECORD = 0xc1
const OEM_IANA_BYTES = 3
const BY_SUITE = 0x80
/** The list has at most 64 pieces (§22.15). */
export const CIPHER_SUITE_PIECES_MAX = 64
const INTEGRITY_TAG = 0x40
const CONFIDENTIALITY_TAG = 0x80
/** The list is handed out in pieces of this many bytes; a shorter piece is the last (§22.15). */
const PIECE_BYTES = 16

/** Which piece of the list a request asks for. */
export function decodeCipherSuitesRequest(data: Uint8Array): Result<{ readonly index: number }> {
  const reader = new ByteReader(data)
  reader.skip(2)
  const index = reader.u8() & 0x3f
  return reader.short ? err(`cipher suites request of ${data.length} bytes`) : ok({ index })
}

/** One piece of the records of `suites`, after the channel number. */
export function encodeCipherSuites(
  channel: number,
  suites: readonly CipherSuiteId[],
  index: number,
): Uint8Array {
  const records = new ByteWriter(64)
  for (const suite of suites.map(cipherSuite)) {
    records.u8(STANDARD_RECORD).u8(suite.id).u8(suite.authentication)
    records.u8(INTEGRITY_TAG | suite.integrity).u8(CONFIDENTIALITY_TAG | suite.confidentiality)
  }
  const piece = records.done().subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES)
  return new ByteWriter(PIECE_BYTES + 1).u8(channel).put(piece).done()
}

export const cipherSuitesRequest = (index: number): CommandRequest => ({
  ...GET_CHANNEL_CIPHER_SUITES,
  data: Uint8Array.of(PRESENT_CHANNEL, 0, BY_SUITE | index),
})

/** A piece of the records; one shorter than 16 bytes is the last. */
export function decodeCipherSuitesPiece(
  data: Uint8Array,
): Result<{ readonly records: Uint8Array; readonly last: boolean }> {
  if (data.length < 1) return err('cipher suites answer of no bytes')
  const records = data.subarray(1)
  return ok({ records, last: records.length < PIECE_BYTES })
}

/** The standard suite numbers of the records; OEM suites and algorithm bytes are passed over. */
export function suiteIdsOf(records: Uint8Array): readonly number[] {
  const ids: number[] = []
  const reader = new ByteReader(records)
  while (reader.remaining > 0) {
    const head = reader.u8()
    if (head === STANDARD_RECORD && reader.remaining > 0) ids.push(reader.u8())
    else if (head === OEM_RECORD) reader.skip(1 + OEM_IANA_BYTES)
  }
  return ids
}
