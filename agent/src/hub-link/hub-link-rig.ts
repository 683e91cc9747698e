import { generateKeyPairSync } from 'node:crypto'
import type { SiteName } from '@brickyard/model/names'
import {
  decodeSiteFrame,
  encodeFrame,
  type HubFrame,
  type SiteFrame,
} from '@brickyard/protocol/frames'
import type { Clock } from '@brickyard/runtime/clock'
import type { Files } from '@brickyard/runtime/files'
import type { Identity } from '@brickyard/runtime/identity'
import type { Log } from '@brickyard/runtime/log'
import type { Random } from '@brickyard/runtime/random'
import { migrate } from '@brickyard/runtime/store'
import { openNodeStore } from '@brickyard/runtime/node/store'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { err, ok } from '@brickyard/std/result'
import { Days, Minutes, Seconds } from '@brickyard/std/units'
import { createSerialDesk } from '../bmc/serial-desk.ts'
import type { Wish } from '../operations/act-check.ts'
import type { SiteOperations } from '../operations/site-operations.ts'
import { ackedSeq } from '../store/journal.ts'
import { READINGS_MIGRATIONS } from '../store/migrations.ts'
import { openSiteStore } from '../store/site-store.ts'
import { createHubLink } from './hub-link.ts'
import { saveIdentity } from './link-identity.ts'
import { createReadingsBuffer } from './readings-buffer.ts'
import { createWantedStore } from './wanted-store.ts'

/** The hub's keys for acts. */
export const ACT_KEYS = generateKeyPairSync('ed25519')
/** The site of the rig. */
export const SITE = 'edge-1' as SiteName

/** The hub's end of one connection: what came in, and what to say. */
export class HubEnd {
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

/** The ports of a site whose time is the test's. */
interface RigPorts {
  readonly clock: Clock & {
    advance(ms: number): Promise<void>
    runUntil(done: () => boolean, limitMs: number): Promise<boolean>
    setWallMs(wallMs: number): void
  }
  readonly random: Random
  readonly log: Log
  readonly files: Files
  readonly identity: Identity
}

/** A site's link to a hub whose ends are in the test's hand. */
export async function hubLinkRig({ clock, random, log, files, identity }: RigPorts) {
  const store = openNodeStore({ path: ':memory:', durable: false })
  const readingsStore = openNodeStore({ path: ':memory:', durable: false })
  migrate(readingsStore, READINGS_MIGRATIONS)
  const site = openSiteStore({ store, clock, random })
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

/** What the site knows that the hub holds. */
export const acked = (made: Awaited<ReturnType<typeof hubLinkRig>>): number =>
  made.site.read(ackedSeq)
