import { describe, expect, it } from 'vitest'
import { admit } from './admit.ts'
import type { TftpPacket } from './packet.ts'

const files = new Map([['snponly.efi', 1]])
const ask = (packet: Partial<TftpPacket>): number | string => {
  const full = { kind: 'read', name: 'snponly.efi', mode: 'octet', options: new Map(), ...packet }
  const admitted = admit(full as TftpPacket, files)
  return admitted.ok ? admitted.value.name : admitted.error.code
}

describe('admit', () => {
  it('reads a listed file, with or without a leading slash', () => {
    expect(ask({})).toBe('snponly.efi')
    expect(ask({ name: '/snponly.efi' })).toBe('snponly.efi')
  })
  it('knows no other name, however it is written', () => {
    for (const name of [
      '',
      '/',
      '../snponly.efi',
      './snponly.efi',
      'a/../snponly.efi',
      '/etc/passwd',
      '__proto__',
      'SNPONLY.EFI',
    ]) {
      expect(ask({ name })).toBe(1)
    }
  })
  it('reads as bytes and as text, and knows no other mode', () => {
    expect(ask({ mode: 'netascii' })).toBe('snponly.efi')
    for (const mode of ['mail', 'octet2', 'x']) expect(ask({ mode })).toBe(4)
  })
  it('refuses to be written, and what begins no transfer', () => {
    expect(ask({ kind: 'write' })).toBe(2)
    expect(ask({ kind: 'ack', block: 0 })).toBe(5)
  })
})
