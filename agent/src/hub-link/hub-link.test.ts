import { generateKeyPairSync } from 'node:crypto'
import type { SiteName, SledName } from '@brickyard/model/names'
import { signAct } from '@brickyard/protocol/acts'
import {
  decodeSiteFrame,
  encodeFrame,
  type HubFrame,
  type SiteFrame,
} from '@brickyard/protocol/frames'
import { eventPrint } from '@brickyard/protocol/journal-fork'
import type { Clock } from '@brickyard/runtime/clock'
import { migrate } from '@brickyard/runtime/store'
import { openNodeStore } from '@brickyard/runtime/node/store'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { fakeIdentity } from '@brickyard/sim/fake-identity'
import { memoryFiles } from '@brickyard/sim/memory-files'
import { recordingLog } from '@brickyard/sim/recording-log'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { err, ok } from '@brickyard/std/result'
import { Days, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { createSerialDesk } from '../bmc/serial-desk.ts'
import type { Wish } from '../operations/act-check.ts'
import type { SiteOperations } from '../operations/site-operations.ts'
import { ackedSeq, eventsAfter, latestEvents } from '../store/journal.ts'
import { READINGS_MIGRATIONS } from '../store/migrations.ts'
import { openSiteStore } from '../store/site-store.ts'
import { createHubLink } from './hub-link.ts'
import { loadIdentity, saveIdentity } from './link-identity.ts'
import { createReadingsBuffer } from './readings-buffer.ts'
import { createWantedStore } from './wanted-store.ts'

const ACT_KEYS = generateKeyPairSync('ed25519')
const SITE = 'edge-1' as SiteName

/** The hub's end of one connection: what came in, and what to say. */
class HubEnd {
  readonly frames: SiteFrame[] = []
  readonly aliveAtMs: number[] = []
  open = true
  /** Answers every `alive`, as hubs do. */
  answersAlive = false
  readonly #clock: Clock
  constructor(clock: Clock) {
    this.#clock = clock
  }
  #take: (message: string | Uint8Array) => void = () => undefined
  #closed: (code: number, reason: string) => void = () => undefined
  readonly link: WebSocketLink = {
    peer: { address: '', port: 0 },
    send: (message) => {
      const frame = decodeSiteFrame(String(message))
      if (!frame.ok) throw new Error(`the agent sent ${frame.error}`)
      this.frames.push(frame.value)
      if (frame.value.kind !== 'alive') return
      this.aliveAtMs.push(this.#clock.monotonicMs())
      if (this.answersAlive) this.say({ v: 1, kind: 'heard' })
    },
    bufferedBytes: () => 0,
    onMessage: (take) => (this.#take = take),
    onClose: (take) => (this.#closed = take),
    close: () => (this.open = false),
  }
  say(frame: HubFrame): void {
    this.#take(encodeFrame(frame))
  }
  sayText(text: string): void {
    this.#take(text)
  }
  hangUp(): void {
    this.open = false
    this.#closed(1006, 'gone')
  }
  of<K extends SiteFrame['kind']>(kind: K): (SiteFrame & { kind: K })[] {
    return this.frames.filter((frame): frame is SiteFrame & { kind: K } => frame.kind === kind)
  }
  events(): number[] {
    return this.of('events').flatMap(({ events }) => events.map(({ seq }) => seq))
  }
}

async function* piecesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

async function rig() {
  const clock = virtualClock()
  const random = seededRandom('hub-link')
  const log = recordingLog()
  const files = memoryFiles()
  const store = openNodeStore({ path: ':memory:', durable: false })
  const readingsStore = openNodeStore({ path: ':memory:', durable: false })
  migrate(readingsStore, READINGS_MIGRATIONS)
  const site = openSiteStore({ store, clock, random })
  const identity = fakeIdentity(random)
  const authority = await identity.newAuthority('hub', 3650)
  const keyPem = await identity.newKey()
  const grant = {
    commonName: SITE,
    use: 'client',
    hosts: [],
    notBeforeMs: clock.wallMs(),
    notAfterMs: clock.wallMs() + Days(30),
  } as const
  const request = await identity.requestCertificate(keyPem, SITE)
  const certPem = await identity.issue(authority, request, grant)
  const actKeyPem = ACT_KEYS.publicKey.export({ type: 'spki', format: 'pem' }) as string
  await saveIdentity(files, '/link', {
    site: SITE,
    keyPem,
    certPem,
    authorityPem: authority.certPem,
    actKeyPem,
  })
  const ends: HubEnd[] = []
  const net = { up: true, proven: true, renewed: undefined as string | undefined }
  const asked: string[] = []
  const wishes: Wish[] = []
  const operations: SiteOperations = {
    reconcile: () => undefined,
    regain: () => ({ ok: false, error: 'not asked here' }),
    outOfReach: () => [],
    request(wish) {
      wishes.push(wish)
      return ok(undefined)
    },
    begin: () => err('unused'),
    doubt: () => undefined,
  }
  const wanted = createWantedStore(site, undefined)
  const readings = createReadingsBuffer({ store: readingsStore, clock, log })
  const link = createHubLink({
    hub: { url: 'https://hub:7443' },
    folder: '/link',
    siteName: SITE,
    agentVersion: '1',
    bootId: 'boot',
    clock,
    random,
    http: {
      request: ({ url }) => {
        asked.push(url)
        const { renewed } = net
        const body = JSON.stringify(renewed === undefined ? { reason: 'no' } : { certPem: renewed })
        const status = renewed === undefined ? 403 : 200
        return Promise.resolve(ok({ status, headers: {}, body: piecesOf(body) }))
      },
    },
    dialer: {
      async dial() {
        if (!net.up) return err('no way')
        const end = new HubEnd(clock)
        ends.push(end)
        return ok(end.link)
      },
    },
    files,
    identity,
    log,
    site,
    readings,
    wanted,
    operations,
    clockProven: () => net.proven,
    look: async (what) =>
      JSON.stringify(what).includes('boot') ? ok({ of: 'it' }) : err('no idea'),
    serial: createSerialDesk({
      site,
      clock,
      random,
      log,
      rack: () => undefined,
      connect: () => err({ kind: 'refused', message: 'no BMC' }),
    }),
    onWelcome: () => undefined,
    onWanted: () => undefined,
  })
  const trouble = (count: number): void => {
    for (let n = 0; n < count; n++) {
      site.commit((change) => change.event('site.trouble', { what: 'x', reason: `${n}` }))
    }
  }
  const last = (): HubEnd => ends.at(-1) as HubEnd
  const welcome = async (ackedSeq: number, ackedPrint?: string | null): Promise<HubEnd> => {
    await clock.runUntil(() => last().open, Minutes(3))
    last().say({ v: 1, kind: 'welcome', ackedSeq, ackedPrint, hubMs: clock.wallMs() })
    await clock.advance(Seconds(3))
    return last()
  }
  await link.start()
  await clock.advance(Seconds(1))
  const world = { clock, site, wanted, readings, link, ends, net, wishes, files, log, identity }
  return { ...world, asked, authority, grant, trouble, last, welcome }
}

const acked = (made: Awaited<ReturnType<typeof rig>>): number => made.site.read(ackedSeq)

describe('journal over the link', () => {
  it('says hello with its epoch and last number, and sends nothing before it is welcome', async () => {
    const made = await rig()
    made.trouble(3)
    await made.clock.advance(Seconds(5))
    expect(made.last().frames.map(({ kind }) => kind)).toEqual(['hello'])
    expect(made.last().frames[0]).toMatchObject({ site: SITE, epoch: made.site.epoch })
  })

  it('sends what the hub does not hold, in order, and what comes later', async () => {
    const made = await rig()
    made.trouble(5)
    made.last().say({ v: 1, kind: 'welcome', ackedSeq: 2, hubMs: 0 })
    expect(made.last().events()).toEqual([3, 4, 5])
    made.trouble(1)
    expect(made.last().events()).toEqual([3, 4, 5, 6])
  })

  it('sends again what was not acknowledged when the link broke', async () => {
    const made = await rig()
    made.trouble(4)
    const first = await made.welcome(0)
    first.say({ v: 1, kind: 'ack', epoch: made.site.epoch, seq: 2 })
    expect(acked(made)).toBe(2)
    first.hangUp()
    const second = await made.welcome(2)
    expect(second).not.toBe(first)
    expect(second.events()).toEqual([3, 4])
  })

  it('has at most 400 events on the way', async () => {
    const made = await rig()
    made.trouble(1000)
    const end = await made.welcome(0)
    expect(end.events()).toHaveLength(400)
    end.say({ v: 1, kind: 'ack', epoch: made.site.epoch, seq: 150 })
    expect(end.events()).toHaveLength(550)
  })

  it('ignores acknowledgements of another journal, and of what was never sent', async () => {
    const made = await rig()
    made.trouble(2)
    const end = await made.welcome(0)
    end.say({ v: 1, kind: 'ack', epoch: 'another', seq: 2 })
    end.say({ v: 1, kind: 'ack', epoch: made.site.epoch, seq: 99 })
    expect(acked(made)).toBe(0)
  })

  it('begins a new journal when the hub’s last event is another: its store was set back', async () => {
    const made = await rig()
    made.trouble(4)
    const { epoch } = made.site
    const prints = made.site.read((sql) => eventsAfter(sql, 0, 9).map(eventPrint))
    const another = 'f'.repeat(64)
    const end = await made.welcome(4, another)
    for (let round = 0; round < 5 && end.open; round++) {
      const seq = end.of('journal-ask').at(-1)?.seq ?? 0
      const print = seq <= 2 ? (prints[seq - 1] ?? null) : another
      end.say({ v: 1, kind: 'journal-held', epoch, seq, print })
    }
    expect([end.events(), end.open]).toEqual([[], false])
    expect(made.site.epoch).not.toBe(epoch)
    const next = await made.welcome(0, null)
    expect(next.frames[0]).toMatchObject({ epoch: made.site.epoch, lastSeq: 3 })
    const sent = next.of('events').flatMap(({ events }) => events)
    expect(sent.map(({ kind }) => kind)).toEqual([
      'site.trouble',
      'site.trouble',
      'journal.set-back',
    ])
    expect(sent.map(({ body }) => body).slice(0, 2)).toMatchObject([
      { reason: '2' },
      { reason: '3' },
    ])
    expect(sent[2]?.body).toEqual({ previousEpoch: epoch, commonSeq: 2, hubSeq: 4, carried: 2 })
  })

  it('hangs up on a hub that does not say what it holds', async () => {
    const made = await rig()
    made.trouble(8)
    const end = await made.welcome(8, 'f'.repeat(64))
    end.say({ v: 1, kind: 'journal-held', epoch: 'another', seq: 4, print: null })
    await made.clock.advance(Seconds(31))
    expect([end.of('journal-ask'), end.open]).toMatchObject([[{ seq: 4 }], false])
  })

  it('hangs up on a hub that acknowledges nothing, and dials again', async () => {
    const made = await rig()
    const first = await made.welcome(0)
    made.trouble(1)
    await made.clock.advance(Minutes(5))
    expect(first.open).toBe(false)
    expect(made.ends.length).toBeGreaterThan(1)
  })

  it('hangs up on a hub that answers everything and takes nothing', async () => {
    const made = await rig()
    const first = await made.welcome(0)
    first.answersAlive = true
    made.trouble(1)
    await made.clock.advance(Minutes(3))
    expect(first.open).toBe(false)
  })

  it('keeps a quiet link to a hub that answers, and leaves it once the answers stay out', async () => {
    const made = await rig()
    made.last().answersAlive = true
    const first = await made.welcome(0)
    await made.clock.advance(Minutes(60))
    expect([first.open, made.ends.length]).toEqual([true, 1])
    first.answersAlive = false
    await made.clock.advance(Seconds(50))
    expect(first.open).toBe(true)
    await made.clock.advance(Seconds(45))
    expect(first.open).toBe(false)
    expect(made.link.state()).toMatchObject({
      kind: 'down',
      reason: 'nothing was heard from the hub',
    })
    await made.clock.advance(Minutes(1))
    expect(made.ends.length).toBeGreaterThan(1)
  })

  it('does not leave an older hub that never answers', async () => {
    const made = await rig()
    const first = await made.welcome(0)
    await made.clock.advance(Minutes(60))
    expect([first.open, made.ends.length]).toEqual([true, 1])
  })

  it('says that it lives every 30 s, at most a fifth later, and never in step', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    await made.clock.advance(Minutes(30))
    const times = end.aliveAtMs.map((ms) => ms - (end.aliveAtMs[0] ?? 0))
    const pauses = times.slice(1).map((ms, i) => ms - (times[i] ?? 0))
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(Seconds(30))
    expect(Math.max(...pauses)).toBeLessThanOrEqual(Seconds(36))
    expect(new Set(pauses).size).toBeGreaterThan(10)
  })

  it('sends the newest of each reading only, and says that it lives', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    made.readings.put('sled/a/power', 'off', null)
    made.readings.put('sled/a/power', 'on', null)
    await made.clock.advance(Seconds(40))
    const values = end.of('readings').flatMap((frame) => frame.values.map(({ value }) => value))
    expect(values).toEqual(['on'])
    expect(end.of('alive').length).toBeGreaterThan(0)
  })

  it('dials for ever while the hub is away, at most a minute apart', async () => {
    const made = await rig()
    made.net.up = false
    made.last().hangUp()
    await made.clock.advance(Days(2))
    expect(made.link.state().kind).toBe('down')
    made.net.up = true
    const before = made.ends.length
    await made.clock.advance(Minutes(1) + Seconds(1))
    expect(made.ends.length).toBeGreaterThan(before)
  })

  it('survives frames that cannot be read', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    for (const text of ['', '{', '[]', '{"v":9}', '{"v":1,"kind":"nonsense"}', '\u0000']) {
      end.sayText(text)
    }
    made.trouble(1)
    expect(end.events()).toEqual([1])
  })
})

describe('wanted state', () => {
  const delta = (generation: number, base: number | null): HubFrame => ({
    v: 1,
    kind: 'wanted',
    delta: { generation, base, put: { note: generation }, remove: [] },
  })

  it('is on the disk under its generation, reported, and never goes back', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    end.say(delta(3, null))
    end.say(delta(2, null))
    expect(made.wanted.held()).toBe(3)
    expect(createWantedStore(made.site, undefined).held()).toBe(3)
    expect(end.of('wanted-report').map(({ held }) => held)).toEqual([0, 3, 3])
  })

  it('asks for the whole when a delta stands on what it does not hold', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    end.say(delta(3, null))
    end.say(delta(6, 5))
    expect([made.wanted.held(), end.of('wanted-resend')]).toMatchObject([3, [{ held: 3 }]])
  })
})

describe('an act', () => {
  it('is carried out once the site is welcome, and answered', async () => {
    const made = await rig()
    const signed = signAct(
      {
        id: 'act-1',
        site: SITE,
        sequence: 1,
        notBeforeMs: 0,
        expiresMs: made.clock.wallMs() + Minutes(1),
        by: 'op',
        sled: 'sled-01' as SledName,
        act: { kind: 'power', verb: 'on' },
      },
      ACT_KEYS.privateKey,
    )
    made.last().say({ v: 1, kind: 'act', ...signed })
    expect(made.wishes).toEqual([])
    const end = await made.welcome(0)
    end.say({ v: 1, kind: 'act', ...signed })
    expect(made.wishes).toHaveLength(1)
    const sent = end.of('events').flatMap(({ events }) => events)
    expect(sent.map(({ body }) => body)).toContainEqual({ act: 'act-1', ok: true, reason: null })
  })
})

describe('the certificate', () => {
  it('is renewed by the same key once half of its life is over, and kept', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    expect(end.of('renew')).toEqual([])
    await made.clock.advance(Days(15) + Minutes(61))
    const [renew] = made.ends.flatMap((each) => each.of('renew'))
    if (renew === undefined) throw new Error('no renewal was asked for')
    const longer = { ...made.grant, notAfterMs: made.grant.notAfterMs + Days(30) }
    const certPem = await made.identity.issue(made.authority, renew.requestPem, longer)
    made.last().say({ v: 1, kind: 'certificate', certPem })
    await made.clock.advance(1)
    expect((await loadIdentity(made.files, '/link'))?.certPem).toBe(certPem)
    // Fifteen days of an agent's timers take a busy machine a while.
  }, 120_000)

  it('is asked for anew before the dial when it has expired, or when the hub refuses', async () => {
    const made = await rig()
    const held = await loadIdentity(made.files, '/link')
    const end = await made.welcome(0)
    expect(made.asked).toEqual([])
    made.clock.setWallMs(made.clock.wallMs() + Days(40))
    const notBeforeMs = made.clock.wallMs()
    const request = await made.identity.requestCertificate(held?.keyPem ?? '', SITE)
    const grant = { ...made.grant, notBeforeMs, notAfterMs: notBeforeMs + Days(30) }
    const certPem = await made.identity.issue(made.authority, request, grant)
    made.net.renewed = certPem
    end.hangUp()
    const next = await made.welcome(0)
    expect(made.asked).toEqual(['https://hub:7443/renew'])
    expect((await loadIdentity(made.files, '/link'))?.certPem).toBe(certPem)
    const told = made.site.read((sql) => latestEvents(sql, 1))[0]
    const expiredAtMs = made.grant.notAfterMs
    expect(told).toMatchObject({ kind: 'site.certificate-renewed', body: { expiredAtMs } })
    // In its time it is not asked for again, unless the hub sees it otherwise.
    next.say({ v: 1, kind: 'refused', reason: 'the certificate has expired; renew it first' })
    made.net.renewed = undefined
    await made.welcome(0)
    expect(made.asked).toHaveLength(2)
    expect((await loadIdentity(made.files, '/link'))?.certPem).toBe(certPem)
  })

  it('for a key that is not ours is not taken', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    const before = await loadIdentity(made.files, '/link')
    const request = await made.identity.requestCertificate(await made.identity.newKey(), SITE)
    const certPem = await made.identity.issue(made.authority, request, made.grant)
    end.say({ v: 1, kind: 'certificate', certPem })
    await made.clock.advance(1)
    expect(await loadIdentity(made.files, '/link')).toEqual(before)
  })
})

describe('what the hub asks', () => {
  it('is answered under its id, or with the reason why not', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    end.say({ v: 1, kind: 'ask', id: 'ask-1', what: { kind: 'boot-trace', sled: 'sled-01' } })
    end.say({ v: 1, kind: 'ask', id: 'ask-2', what: { kind: 'weather' } })
    await made.clock.advance(0)
    expect(end.of('answer')).toEqual([
      { v: 1, kind: 'answer', id: 'ask-1', body: { of: 'it' }, reason: null },
      { v: 1, kind: 'answer', id: 'ask-2', body: null, reason: 'no idea' },
    ])
  })
})
