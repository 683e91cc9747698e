import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type HubClient } from '@brickyard/api/client'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { nodeHttpClient } from '@brickyard/runtime/node/http'
import { nodeIdentity } from '@brickyard/runtime/node/identity'
import { argon2Password } from '@brickyard/runtime/node/password'
import { systemRandom } from '@brickyard/runtime/node/random'
import { readBody, type TlsTrust } from '@brickyard/runtime/http'
import type { CertificateGrant, CertifiedKey } from '@brickyard/runtime/identity'
import { Days, MiB } from '@brickyard/std/units'
import { recordingLog } from '@brickyard/sim/recording-log'
import { afterEach, describe, expect, it } from 'vitest'
import { must, rackDocument, sledFacts } from '../../../test/scenarios/hub-rig.ts'
import { dialReally, enrolReally, helloOf } from '../../../test/scenarios/real-site.ts'
import { hubConfigSchema } from '../config.ts'
import { createHub } from '../hub.ts'
import { listenAgents, listenApi } from './listeners.ts'
import { nodeRawCheck } from './raw-check.ts'
import { sqliteDialect } from './sqlite.ts'

const cleanUp: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const work of cleanUp.splice(0).reverse()) await work()
})

interface RealHub {
  readonly folder: string
  readonly apiUrl: string
  readonly agentsUrl: string
  readonly operator: HubClient
  readonly token: string
}

/** The hub's own authority, to make what time alone makes otherwise: a certificate that is over. */
async function authorityOf({ folder }: RealHub): Promise<CertifiedKey> {
  const text = Buffer.from((await nodeFiles.read(`${folder}/keys/authority.pem`)) ?? []).toString()
  const at = text.indexOf('-----BEGIN PRIVATE KEY-----')
  return { certPem: text.slice(0, at), keyPem: text.slice(at) }
}

async function realHub(): Promise<RealHub> {
  const folder = mkdtempSync(join(tmpdir(), 'brickyard-hub-'))
  cleanUp.push(() => rmSync(folder, { recursive: true }))
  const config = hubConfigSchema.parse({
    dataFolder: folder,
    publicUrl: 'http://localhost',
    agentHosts: ['127.0.0.1'],
    users: [{ name: 'admin', password: 'brick by brick', role: 'operator' }],
  })
  const hub = createHub(config, {
    clock: systemClock,
    random: systemRandom,
    log: recordingLog(),
    identity: nodeIdentity,
    password: argon2Password,
    files: nodeFiles,
    database: sqliteDialect(join(folder, 'hub.db')),
    rawCheck: nodeRawCheck,
  })
  await hub.start()
  cleanUp.push(() => hub.stop())
  const api = await listenApi(hub.api, { host: '127.0.0.1', port: 0 })
  cleanUp.push(() => api.close())
  const agents = await listenAgents(hub.agentListener, { host: '127.0.0.1', port: 0 })
  cleanUp.push(() => agents.close())
  const apiUrl = `http://127.0.0.1:${api.port}`
  const login = await createClient({ fetch, baseUrl: apiUrl }).login('admin', 'brick by brick')
  const token = must(login).token ?? ''
  const operator = createClient({ fetch, baseUrl: apiUrl, token })
  return { folder, apiUrl, agentsUrl: `https://127.0.0.1:${agents.port}`, operator, token }
}

async function realSite({ operator, agentsUrl }: RealHub, name: string) {
  must(await operator.sites.create({ name }))
  must(await operator.sites.putRack(name, rackDocument(name, 2)))
  return await enrolReally(operator, name, agentsUrl)
}

describe('a hub on real sockets', () => {
  it('enrols a site, takes its journal over mutual TLS and sends it what is wanted', async () => {
    const hub = await realHub()
    const tls = await realSite(hub, 'edge-1')
    const site = await dialReally(hub.agentsUrl, tls)
    site.send(helloOf('edge-1', { lastSeq: 1 }))
    expect(await site.next('welcome')).toMatchObject({ ackedSeq: 0 })
    expect((await site.next('wanted')).delta).toMatchObject({ generation: 1, base: null })
    const body = { what: 'disk', reason: '3 % left' }
    site.send({
      v: 1,
      kind: 'events',
      epoch: 'epoch-1',
      events: [{ seq: 1, atMs: 1, kind: 'site.trouble', body }],
    })
    expect(await site.next('ack')).toMatchObject({ seq: 1 })
    const requestPem = await nodeIdentity.requestCertificate(tls.keyPem ?? '', 'edge-1')
    site.send({ v: 1, kind: 'renew', requestPem })
    const { certPem } = await site.next('certificate')
    site.link.close(1000, '')
    const again = await dialReally(hub.agentsUrl, { ...tls, certPem })
    again.send(helloOf('edge-1', { lastSeq: 1, wantedGeneration: 1 }))
    expect(await again.next('welcome')).toMatchObject({ ackedSeq: 1 })
  })

  it('refuses a link without a certificate, and one with a certificate of another hub', async () => {
    const hub = await realHub()
    const { caPem } = await realSite(hub, 'edge-1')
    const nobody = await dialReally(hub.agentsUrl, { caPem })
    nobody.send(helloOf('edge-1'))
    expect((await nobody.next('refused')).reason).toContain('certificate')
    await nobody.closed

    const other = await realHub()
    const { certPem, keyPem } = await realSite(other, 'edge-1')
    const forger = await dialReally(hub.agentsUrl, { caPem, certPem, keyPem })
    forger.send(helloOf('edge-1'))
    await forger.closed
    expect(forger.frames.filter(({ kind }) => kind !== 'refused')).toEqual([])
  })

  it('renews a certificate past its time for its own key, and opens nothing else to it', async () => {
    const hub = await realHub()
    const tls = await realSite(hub, 'edge-1')
    const { caPem, keyPem = '' } = tls
    const authority = await authorityOf(hub)
    const grant = (days: number) => ({
      commonName: 'edge-1',
      use: 'client' as const,
      hosts: [],
      notBeforeMs: Date.now() - Days(days + 30),
      notAfterMs: Date.now() - Days(days),
    })
    const requestPem = await nodeIdentity.requestCertificate(keyPem, 'edge-1')
    const expired = async (by: CertifiedKey, days: number, use: Partial<CertificateGrant> = {}) => {
      const certPem = await nodeIdentity.issue(by, requestPem, { ...grant(days), ...use })
      return { caPem, keyPem, certPem }
    }
    const http = nodeHttpClient()
    cleanUp.push(() => http.close())
    const renew = async (trust: TlsTrust, request = requestPem) => {
      const answer = must(
        await http.request({
          method: 'POST',
          url: `${hub.agentsUrl}/renew`,
          body: JSON.stringify({ requestPem: request }),
          tls: trust,
        }),
      )
      const text = Buffer.from(await readBody(answer.body, 65_536)).toString('utf8')
      return {
        status: answer.status,
        ...(JSON.parse(text) as { reason?: string; certPem?: string }),
      }
    }

    const old = await expired(authority, 100)
    const link = await dialReally(hub.agentsUrl, old)
    link.send(helloOf('edge-1'))
    expect((await link.next('refused')).reason).toContain('has expired')
    const blob = await http.request({
      method: 'GET',
      url: `${hub.agentsUrl}/blobs/${'0'.repeat(64)}`,
      tls: old,
    })
    expect(must(blob).status).toBe(401)

    const nobody = await renew({ caPem })
    expect([nobody.status, nobody.reason]).toEqual([403, expect.stringContaining('is needed')])
    const forger = await nodeIdentity.newAuthority('Brickyard hub', 10)
    expect((await renew(await expired(forger, 100))).status).toBe(403)
    expect((await renew(await expired(authority, 181))).reason).toContain('180 days of grace')
    const another = await nodeIdentity.requestCertificate(await nodeIdentity.newKey(), 'edge-1')
    expect((await renew(old, another)).reason).toContain('not for the key in use')
    expect((await renew(await expired(authority, 9, { commonName: 'edge-2' }))).status).toBe(403)

    const renewed = await renew(old)
    expect(renewed.status).toBe(200)
    const again = await dialReally(hub.agentsUrl, { caPem, keyPem, certPem: renewed.certPem })
    again.send(helloOf('edge-1'))
    await again.next('welcome')
    const { items } = must(await hub.operator.attention())
    expect(items.map(({ what }) => what)).toContainEqual(
      expect.stringContaining('100 days past its time'),
    )

    // Somebody enrolled anew for the site: the old key is nobody's.
    await enrolReally(hub.operator, 'edge-1', hub.agentsUrl)
    expect((await renew(old)).reason).toContain('enrolled anew')
  })

  it('takes an image as a stream and serves it to the site by range', async () => {
    const hub = await realHub()
    const tls = await realSite(hub, 'edge-1')
    const bytes = new Uint8Array(3 * 2 ** 20).map((_, i) => i * 31)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    must(
      await hub.operator.images.create({
        name: 'debian',
        sha256,
        bytes: bytes.length,
        format: 'raw',
        arch: 'x86_64',
        firmware: ['uefi', 'bios'],
        rawSha256: sha256,
        rawBytes: bytes.length,
        minDiskBytes: bytes.length,
      }),
    )
    const stream = new Blob([bytes]).stream() as ReadableStream<Uint8Array<ArrayBuffer>>
    expect(must(await hub.operator.images.putContent(sha256, stream)).state).toBe('ready')

    const site = await dialReally(hub.agentsUrl, tls)
    site.send(helloOf('edge-1'))
    await site.next('welcome')
    const facts = { kind: 'sled.facts', body: sledFacts('sled-01') }
    const ready = {
      sled: 'sled-01',
      from: 'inspected',
      to: 'ready',
      reason: '',
      deadlineAtMs: null,
    }
    site.send({
      v: 1,
      kind: 'events',
      epoch: 'epoch-1',
      events: [
        { seq: 1, atMs: 1, ...facts },
        { seq: 2, atMs: 2, kind: 'sled.state', body: ready },
      ],
    })
    await site.next('ack')
    must(await hub.operator.deployments.create({ count: 1, image: 'debian' }))
    const http = nodeHttpClient()
    cleanUp.push(() => http.close())
    const response = must(
      await http.request({
        method: 'GET',
        url: `${hub.agentsUrl}/blobs/${sha256}`,
        headers: { range: `bytes=${2 ** 20}-` },
        tls,
      }),
    )
    expect(response.status).toBe(206)
    const rest = await readBody(response.body, bytes.length)
    expect(Buffer.from(rest).equals(Buffer.from(bytes.subarray(2 ** 20)))).toBe(true)
  })

  it('takes a request whose body comes in chunks, and one without a body', async () => {
    const hub = await realHub()
    // Without a length fetch sends it in chunks.
    const signIn = async (more = '') =>
      await fetch(`${hub.apiUrl}/v1/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: new Blob([
          JSON.stringify({ user: 'admin', password: 'brick by brick' }),
          more,
        ]).stream(),
        duplex: 'half',
      })
    expect((await signIn()).status).toBe(201)
    expect((await signIn(' '.repeat(MiB(1)))).status).toBe(413)
    const headers = { authorization: `Bearer ${hub.token}` }
    const ended = await fetch(`${hub.apiUrl}/v1/sessions/current`, { method: 'DELETE', headers })
    expect(ended.status).toBe(204)
  })

  it('sends changes live until the reader goes away', async () => {
    const hub = await realHub()
    const leaving = new AbortController()
    const lines = hub.operator.live(leaving.signal)
    const first = lines.next()
    must(await hub.operator.sites.create({ name: 'edge-9' }))
    expect((await first).value).toEqual({ kind: 'site', id: 'edge-9' })
    leaving.abort()
    await expect(lines.next()).rejects.toThrow()
    expect((await hub.operator.sites.list()).ok).toBe(true)
  })
})
