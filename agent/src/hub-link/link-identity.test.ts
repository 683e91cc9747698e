import { formatEnrolmentToken } from '@brickyard/protocol/enrolment'
import type { HttpClient, HttpRequest } from '@brickyard/runtime/http'
import { fakeIdentity } from '@brickyard/sim/fake-identity'
import { memoryFiles } from '@brickyard/sim/memory-files'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { err, ok } from '@brickyard/std/result'
import { Days } from '@brickyard/std/units'
import type { SiteName } from '@brickyard/model/names'
import { describe, expect, it } from 'vitest'
import { enrol, isDueForRenewal, loadIdentity } from './link-identity.ts'

const SITE = 'edge-1' as SiteName

async function rig(answer: { status?: number; certPem?: string; body?: string } = {}) {
  const identity = fakeIdentity(seededRandom('enrol'))
  const authority = await identity.newAuthority('hub', 365)
  const pin = identity.describe(authority.certPem).spkiSha256
  const files = memoryFiles()
  const asked: HttpRequest[] = []
  const http: HttpClient = {
    async request(request) {
      asked.push(request)
      const body = request.url.endsWith('/authority')
        ? authority.certPem
        : (answer.body ?? JSON.stringify({ site: SITE, certPem: 'C', actKeyPem: 'A' }))
      const status = request.url.endsWith('/authority') ? 200 : (answer.status ?? 200)
      return ok({ status, headers: {}, body: bytes(body) })
    },
  }
  const token = (pinned = pin): string =>
    formatEnrolmentToken({ site: SITE, authoritySpkiSha256: pinned, secret: 's'.repeat(32) })
  return { parts: { http, identity, files, folder: '/link' }, asked, token, authority, files }
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

describe('enrolment', () => {
  it('trusts the authority only by the token’s pin, and keeps what it was given', async () => {
    const { parts, asked, token, authority, files } = await rig()
    const enrolled = await enrol(parts, 'https://hub:7443', token(), SITE)
    expect(enrolled).toMatchObject({ ok: true, value: { site: SITE, certPem: 'C' } })
    expect(asked.map(({ url, tls }) => [url, tls])).toEqual([
      ['https://hub:7443/authority', { unverified: true }],
      ['https://hub:7443/enrol', { caPem: authority.certPem }],
    ])
    expect(await loadIdentity(files, '/link')).toEqual(enrolled.ok && enrolled.value)
  })

  it('shows its token to nobody whose authority is another', async () => {
    const { parts, asked, token, files } = await rig()
    const enrolled = await enrol(parts, 'https://hub:7443', token('0'.repeat(64)), SITE)
    expect(!enrolled.ok && enrolled.error).toContain('not the one the token names')
    expect(asked).toHaveLength(1)
    expect(await loadIdentity(files, '/link')).toBeUndefined()
  })

  it('refuses a token of another site, or none at all, before asking anybody', async () => {
    const { parts, asked, token } = await rig()
    expect((await enrol(parts, 'https://hub', token(), 'edge-2')).ok).toBe(false)
    expect((await enrol(parts, 'https://hub', 'nonsense', SITE)).ok).toBe(false)
    expect(asked).toEqual([])
  })

  it('passes on why the hub refused, and keeps nothing', async () => {
    const { parts, token, files } = await rig({ status: 403, body: '{"reason":"it was used"}' })
    const enrolled = await enrol(parts, 'https://hub', token(), SITE)
    expect(!enrolled.ok && enrolled.error).toContain('it was used')
    expect(await loadIdentity(files, '/link')).toBeUndefined()
  })

  it('survives a hub that is away or answers nonsense', async () => {
    const { parts, token } = await rig({ body: '<html>' })
    expect((await enrol(parts, 'https://hub', token(), SITE)).ok).toBe(false)
    const away: HttpClient = {
      request: async () => err({ kind: 'connect', message: 'ECONNREFUSED' }),
    }
    expect(await enrol({ ...parts, http: away }, 'https://hub', token(), SITE)).toEqual(
      err('ECONNREFUSED'),
    )
  })

  it('renews from the middle of a certificate’s life on', () => {
    const facts = { commonName: '', spkiSha256: '', notBeforeMs: 0, notAfterMs: Days(30) }
    expect([isDueForRenewal(facts, Days(15) - 1), isDueForRenewal(facts, Days(15))]).toEqual([
      false,
      true,
    ])
  })
})
