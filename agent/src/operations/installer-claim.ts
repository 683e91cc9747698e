import { createHmac } from 'node:crypto'
import { encodeClaimReply, parseClaimRequest, type ClaimRequest } from '@brickyard/installer/wire'
import { Mac } from '@brickyard/model/mac'
import type { SledName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { SiteStore } from '../store/site-store.ts'
import type { MadeDisc } from './boot-discs.ts'
import { hashToken } from './boot-intents.ts'
import type { Claims } from './claims.ts'
import { bodyOf, refusal, text } from './installer-bodies.ts'
import { claimed } from './operation-machine.ts'
import type { Operation } from './operation.ts'

/** What a claim is held to and what it changes. */
export interface ClaimParts {
  readonly site: SiteStore
  readonly clock: Clock
  readonly log: Log
  readonly intents: Claims
  readonly rack: () => RackDocument | undefined
  readonly nudge: (operation: string) => void
  /** An installer came from a disc; told before the claim is seen in the journal. */
  readonly onDiscBoot?: ((boot: DiscClaim) => void) | undefined
  readonly onRefused?: ((claim: RefusedClaim) => void) | undefined
}

/** A claim that opened nothing. `atMs` is wall clock. */
export interface RefusedClaim {
  readonly mac: Mac
  readonly address: string
  readonly atMs: number
  readonly reason: string
}

/** The claim of an installer that came from a disc. `atMs` is wall clock. */
export interface DiscClaim {
  readonly sled: SledName
  readonly mac: Mac
  readonly address: string
  readonly atMs: number
  readonly disc: MadeDisc
}

/** 128 bits. */
const SESSION_HEX_CHARS = 32

/** Answers a claim: the session that opens everything else, or why there is none. */
export async function answerClaim(
  parts: ClaimParts,
  request: Request,
  address: string,
): Promise<Response> {
  const { site, intents, clock, log } = parts
  if (request.method !== 'POST') return refusal(405, 'POST it')
  const asked = parseClaimRequest(await bodyOf(request))
  if (!asked.ok) return refusal(400, asked.error)
  const { token, mac } = asked.value
  const parsed = Mac.parse(mac)
  const refuse = (status: 403 | 409, reason: string, sled: string | null): Response => {
    site.commit((change) =>
      change.note('intent.refused', { sled, mac, reason: reason.slice(0, 500) }),
    )
    if (parsed.ok) parts.onRefused?.({ mac: parsed.value, address, atMs: clock.wallMs(), reason })
    return refusal(status, reason)
  }
  const intent = intents.find(token)
  if (!intent.ok) return refuse(intent.error.status, intent.error.reason, intent.error.sled)
  const { operation: id, sled, claimed: before, disc } = intent.value
  const operation = site.running.get(id)
  if (operation === undefined) return refuse(403, 'the operation is over', sled)
  const declared = parts.rack()?.sleds.find(({ name }) => name === sled)
  if (!parsed.ok || declared?.macs.includes(parsed.value) !== true) {
    return refuse(403, `${mac} is no MAC of ${sled}`, sled)
  }
  const session = sessionOf(site.secret, id, asked.value, address)
  const now = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() }
  const answered = (): Response =>
    text(200, encodeClaimReply({ session, timeSeconds: Math.floor(now.wallMs / 1000) }))
  if (before) {
    if (!isUnused(operation, session)) {
      return refuse(409, 'this boot intent was claimed before', sled)
    }
    log.info('a claim was answered again: its first answer was lost', { sled, operation: id })
    return answered()
  }
  const next = claimed(operation, hashToken(session), now)
  if (!next.ok) return refuse(409, next.error, sled)
  site.commit((change) => {
    intents.consume(change, token, id)
    change.event('intent.claimed', { sled: operation.sled, operation: id })
    change.putOperation(next.value)
    if (disc === undefined) return
    const boot = { sled: operation.sled, mac: parsed.value, address, atMs: now.wallMs, disc }
    change.after(() => parts.onDiscBoot?.(boot))
  })
  parts.nudge(id)
  return answered()
}

/**
 * The session that a claim opens. It is made from the claim, so that one whose answer was lost on
 * the wire is answered again with the same session, also by an agent that was restarted meanwhile,
 * and no disk holds it. What binds it: the one-time token, which only the sled's own script
 * carried; the MAC, UUID and serial that the first claimant showed; the address it spoke from; the
 * operation; and a secret of this site. Whoever differs in one of them gets another session, which
 * is that of no operation. Who can speak and listen as the sled's own address could read the first
 * answer as well: plain HTTP on the rack's network gives no more than that.
 */
function sessionOf(
  secret: string,
  operation: string,
  { token, mac, uuid, serial }: ClaimRequest,
  address: string,
): string {
  const claim = ['installer session', operation, token, mac, uuid, serial, address]
  const digest = createHmac('sha256', secret).update(JSON.stringify(claim)).digest('hex')
  return digest.slice(0, SESSION_HEX_CHARS)
}

/** The session is the one that the operation waits for, and nobody has asked for a step with it. */
const isUnused = ({ sessionSha256, install }: Operation, session: string): boolean =>
  sessionSha256 === hashToken(session) && install?.phase === 'running' && install.runs === 0
