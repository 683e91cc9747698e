import { describe, expect, it } from 'vitest'
import { negotiate } from './negotiate.ts'

const asked = (options: Record<string, string>) => negotiate(new Map(Object.entries(options)), 9000)
const accepted = (options: Record<string, string>) => Object.fromEntries(asked(options).accepted)

describe('negotiate', () => {
  it('keeps to RFC 1350 without options', () => {
    expect(asked({})).toEqual({
      transfer: { blockBytes: 512, windowBlocks: 1, timeoutMs: 1000 },
      accepted: new Map(),
    })
  })

  it('grants what is asked within its limits', () => {
    expect(asked({ blksize: '1024', windowsize: '16', timeout: '3', tsize: '0' })).toEqual({
      transfer: { blockBytes: 1024, windowBlocks: 16, timeoutMs: 3000 },
      accepted: new Map([
        ['blksize', '1024'],
        ['timeout', '3'],
        ['windowsize', '16'],
        ['tsize', '9000'],
      ]),
    })
  })

  it('grants less where more would break into fragments or flood the client', () => {
    expect(accepted({ blksize: '65464', windowsize: '65535' })).toEqual({
      blksize: '1468',
      windowsize: '64',
    })
  })

  it('declines what makes no sense by leaving it out (RFC 2347 §2)', () => {
    for (const blksize of ['7', '65465', '-1', '0x200', '', '512 ', '9'.repeat(40)]) {
      expect(accepted({ blksize })).toEqual({})
    }
    for (const windowsize of ['0', '65536']) expect(accepted({ windowsize })).toEqual({})
    // A timeout must come back unchanged or not at all (RFC 2349 §2).
    for (const timeout of ['0', '256', '61']) expect(accepted({ timeout })).toEqual({})
    expect(accepted({ multicast: '', rollover: '0' })).toEqual({})
  })
})
