import { toHex } from '@brickyard/std/hex'
import { describe, expect, it } from 'vitest'
import { decodeLacpPdu, encodeLacpPdu, type LacpState } from './lacp-pdu.ts'

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

/** As Linux 6.1 (Debian 12, bonding by netplan with `lacp-rate: fast`) sent it while its aggregate came up. */
const LINUX = [
  '0180c2000002', // slow protocols
  '52540098000f', // from
  '8809',
  '01', // LACP
  '01', // version
  '0114', // actor, 20 bytes
  'ffff', // system priority
  'a298d1ea0b43', // system
  '000f', // key
  '00ff', // port priority
  '0002', // port
  '0f', // active, short timeout, aggregation, in sync
  '000000',
  '0214', // partner, 20 bytes
  '8000', // what the switch said of itself
  '020000980001',
  '0001',
  '8000',
  '0001',
  '0f',
  '000000',
  '0310', // collector, 16 bytes
  '0000', // maximum delay
  '00'.repeat(12),
  '0000', // terminator
  '00'.repeat(50),
].join('')
const IN_SYNC: LacpState = {
  activity: true,
  shortTimeout: true,
  aggregation: true,
  synchronization: true,
  collecting: false,
  distributing: false,
  defaulted: false,
  expired: false,
}

describe('an LACPDU', () => {
  it('of Linux is read, and written as Linux writes it', () => {
    const pdu = decodeLacpPdu(bytesOf(LINUX))
    expect(pdu).toEqual({
      ok: true,
      value: {
        actor: {
          systemPriority: 65_535,
          system: 'a2:98:d1:ea:0b:43',
          key: 15,
          portPriority: 255,
          port: 2,
          state: IN_SYNC,
        },
        partner: {
          systemPriority: 0x8000,
          system: '02:00:00:98:00:01',
          key: 1,
          portPriority: 0x8000,
          port: 1,
          state: IN_SYNC,
        },
      },
    })
    if (pdu.ok) expect(toHex(encodeLacpPdu(pdu.value, '52:54:00:98:00:0f'))).toBe(LINUX)
  })

  it('with a later version is read as far as this one goes', () => {
    expect(decodeLacpPdu(bytesOf(LINUX.replace('88090101', '88090102')))).toEqual(
      decodeLacpPdu(bytesOf(LINUX)),
    )
  })

  it('that is none, is cut short or has its parts in another order is refused', () => {
    const told = (hex: string): string => {
      const read = decodeLacpPdu(bytesOf(hex))
      return read.ok ? '' : read.error
    }
    expect(told(LINUX.replace('88090101', '88090201'))).toContain('no LACPDU')
    expect(told(LINUX.replace('0114ffff', '0214ffff'))).toContain('actor')
    expect(told(LINUX.replace('02148000', '02108000'))).toContain('partner')
    for (let length = 0; length < 55; length++) {
      expect(told(LINUX.slice(0, length * 2))).not.toBe('')
    }
  })
})
