import type { BmcExposure } from '@brickyard/bmc/exposure'
import { describe, expect, it } from 'vitest'
import {
  checkExposure,
  chooseProfile,
  isMakersLogin,
  settingOf,
  withDrift,
  type Looked,
} from './check-intake.ts'

const TIGHT: BmcExposure = {
  anonymousLogins: false,
  nullUsers: false,
  cipherZeroOffered: false,
  open: ['ipmi'],
}
const KEY = 'a'.repeat(64)
const looked = (more: Partial<Looked> = {}): Looked => ({
  protocol: 'ipmi',
  makersLogin: false,
  exposure: TIGHT,
  cipherZero: 'refused',
  redfishThere: false,
  accounts: [{ slot: '2', name: 'brickyard', enabled: true, privilege: 'administrator' }],
  pin: undefined,
  ...more,
})
const ids = (more: Partial<Looked>) =>
  checkExposure(looked(more)).map(({ id, severity }) => `${id} ${severity}`)

describe('what is open on a BMC', () => {
  it('is nothing on one that is as it should be', () => {
    expect(ids({})).toEqual([])
    expect(ids({ exposure: undefined, accounts: undefined, cipherZero: 'silent' })).toEqual([])
  })

  it('is each way in that needs no secret', () => {
    expect(ids({ cipherZero: 'taken' })).toEqual(['cipher-zero critical'])
    expect(ids({ exposure: { ...TIGHT, cipherZeroOffered: true } })).toEqual([
      'cipher-zero-listed warning',
    ])
    expect(ids({ makersLogin: true })).toEqual(['makers-login critical'])
    expect(ids({ exposure: { ...TIGHT, anonymousLogins: true } })).toEqual([
      'anonymous-logins critical',
    ])
    const nameless = { slot: '1', name: '', enabled: true, privilege: 'operator' } as const
    expect(ids({ accounts: [nameless] })).toEqual(['nameless-account critical'])
    expect(ids({ accounts: [{ ...nameless, enabled: false }] })).toEqual([])
    expect(ids({ accounts: [{ ...nameless, privilege: 'none' }] })).toEqual([])
    expect(ids({ exposure: { ...TIGHT, nullUsers: true } })).toEqual(['null-users warning'])
  })

  it('is each way that nobody needs', () => {
    expect(ids({ redfishThere: true })).toEqual(['ipmi-for-redfish warning'])
    const redfish = { protocol: 'redfish', pin: { kind: 'declared' } } as const
    const silent = { ...redfish, cipherZero: 'silent' } as const
    expect(ids({ ...silent, exposure: { ...TIGHT, open: [] } })).toEqual([])
    expect(ids({ ...silent, exposure: TIGHT })).toEqual(['ipmi-open warning'])
    expect(ids({ ...redfish, exposure: { ...TIGHT, open: [] } })).toEqual(['ipmi-open warning'])
    const open = ['snmp-v1', 'snmp-v2c', 'telnet'] as const
    expect(ids({ exposure: { ...TIGHT, open } })).toEqual(['snmp-v1 warning', 'telnet warning'])
    expect(ids({ exposure: { ...TIGHT, open: ['snmp-v2c'] } })).toEqual(['snmp-v2c info'])
  })

  it('is a key that nobody knows, or that was taken on trust, or that is another', () => {
    const silent = { protocol: 'redfish', cipherZero: 'silent', exposure: undefined } as const
    expect(ids({ ...silent, pin: { kind: 'none' } })).toEqual(['unpinned warning'])
    expect(ids({ ...silent, pin: { kind: 'learned', spkiSha256: KEY, isNew: false } })).toEqual([
      'pin-on-trust info',
    ])
    const other = { kind: 'changed', spkiSha256: KEY, shown: 'b'.repeat(64) } as const
    expect(ids({ ...silent, pin: other })).toEqual(['key-changed critical'])
  })

  it('is a login that everybody can look up', () => {
    expect(isMakersLogin({ user: 'root', password: 'calvin' })).toBe(true)
    expect(isMakersLogin({ user: 'ADMIN', password: 'ADMIN' })).toBe(true)
    expect(isMakersLogin({ user: 'USERID', password: 'PASSW0RD' })).toBe(true)
    expect(isMakersLogin({ user: 'brickyard', password: '' })).toBe(true)
    expect(isMakersLogin({ user: 'brickyard', password: 'kR7-calvin' })).toBe(false)
  })
})

describe('settings', () => {
  it('are those for the model, else those for every model', () => {
    const all = { restorePolicy: 'as-before' } as const
    const own = { model: 'o19-half', restorePolicy: 'stay-off' } as const
    expect(chooseProfile([all, own], ['o19-half'])).toBe(own)
    expect(chooseProfile([all, own], [undefined, null, 'other'])).toBe(all)
    expect(chooseProfile([own], ['other'])).toBe(undefined)
    expect(chooseProfile(undefined, ['other'])).toBe(undefined)
  })

  it('that were as wanted and no longer are have drifted, and say so', () => {
    const good = settingOf('p', { found: 'on', wanted: 'on' })
    const off = settingOf(
      'p',
      { found: 'off', wanted: 'on' },
      { state: 'set', detail: 'read back' },
    )
    expect(good.state).toBe('as-wanted')
    expect(withDrift([good], [off])[0]?.detail).toBe(
      "it was 'on' when it was last looked at; read back",
    )
    expect(withDrift([off], [good])).toEqual([good])
    expect(withDrift([], [off])).toEqual([off])
    const differs = settingOf('p', { found: 'off', wanted: 'on' })
    expect(withDrift([differs], [differs])).toEqual([differs])
    // The site wants another thing than before: that is no drift.
    const other = settingOf('p', { found: 'on', wanted: 'off' })
    expect(withDrift([good], [other])).toEqual([other])
  })
})
