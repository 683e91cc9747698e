import { describe, expect, it } from 'vitest'
import { describeFake, fakeIdentity, provesItself } from './fake-identity.ts'
import { seededRandom } from './seeded-random.ts'
import { handshake } from './virtual-http.ts'

const HOSTS = { hosts: ['hub'], notBeforeMs: 0, notAfterMs: 1000 }

async function people() {
  const identity = fakeIdentity(seededRandom('identity'))
  const authority = await identity.newAuthority('hub', 1)
  const certified = async (commonName: string, use: 'client' | 'server') => {
    const keyPem = await identity.newKey()
    const request = await identity.requestCertificate(keyPem, 'whatever')
    return {
      keyPem,
      certPem: await identity.issue(authority, request, { commonName, use, ...HOSTS }),
    }
  }
  return {
    identity,
    authority,
    hub: await certified('hub', 'server'),
    site: await certified('edge-1', 'client'),
  }
}

describe('fake certificates', () => {
  it('prove whose they are, to the right authority, with their own key, in their time', async () => {
    const { identity, authority, site, hub } = await people()
    const other = await identity.newAuthority('other', 1)
    expect(provesItself(site.certPem, site.keyPem, authority.certPem, 500)).toBe(true)
    expect(provesItself(site.certPem, site.keyPem, authority.certPem, 1000)).toBe(false)
    expect(provesItself(site.certPem, hub.keyPem, authority.certPem, 500)).toBe(false)
    expect(provesItself(site.certPem, site.keyPem, other.certPem, 500)).toBe(false)
  })

  it('are checked in a handshake at both ends', async () => {
    const { authority, site, hub } = await people()
    const tls = { certPem: hub.certPem, clientAuthorityPem: authority.certPem }
    const pin = describeFake(hub.certPem).spkiSha256
    const trust = { caPem: authority.certPem, spkiSha256: pin, ...site }
    expect(handshake(tls, trust, 500)).toMatchObject({ ok: true, value: { commonName: 'edge-1' } })
    expect(handshake(tls, { ...trust, spkiSha256: 'x' }, 500).ok).toBe(false)
    expect(handshake(tls, {}, 500).ok).toBe(false)
    const { commonName, spkiSha256, notAfterMs } = describeFake(site.certPem)
    const expired = { commonName, spkiSha256, notAfterMs }
    expect(handshake(tls, trust, 1000)).toEqual({ ok: true, value: { expired } })
    const forged = { ...trust, keyPem: hub.keyPem }
    expect(handshake(tls, forged, 1000)).toEqual({ ok: true, value: {} })
    expect(handshake(tls, { unverified: true }, 500)).toEqual({ ok: true, value: {} })
  })

  it('refuse a request that is none', async () => {
    const { identity, authority } = await people()
    const grant = { commonName: 'x', use: 'client', ...HOSTS } as const
    await expect(identity.issue(authority, 'junk', grant)).rejects.toThrow('no certificate request')
  })
})
