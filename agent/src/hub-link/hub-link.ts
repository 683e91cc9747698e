import { reconnectDelayMs } from '@brickyard/protocol/backoff'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Files } from '@brickyard/runtime/files'
import type { HttpClient } from '@brickyard/runtime/http'
import type { Identity } from '@brickyard/runtime/identity'
import type { Log } from '@brickyard/runtime/log'
import { randomFraction, type Random } from '@brickyard/runtime/random'
import type { WebSocketDialer } from '@brickyard/runtime/websocket'
import { Hours, Minutes } from '@brickyard/std/units'
import type { HubAddress } from '../agent-config.ts'
import type { BlobSource } from '../blobs/fetch-blob.ts'
import type { LookUp } from '../look-up.ts'
import type { SerialDesk } from '../bmc/serial-desk.ts'
import type { SiteOperations } from '../operations/site-operations.ts'
import type { SiteStore } from '../store/site-store.ts'
import { createActsInbox } from './acts-inbox.ts'
import {
  enrol,
  isDueForRenewal,
  loadIdentity,
  renewExpired,
  saveIdentity,
  trustOf,
  type LinkIdentity,
} from './link-identity.ts'
import { openLinkSession, REFUSED, type LinkSession } from './link-session.ts'
import type { ReadingsBuffer } from './readings-buffer.ts'
import type { WantedStore } from './wanted-store.ts'

/** A connection that held this long counts as good: the next pause begins small again. */
const GOOD_CONNECTION_MS = Minutes(1)
const RENEWAL_LOOK_MS = Hours(1)

export type LinkState =
  | { readonly kind: 'up' | 'down'; readonly sinceAtMs: number; readonly reason: string }
  | { readonly kind: 'never' | 'alone' }

export interface HubLinkParts {
  readonly hub: HubAddress | undefined
  readonly folder: string
  readonly siteName: string
  readonly agentVersion: string
  readonly bootId: string
  readonly clock: Clock
  readonly random: Random
  readonly http: HttpClient
  readonly dialer: WebSocketDialer
  readonly files: Files
  readonly identity: Identity
  readonly log: Log
  readonly site: SiteStore
  readonly readings: ReadingsBuffer
  readonly wanted: WantedStore
  readonly operations: SiteOperations
  readonly clockProven: () => boolean
  readonly look: LookUp
  readonly serial: SerialDesk
  readonly onWelcome: (hubMs: number) => void
  readonly onWanted: () => void
}

/** The site's way to its hub: enrols, dials, dials again for ever. Nothing local waits for it. */
export interface HubLink {
  start(): Promise<void>
  stop(): void
  state(): LinkState
  /** Where the hub gives a blob; undefined while this site has no certificate. */
  blobSource(sha256: string): BlobSource | undefined
}

export function createHubLink(parts: HubLinkParts): HubLink {
  const { hub, clock, log, random } = parts
  let identity: LinkIdentity | undefined
  let session: LinkSession | undefined
  let state: LinkState = hub === undefined ? { kind: 'alone' } : { kind: 'never' }
  let attempt = 0
  let timer: Timer | undefined
  let stopped = false
  let refused = false

  const dialLater = (reason: string): void => {
    if (stopped) return
    state = { kind: 'down', sinceAtMs: sinceOf(state, clock.wallMs()), reason }
    const pauseMs = reconnectDelayMs(attempt++, randomFraction(random))
    log.info('hub link is down', { reason, againInMs: pauseMs })
    timer = clock.after(pauseMs, () => void dial())
  }

  async function dial(): Promise<void> {
    if (hub === undefined || stopped) return
    try {
      identity ??= await ensureIdentity(parts, hub)
      if (identity === undefined) return dialLater('this site is not enrolled')
      identity = await timely(hub, identity)
      const url = `${hub.url.replace(/^http/, 'ws')}/link`
      const dialled = await parts.dialer.dial(url, trustOf(identity))
      if (!dialled.ok) return dialLater(dialled.error)
      if (stopped) return dialled.value.close(1001, 'the agent stops')
      await connected(hub, identity, dialled.value)
    } catch (error) {
      dialLater(String(error))
    }
  }

  /** A site that was dark for longer than its certificate lasts gets a new one before it dials. */
  async function timely(hub: HubAddress, held: LinkIdentity): Promise<LinkIdentity> {
    const { notAfterMs } = parts.identity.describe(held.certPem)
    // Our own clock may be wrong; the hub, which refused us, may know better.
    if (clock.wallMs() < notAfterMs && !refused) return held
    refused = false
    const renewed = await renewExpired(parts, hub.url, held)
    if (!renewed.ok) {
      log.warn('the hub does not renew the certificate', { reason: renewed.error })
      return held
    }
    if (!(await takeCertificate(renewed.value)) || identity === undefined) return held
    parts.site.commit((change) =>
      change.event('site.certificate-renewed', { expiredAtMs: notAfterMs }),
    )
    return identity
  }

  async function connected(
    hub: HubAddress,
    present: LinkIdentity,
    link: Parameters<typeof openLinkSession>[0]['link'],
  ): Promise<void> {
    const openedMs = clock.monotonicMs()
    const acts = createActsInbox({ ...parts, actKeyPem: present.actKeyPem })
    session = openLinkSession({
      ...parts,
      link,
      acts,
      onWelcome(hubMs) {
        state = { kind: 'up', sinceAtMs: clock.wallMs(), reason: hub.url }
        log.info('hub link is up', { hub: hub.url })
        parts.onWelcome(hubMs)
        void renewIfDue()
      },
      onCertificate: (certPem) => void takeCertificate(certPem),
      onClose(reason) {
        session = undefined
        refused = reason.startsWith(REFUSED)
        if (clock.monotonicMs() - openedMs >= GOOD_CONNECTION_MS) attempt = 0
        dialLater(reason)
      },
    })
  }

  async function renewIfDue(): Promise<void> {
    if (identity === undefined || session === undefined) return
    const facts = parts.identity.describe(identity.certPem)
    if (!isDueForRenewal(facts, clock.wallMs())) return
    const { keyPem, site } = identity
    session?.renew(await parts.identity.requestCertificate(keyPem, site))
  }

  async function takeCertificate(certPem: string): Promise<boolean> {
    if (identity === undefined) return false
    try {
      const [held, offered] = [identity.certPem, certPem].map(parts.identity.describe)
      if (offered?.spkiSha256 !== held?.spkiSha256) {
        log.error('the hub sent a certificate for a key that is not ours')
        return false
      }
      const next = { ...identity, certPem }
      await saveIdentity(parts.files, parts.folder, next)
      identity = next
      log.info('the certificate was renewed', { until: offered?.notAfterMs ?? 0 })
      return true
    } catch (error) {
      log.error('a renewed certificate could not be taken', { error: String(error) })
      return false
    }
  }

  const lookAtCertificate = (): void => {
    clock.after(RENEWAL_LOOK_MS, () => {
      if (stopped) return
      void renewIfDue()
      lookAtCertificate()
    })
  }

  return {
    async start() {
      parts.site.onEvents(() => session?.pump())
      identity = await loadIdentity(parts.files, parts.folder)
      if (hub === undefined) return
      lookAtCertificate()
      void dial()
    },
    stop() {
      stopped = true
      timer?.cancel()
      session?.close('the agent stops')
    },
    state: () => state,
    blobSource(sha256) {
      if (hub === undefined || identity === undefined) return undefined
      return { url: `${hub.url}/blobs/${sha256}`, tls: trustOf(identity) }
    },
  }
}

const sinceOf = (state: LinkState, nowMs: number): number =>
  state.kind === 'down' ? state.sinceAtMs : nowMs

async function ensureIdentity(
  parts: HubLinkParts,
  hub: HubAddress,
): Promise<LinkIdentity | undefined> {
  const held = await loadIdentity(parts.files, parts.folder)
  if (held !== undefined || hub.enrolmentToken === undefined) return held
  const enrolled = await enrol(parts, hub.url, hub.enrolmentToken, parts.siteName)
  if (enrolled.ok) return enrolled.value
  throw new Error(`enrolment failed: ${enrolled.error}`)
}
