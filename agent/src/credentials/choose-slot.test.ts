import type { Account } from '@brickyard/bmc/accounts'
import { describe, expect, it } from 'vitest'
import { chooseSlot, otherUser, toRetire } from './choose-slot.ts'

const slot = (number: number, name: string, enabled = name !== ''): Account => ({
  slot: String(number),
  name,
  enabled,
  privilege: enabled ? 'administrator' : 'none',
})

describe('the slot for a new login', () => {
  it('is the account’s own from before, wherever it is', () => {
    const accounts = [slot(1, ''), slot(2, 'ADMIN'), slot(3, ''), slot(7, 'brickyard-a', false)]
    expect(chooseSlot(accounts, 'brickyard-a', 'ADMIN', 'ipmi')).toEqual({ ok: true, value: '7' })
  })

  it('is an empty one, never the anonymous user’s, and never one that is on', () => {
    const accounts = [slot(1, ''), slot(2, 'ADMIN'), slot(3, '', true), slot(4, '')]
    for (const protocol of ['ipmi', 'redfish'] as const) {
      const chosen = chooseSlot(accounts, 'brickyard-a', 'ADMIN', protocol)
      expect(chosen).toEqual({ ok: true, value: '4' })
    }
  })

  it('is a new one only at a Redfish service that shows no empty ones', () => {
    const accounts = [slot(2, 'root')]
    const made = chooseSlot(accounts, 'brickyard-a', 'root', 'redfish')
    expect(made).toEqual({ ok: true, value: 'brickyard-a' })
    expect(chooseSlot(accounts, 'brickyard-a', 'root', 'ipmi').ok).toBe(false)
    // With fixed slots the anonymous one shows that there are no others.
    expect(chooseSlot([slot(1, ''), slot(2, 'root')], 'x', 'root', 'redfish').ok).toBe(false)
  })

  it('is never that of the login in use', () => {
    const accounts = [slot(2, 'brickyard-a'), slot(3, '')]
    expect(chooseSlot(accounts, 'brickyard-a', 'brickyard-a', 'ipmi').ok).toBe(false)
    expect(otherUser('ADMIN')).toBe('brickyard-a')
    expect(otherUser('brickyard-a')).toBe('brickyard-b')
    expect(otherUser('brickyard-b')).toBe('brickyard-a')
  })
})

it('only our own older logins are retired: not the one in use, not a stranger’s, none that is off', () => {
  const accounts = [
    slot(1, '', true),
    slot(2, 'ADMIN'),
    slot(3, 'brickyard-a'),
    slot(4, 'brickyard-b'),
    slot(5, 'somebody'),
    slot(6, 'old', false),
  ]
  const retired = toRetire(accounts, 'brickyard-b', ['brickyard-a', 'ADMIN', 'old', 'brickyard-b'])
  expect(retired.map(({ name }) => name)).toEqual(['ADMIN', 'brickyard-a'])
  expect(toRetire(accounts, 'brickyard-b', [undefined, ''])).toEqual([])
})
