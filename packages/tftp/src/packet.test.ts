import { fromHex, toHex } from '@brickyard/std/hex'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeTftp,
  encodeAck,
  encodeBlocks,
  encodeData,
  encodeError,
  encodeOack,
  encodeRequest,
  type TftpPacket,
} from './packet.ts'

/** Bytes of commented hex: everything behind `;` on a line is for the reader. */
function vector(text: string): Uint8Array {
  const bytes = fromHex(text.replace(/;.*$/gm, ''))
  if (!bytes.ok) throw new Error(bytes.error)
  return bytes.value
}
function decoded(bytes: Uint8Array): TftpPacket {
  const packet = decodeTftp(bytes)
  if (!packet.ok) throw new Error(packet.error)
  return packet.value
}
const errorOf = (bytes: Uint8Array): string => {
  const packet = decodeTftp(bytes)
  return packet.ok ? 'decoded' : packet.error
}

/** As OVMF asks for the length, and then for the file (names of options in lower case). */
const READ_REQUEST = vector(`
  0001                               ; RRQ
  736e706f6e6c792e656669 00          ; snponly.efi
  6f63746574 00                      ; octet
  7473697a65 00 30 00                ; tsize 0
  626c6b73697a65 00 31343638 00      ; blksize 1468
  77696e646f7773697a65 00 34 00      ; windowsize 4
`)

describe('decodeTftp', () => {
  it('reads a read request with options', () => {
    expect(decoded(READ_REQUEST)).toEqual({
      kind: 'read',
      name: 'snponly.efi',
      mode: 'octet',
      options: new Map([
        ['tsize', '0'],
        ['blksize', '1468'],
        ['windowsize', '4'],
      ]),
    })
  })

  it('takes names of modes and options in any case, and the first of two options', () => {
    const bytes = vector('0001 61 00 4f43544554 00 424c4b53495a45 00 38 00 626c6b73697a65 00 39 00')
    expect(decoded(bytes)).toMatchObject({ mode: 'octet', options: new Map([['blksize', '8']]) })
  })

  it('takes a request whose last NUL is missing, and an option without value as none', () => {
    expect(decoded(vector('0001 61 00 6f63746574'))).toMatchObject({ name: 'a', mode: 'octet' })
    expect(decoded(vector('0001 61 00 6f63746574 00 7473697a65 00'))).toMatchObject({
      options: new Map(),
    })
  })

  it('reads the other packets', () => {
    expect(decoded(vector('0002 61 00 6f63746574 00'))).toMatchObject({ kind: 'write', name: 'a' })
    expect(decoded(vector('0003 ffff 0102'))).toEqual({
      kind: 'data',
      block: 65_535,
      bytes: Uint8Array.of(1, 2),
    })
    expect(decoded(vector('0004 0001'))).toEqual({ kind: 'ack', block: 1 })
    expect(decoded(vector('0005 0008 6e6f 00'))).toEqual({ kind: 'error', code: 8, message: 'no' })
    expect(decoded(vector('0006 7473697a65 00 39 00'))).toEqual({
      kind: 'oack',
      options: new Map([['tsize', '9']]),
    })
  })

  it('refuses what is no TFTP, and says why', () => {
    expect(errorOf(new Uint8Array())).toContain('too few')
    expect(errorOf(Uint8Array.of(0))).toContain('too few')
    expect(errorOf(Uint8Array.of(0, 4, 1))).toContain('too few')
    expect(errorOf(Uint8Array.of(0, 7, 0, 0))).toContain('opcode 7')
    expect(errorOf(vector('0001 61 00'))).toContain('without file name or mode')
    expect(errorOf(vector('0001 00 6f63746574 00'))).toContain('without file name or mode')
    expect(errorOf(Uint8Array.of(0, 1, ...new Uint8Array(2000).fill(0x61)))).toContain('too long')
    expect(errorOf(Uint8Array.of(0, 1, 0x61, 0, 0x62, 0, ...new Uint8Array(80)))).toContain(
      'too many',
    )
  })

  it('ends on any bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 2, 3, 4, 5, 6),
        fc.uint8Array({ maxLength: 600 }),
        (opcode, bytes) => {
          expect(typeof decodeTftp(Uint8Array.of(0, opcode, ...bytes)).ok).toBe('boolean')
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('encode', () => {
  it('writes each packet as it is read', () => {
    expect(toHex(encodeRequest('read', 'a', new Map([['tsize', '0']])))).toBe(
      toHex(vector('0001 6100 6f6374657400 7473697a6500 3000')),
    )
    expect(toHex(encodeData(65_536 + 2, Uint8Array.of(9)))).toBe('0003000209')
    const window = encodeBlocks(Uint8Array.of(1, 2, 3), { first: 65_535, count: 2, blockBytes: 2 })
    expect(window.map((packet) => toHex(packet))).toEqual(['0003ffff0102', '0003000003'])
    expect(toHex(encodeAck(65_537))).toBe('00040001')
    expect(toHex(encodeError(5, 'no'))).toBe('000500056e6f00')
    expect(toHex(encodeOack(new Map([['blksize', '8']])))).toBe('0006626c6b73697a65003800')
  })
})
