import { fromHex, toHex } from '@brickyard/std/hex'
import { describe, expect, it } from 'vitest'
import { decodeAsf, encodeAsfPing, encodeAsfPong } from './asf-ping.ts'
import { DATAGRAM_BYTES_MAX, decodeRmcp, encodeRmcp } from './rmcp.ts'

const bytes = (hex: string): Uint8Array => {
  const parsed = fromHex(hex)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

// The ping `ipmiping` and `ipmitool` send, as laid out in IPMI 2.0 §13.2.3.
const PING = `
  06 00 ff 06     RMCP 1.0, reserved, no ACK, class ASF
  00 00 11 be     ASF's enterprise number 4542
  80 2a 00 00     presence ping, tag 42, reserved, no data
`
const PONG = `
  06 00 ff 06
  00 00 11 be
  40 2a 00 10     presence pong, tag 42, 16 bytes
  00 00 11 be     no OEM: ASF's own number
  00 00 00 00     OEM defined
  81 00           IPMI supported, ASF 1.0; no interactions
  00 00 00 00 00 00
`
const strip = (commented: string): Uint8Array =>
  bytes(
    commented
      .split('\n')
      .map((line) => /^\s*((?:[0-9a-f]{2} ?)*)(?:\s|$)/.exec(line)?.[1] ?? '')
      .join(' '),
  )

describe('presence ping', () => {
  it('is the ping of the specification', () => {
    expect(toHex(encodeAsfPing(42))).toBe(toHex(strip(PING)))
    expect(toHex(encodeAsfPong(42))).toBe(toHex(strip(PONG)))
  })

  it('is read back', () => {
    const ping = decodeRmcp(strip(PING))
    expect(ping).toMatchObject({ ok: true, value: { messageClass: 'asf' } })
    if (!ping.ok) return
    expect(decodeAsf(ping.value.body)).toEqual({ ok: true, value: { kind: 'ping', tag: 42 } })
    expect(decodeAsf(strip(PONG).subarray(4))).toEqual({
      ok: true,
      value: { kind: 'pong', tag: 42, ipmi: true },
    })
  })

  it('refuses a data length that runs over the end', () => {
    expect(decodeAsf(bytes('00 00 11 be 40 2a 00 11 00')).ok).toBe(false)
  })
})

describe('RMCP header', () => {
  it.each([
    ['short', '06 00 ff'],
    ['another version', '05 00 ff 07'],
    ['an ACK', '06 00 01 87'],
    ['an OEM class', '06 00 ff 08'],
  ])('refuses %s', (_name, hex) => {
    expect(decodeRmcp(bytes(hex)).ok).toBe(false)
  })

  it('refuses more bytes than any message has', () => {
    expect(decodeRmcp(encodeRmcp('ipmi', new Uint8Array(DATAGRAM_BYTES_MAX - 4))).ok).toBe(true)
    expect(decodeRmcp(encodeRmcp('ipmi', new Uint8Array(DATAGRAM_BYTES_MAX - 3))).ok).toBe(false)
  })
})
