import { createHash } from 'node:crypto'
import type { HubClient } from '@brickyard/api/client'
import { describe, expect, it } from 'vitest'
import {
  hubRig,
  must,
  rackDocument,
  sledName,
  type HubRig,
} from '../../../test/scenarios/hub-rig.ts'

const content = new Uint8Array(4096).fill(7)
const sha256 = createHash('sha256').update(content).digest('hex')

async function addImage(client: HubClient): Promise<void> {
  must(
    await client.images.create({
      name: 'debian',
      sha256,
      bytes: content.length,
      format: 'raw',
      arch: 'x86_64',
      firmware: ['uefi', 'bios'],
      rawSha256: sha256,
      rawBytes: content.length,
      minDiskBytes: content.length,
    }),
  )
  must(await client.images.putContent(sha256, content))
}

const problemCode = (answer: Awaited<ReturnType<HubClient['deployments']['get']>>): string =>
  answer.ok ? 'ok' : answer.error.kind === 'problem' ? answer.error.problem.code : 'unreachable'

describe('signing in', () => {
  const login = (rig: HubRig, password: string, headers = {}): Promise<Response> =>
    rig.fetch(
      new Request('http://hub.test/v1/sessions', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ user: 'operator', password }),
      }),
    )

  it('sets a cookie that no script reads and no other site sends', async () => {
    const rig = await hubRig()
    const response = await login(rig, 'secret')
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(response.status).toBe(201)
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    await rig.stop()
  })

  it('makes a guesser wait, and lets the right one in afterwards', async () => {
    const rig = await hubRig()
    const statuses: number[] = []
    for (let i = 0; i < 11; i++) statuses.push((await login(rig, `guess ${i}`)).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429])
    expect((await login(rig, 'secret')).status).toBe(429)
    await rig.clock.advance(301_000)
    expect((await login(rig, 'secret')).status).toBe(201)
    await rig.stop()
  })

  it('ends with its time, and by signing out', async () => {
    const rig = await hubRig()
    const one = await rig.signIn('viewer')
    const two = await rig.signIn('viewer')
    must(await one.logout())
    expect((await one.session()).ok).toBe(false)
    expect((await two.session()).ok).toBe(true)
    await rig.clock.advance(12 * 3_600_000)
    expect((await two.session()).ok).toBe(false)
    await rig.stop()
  })

  it('takes a write with the cookie only from the console’s own origin', async () => {
    const rig = await hubRig()
    const response = await login(rig, 'secret')
    const cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const create = async (name: string, headers: Record<string, string>): Promise<number> => {
      const request = new Request('http://hub.test/v1/sites', {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ name }),
      })
      return (await rig.fetch(request)).status
    }
    expect(await create('a', {})).toBe(403)
    expect(await create('a', { origin: 'http://evil.test' })).toBe(403)
    expect(await create('a', { 'sec-fetch-site': 'same-site' })).toBe(403)
    expect(await create('a', { origin: 'http://hub.test' })).toBe(201)
    expect(await create('b', { 'sec-fetch-site': 'same-origin' })).toBe(201)
    expect((await login(rig, 'secret', { origin: 'http://evil.test' })).status).toBe(403)
    await rig.stop()
  })
})

describe('rows', () => {
  it('of images and deployments belong to their tenant', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await site.makeReady(sledName(1))
    const [operator, stranger] = [await rig.signIn('operator'), await rig.signIn('stranger')]
    await addImage(operator)
    const mine = must(await operator.deployments.create({ count: 1, image: 'debian' }))
    expect(must(await stranger.images.list()).items).toEqual([])
    expect((await stranger.images.get(sha256)).ok).toBe(false)
    expect(must(await stranger.deployments.list()).items).toEqual([])
    expect(problemCode(await stranger.deployments.get(mine.id))).toBe('not-found')
    expect(problemCode(await stranger.deployments.release(mine.id))).toBe('not-found')
    expect(problemCode(await stranger.deployments.create({ count: 1, image: sha256 }))).toBe(
      'invalid',
    )
    await rig.stop()
  })

  it('of a site that is not there are refused by its name, and not an empty list', async () => {
    const rig = await hubRig()
    await rig.site('edge-1')
    await rig.site('edge-2', 2, 'land')
    const lists = async (who: Parameters<typeof rig.signIn>[0], site: string) => {
      const client = await rig.signIn(who)
      return [
        await client.sleds.list({ site }),
        await client.events.list({ site }),
        ...(who === 'landlord' ? [] : [await client.operations.list({ site })]),
      ].map((answer) => (answer.ok ? 'ok' : answer.error))
    }
    const nowhere = {
      kind: 'problem',
      problem: { status: 404, code: 'not-found', detail: "there is no site 'nowhere'" },
    }
    expect(await lists('operator', 'nowhere')).toMatchObject([nowhere, nowhere, nowhere])
    expect(await lists('operator', 'edge-1')).toEqual(['ok', 'ok', 'ok'])
    expect(await lists('landlord', 'edge-2')).toEqual(['ok', 'ok'])
    expect(await lists('landlord', 'edge-1')).not.toContain('ok')
    await rig.stop()
  })

  it('of sites belong to their owner', async () => {
    const rig = await hubRig()
    const ours = await rig.site('edge-1')
    const theirs = await rig.site('edge-2', 2, 'land')
    await ours.tell({ kind: 'site.trouble', body: { what: 'a', reason: 'b' } })
    await theirs.tell({ kind: 'site.trouble', body: { what: 'c', reason: 'd' } })
    const landlord = await rig.signIn('landlord')
    expect(must(await landlord.sites.list()).items.map(({ name }) => name)).toEqual(['edge-2'])
    expect((await landlord.sites.get('edge-1')).ok).toBe(false)
    expect((await landlord.sites.rack('edge-1')).ok).toBe(false)
    expect(must(await landlord.sleds.list()).items).toHaveLength(2)
    expect((await landlord.sleds.get('edge-1', sledName(1))).ok).toBe(false)
    expect(must(await landlord.events.list()).items.map(({ site }) => site)).toEqual(['edge-2'])
    expect(must(await landlord.attention()).items.map(({ site }) => site)).toEqual(['edge-2'])
    expect(must(await landlord.overview()).siteCountByLink).toEqual({ connected: 1 })
    await rig.stop()
  })

  it('come in pages that hold every row once', async () => {
    const rig = await hubRig()
    await rig.site('edge-1', 7)
    await rig.site('edge-2', 6)
    const operator = await rig.signIn('operator')
    const seen: string[] = []
    let pageToken: string | undefined
    do {
      const page = must(await operator.sleds.list({ limit: 4, pageToken }))
      seen.push(...page.items.map(({ site, name }) => `${site}/${name}`))
      pageToken = page.nextPage ?? undefined
    } while (pageToken !== undefined)
    expect(seen).toHaveLength(13)
    expect(new Set(seen).size).toBe(13)
    expect((await operator.sleds.list({ pageToken: 'nonsense' })).ok).toBe(true)
    await rig.stop()
  })
})

describe('deployments', () => {
  it('are made once for one Idempotency-Key', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await site.makeReady(sledName(1))
    await site.makeReady(sledName(2))
    const operator = await rig.signIn('operator')
    await addImage(operator)
    const asked = { count: 1, image: 'debian' }
    const first = must(await operator.deployments.create(asked, 'key-1'))
    const again = must(await operator.deployments.create(asked, 'key-1'))
    expect(again.id).toBe(first.id)
    expect(problemCode(await operator.deployments.create({ ...asked, count: 2 }, 'key-1'))).toBe(
      'key-reused',
    )
    expect(must(await operator.deployments.create(asked, 'key-2')).id).not.toBe(first.id)
    await rig.stop()
  })

  it('never share a sled, and free it when they are released', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await site.makeReady(sledName(1))
    const operator = await rig.signIn('operator')
    await addImage(operator)
    const asked = { count: 1, image: 'debian' }
    const [one, two] = await Promise.all([
      operator.deployments.create(asked),
      operator.deployments.create(asked),
    ])
    expect([must(one).state, must(two).state].sort()).toEqual(['provisioning', 'refused'])
    const refused = must(one).state === 'refused' ? must(one) : must(two)
    expect(refused.placement.refused).toContainEqual(
      expect.objectContaining({ sled: 'sled-01', rule: 'sled-state' }),
    )
    expect(problemCode(await operator.deployments.release(refused.id))).toBe('deployment-refused')
    await rig.stop()
  })

  it('are not placed at a site that is away', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await site.makeReady(sledName(1))
    const operator = await rig.signIn('operator')
    await addImage(operator)
    await rig.clock.advance(100_000)
    const refused = must(await operator.deployments.create({ count: 1, image: 'debian' }))
    expect(must(await operator.attention()).items).toContainEqual(
      expect.objectContaining({ id: `deployment/${refused.id}`, deployment: refused.id }),
    )
    expect(refused.placement.refused).toMatchObject([{ rule: 'site-link', sled: null }])
    await rig.stop()
  })

  it('need an image with content, sane names and known sleds', async () => {
    const rig = await hubRig()
    await rig.site('edge-1')
    const operator = await rig.signIn('operator')
    const ask = async (change: object): Promise<string> =>
      problemCode(await operator.deployments.create({ count: 1, image: 'debian', ...change }))
    expect(await ask({})).toBe('invalid')
    await addImage(operator)
    expect(await ask({ hostname: 'no_name' })).toBe('invalid')
    expect(await ask({ count: 2, hostname: 'same' })).toBe('invalid')
    expect(await ask({ constraints: { spread: 'pack', sleds: ['edge-1/nobody'] } })).toBe('invalid')
    expect(await ask({ count: 0 })).toBe('bad-request')
    expect(await ask({ constraints: { spread: 'pack', sleds: ['edge-1/sled-01'] } })).toBe('ok')
    await rig.stop()
  })

  it('keep their sleds in the rack document', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1', 2)
    await site.makeReady(sledName(2))
    const operator = await rig.signIn('operator')
    await addImage(operator)
    must(await operator.deployments.create({ count: 1, image: 'debian' }))
    expect(await operator.sites.putRack('edge-1', rackDocument('edge-1', 1))).toMatchObject({
      ok: false,
      error: { problem: { causes: [{ field: 'sleds' }] } },
    })
    await rig.stop()
  })

  it('are previewed without being made', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await site.makeReady(sledName(1))
    const operator = await rig.signIn('operator')
    await addImage(operator)
    const preview = must(await operator.deployments.preview({ count: 1, image: 'debian' }))
    expect(preview.placed).toMatchObject([{ site: 'edge-1', sled: 'sled-01' }])
    expect(must(await operator.deployments.list()).items).toEqual([])
    await rig.stop()
  })
})

describe('what needs a person', () => {
  it('lists setbacks, strangers and silence, worst first, and forgets what is settled', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const state = (sled: string, to: string) => ({
      kind: 'sled.state',
      body: { sled, from: null, to, reason: 'because', deadlineAtMs: null },
    })
    await site.tell(
      state(sledName(1), 'failed'),
      state(sledName(2), 'held'),
      {
        kind: 'dhcp.unknown-client',
        body: { network: 'prov', mac: '02:00:00:00:00:05', vendor: null },
      },
      {
        kind: 'sled.place',
        body: {
          sled: sledName(3),
          grade: 'conflicting',
          witnesses: [{ kind: 'dhcp', says: 'slot 4', atMs: 1 }],
        },
      },
      {
        kind: 'sled.firmware',
        body: {
          sled: sledName(4),
          items: [{ component: 'bmc', version: '1', verdict: 'behind', reason: 'update to 2' }],
        },
      },
    )
    const operator = await rig.signIn('operator')
    const ids = async (): Promise<string[]> =>
      must(await operator.attention()).items.map(({ id }) => id)
    expect(await ids()).toEqual([
      'sled-state/edge-1/sled-01',
      expect.stringMatching(/./),
      expect.stringMatching(/./),
      expect.stringMatching(/./),
      'sled-firmware/edge-1/sled-04',
    ])
    await site.tell(state(sledName(1), 'ready'))
    must(await operator.sites.putRack('edge-1', rackDocument('edge-1', 5)))
    expect((await ids()).sort()).toEqual([
      'sled-firmware/edge-1/sled-04',
      'sled-place/edge-1/sled-03',
      'sled-state/edge-1/sled-02',
    ])
    await rig.clock.advance(100_000)
    expect((await ids())[0]).toBe('site-away/edge-1')
    await rig.stop()
  })
})

describe('the live feed', () => {
  async function open(
    rig: HubRig,
    user: 'operator' | 'landlord' | 'tenant',
    lastId?: string,
  ): Promise<() => Promise<string>> {
    const response = await rig.fetch(
      new Request('http://hub.test/v1/live', {
        headers: {
          authorization: `Bearer ${await rig.token(user)}`,
          ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
        },
      }),
    )
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    let text = ''
    const read = async (): Promise<void> => {
      const { value, done } = await reader.read()
      if (done) return
      text += Buffer.from(value).toString('utf8')
      await read()
    }
    void read()
    return async () => {
      await rig.clock.advance(0)
      return text
    }
  }

  it('tells of changes, beats, and goes on after a break', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const text = await open(rig, 'operator')
    await site.makeReady(sledName(1))
    expect(await text()).toContain('data: {"kind":"sled","id":"edge-1/sled-01"}')
    await rig.clock.advance(15_000)
    expect(await text()).toContain(': still here')
    const ids = [...(await text()).matchAll(/^id: (\d+)$/gm)].map((match) => match[1])
    const resumed = await open(rig, 'operator', ids[0])
    expect(await resumed()).toContain('data: {"kind":"sled","id":"edge-1/sled-01"}')
    const stale = await open(rig, 'operator', '12')
    expect(await stale()).toContain('event: reset')
    await rig.stop()
  })

  it('tells nobody of rows that are not theirs', async () => {
    const rig = await hubRig()
    const ours = await rig.site('edge-1')
    const theirs = await rig.site('edge-2', 2, 'land')
    const landlord = await open(rig, 'landlord')
    const tenant = await open(rig, 'tenant')
    await ours.makeReady(sledName(1))
    await theirs.makeReady(sledName(2))
    await addImage(await rig.signIn('operator'))
    expect(await landlord()).toContain('edge-2/sled-02')
    expect(await landlord()).not.toContain('edge-1')
    expect(await landlord()).not.toContain('image')
    expect(await tenant()).toContain('image')
    expect(await tenant()).not.toContain('sled')
    await rig.stop()
  })
})

describe('the console’s files', () => {
  it('are served under a policy that lets nothing out', async () => {
    const rig = await hubRig()
    const response = await rig.fetch(new Request('http://hub.test/'))
    const policy = response.headers.get('content-security-policy')
    expect(policy?.split('; ')[0]).toBe("default-src 'self'")
    expect(policy).not.toMatch(/unsafe|data:|\*/)
    expect(await response.text()).toContain('not built')
    expect((await rig.fetch(new Request('http://hub.test/assets/none.js'))).status).toBe(404)
    await rig.stop()
  })
})
