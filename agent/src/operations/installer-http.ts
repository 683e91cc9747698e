import { createHmac } from 'node:crypto'
import {
  encodeClaimReply,
  encodeRefusal,
  encodeStep,
  parseClaimRequest,
  parseProgress,
  parseResult,
  STEP_ID_PATTERN,
  type ClaimRequest,
} from '@brickyard/installer/wire'
import { failPlan } from '@brickyard/installer/plan'
import { BODY_CHARS_MAX } from '@brickyard/installer/wire-lines'
import type { Architecture } from '@brickyard/model/architecture'
import { Mac } from '@brickyard/model/mac'
import type { SledName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import type { Clock } from '@brickyard/runtime/clock'
import { readBody, type FetchHandler } from '@brickyard/runtime/http'
import type { Log } from '@brickyard/runtime/log'
import type { Result } from '@brickyard/std/result'
import type { Asset } from '../netboot/asset.ts'
import { rangeResponse } from '../netboot/range-response.ts'
import type { SiteStore } from '../store/site-store.ts'
import type { MadeDisc } from './boot-discs.ts'
import { hashToken } from './boot-intents.ts'
import type { Claims } from './claims.ts'
import { claimed, progressed, resulted, stepAsked } from './operation-machine.ts'
import { isOver, type Now, type Operation } from './operation.ts'
import { identityDrift, sledFacts } from './sled-facts.ts'

export interface InstallerHttpParts {
  readonly site: SiteStore
  readonly clock: Clock
  readonly log: Log
  readonly intents: Claims
  readonly rack: () => RackDocument | undefined
  /** The bytes of an image that is held here. */
  readonly image: (sha256: string) => Promise<Result<Asset>>
  /** What the installer of an architecture fetches when a rare verb needs it; nothing secret. */
  readonly tools: (architecture: Architecture) => Promise<Result<Asset>>
  /** The seed's files for an operation; secret, given only to who holds its session. */
  readonly seed: (operation: Operation, base: string) => Readonly<Record<string, string>>
  /** The password for once of the BMC's account that the operation makes anew; undefined: none. */
  readonly bmcPassword: (operation: Operation) => string | undefined
  /** A reading that is worth showing: progress in percent. */
  readonly onProgress: (operation: Operation, percent: number, bytes: number) => void
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

/**
 * What the installer says and asks (`/installer/…`). Only an unclaimed intent opens it, or the very
 * claim that opened it before its session was used; everything else needs that session. A store that cannot write answers 503, which the
 * installer takes as "again".
 */
export function createInstallerHttp(parts: InstallerHttpParts): FetchHandler {
  const { site, clock, log } = parts
  return async (request, peer) => {
    const url = new URL(request.url)
    try {
      if (url.pathname === '/installer/claim') return await claim(parts, request, peer.address)
      const operation = operationOf(site, request)
      if (operation === undefined) return refusal(403, 'this session is over or was never given')
      const now = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() }
      return await answer(parts, request, url, operation, now)
    } catch (error) {
      log.error('the installer could not be answered', {
        path: url.pathname.slice(0, 100),
        error: String(error),
      })
      return refusal(503, 'the appliance cannot do this now')
    }
  }
}

async function answer(
  parts: InstallerHttpParts,
  request: Request,
  url: URL,
  operation: Operation,
  now: Now,
): Promise<Response> {
  const [, , what = '', name = '', verb = ''] = url.pathname.split('/')
  if (what === 'step' && name === '' && request.method === 'GET') return step(parts, operation, now)
  if (what === 'step' && STEP_ID_PATTERN.test(name) && request.method === 'POST') {
    if (verb === 'progress') return progress(parts, request, operation, name, now)
    if (verb === 'result') return result(parts, request, operation, name, now)
  }
  if (what === 'image' && (request.method === 'GET' || request.method === 'HEAD')) {
    // Only its own image: a session is no key to other tenants' images.
    if (operation.assignment?.image.sha256 !== name) return refusal(404, 'no such image')
    const image = await parts.image(name)
    return image.ok ? rangeResponse(request, image.value) : refusal(503, image.error)
  }
  if (what === 'tools' && name === '' && (request.method === 'GET' || request.method === 'HEAD')) {
    const sled = parts.rack()?.sleds.find((one) => one.name === operation.sled)
    if (sled === undefined) return refusal(404, `${operation.sled} is declared no longer`)
    const tools = await parts.tools(sled.architecture)
    return tools.ok ? rangeResponse(request, tools.value) : refusal(404, tools.error)
  }
  if (what === 'bmc-password' && name === '' && request.method === 'GET') {
    const password = parts.bmcPassword(operation)
    return password === undefined ? refusal(404, 'there is no password') : text(200, password)
  }
  if (what === 'seed' && request.method === 'GET') {
    const file = Object.entries(parts.seed(operation, url.origin)).find(([key]) => key === name)
    return file === undefined ? refusal(404, 'no such file') : text(200, file[1])
  }
  return refusal(404, 'no such thing')
}

async function claim(
  parts: InstallerHttpParts,
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

function step(parts: InstallerHttpParts, operation: Operation, now: Now): Response {
  const asked = stepAsked(operation, now)
  if (asked === undefined) return refusal(403, 'the operation has no installer')
  const { step: given, operation: next } = asked
  if (next.trail === operation.trail) parts.site.remember(next)
  else {
    parts.site.commit((change) => {
      // From the first write on there may be a tenant's data on the disk.
      const record = change.sled(operation.sled)
      if (given.verb === 'write' && record !== undefined && !record.dirty) {
        change.putSled({ ...record, dirty: true })
      }
      change.putOperation(next)
    })
  }
  parts.nudge(operation.id)
  return text(200, encodeStep(given))
}

async function progress(
  parts: InstallerHttpParts,
  request: Request,
  operation: Operation,
  id: string,
  now: Now,
): Promise<Response> {
  const said = parseProgress(await bodyOf(request))
  if (!said.ok) return refusal(400, said.error)
  const present = parts.site.running.get(operation.id)
  if (present === undefined) return refusal(403, 'the operation is over')
  parts.site.remember(progressed(present, id, said.value, now))
  parts.onProgress(present, said.value.percent, said.value.bytes)
  return new Response(null, { status: 204 })
}

async function result(
  parts: InstallerHttpParts,
  request: Request,
  operation: Operation,
  id: string,
  now: Now,
): Promise<Response> {
  const said = parseResult(await bodyOf(request))
  if (!said.ok) return refusal(400, said.error)
  const present = parts.site.running.get(operation.id)
  if (present === undefined) return refusal(403, 'the operation is over')
  const next = withoutStranger(parts, present, resulted(present, id, said.value, now))
  if (next !== present) {
    parts.site.commit((change) => change.putOperation(next))
    parts.nudge(operation.id)
  }
  return new Response(null, { status: 204 })
}

/**
 * What is to be written or wiped has to be the chassis that was inspected here. Another one with the
 * same MACs in the rack document was swapped in: it is left untouched.
 */
function withoutStranger(
  { site, rack }: InstallerHttpParts,
  before: Operation,
  next: Operation,
): Operation {
  const { install } = next
  if (install === null || install.inventory === null || next.kind === 'inspect') return next
  if (before.install?.inventory === install.inventory) return next
  const declared = rack()?.sleds.find(({ name }) => name === next.sled)
  const record = site.sleds.get(next.sled)
  const facts = sledFacts(next.sled, install.inventory, record?.bmc ?? null)
  const drift = identityDrift(facts, declared?.serial, record?.facts ?? null, false)
  return drift === undefined ? next : { ...next, install: failPlan(install, 'unsupported', drift) }
}

/** The running operation whose session the request carries. */
function operationOf(site: SiteStore, request: Request): Operation | undefined {
  const session = /^Bearer ([A-Za-z0-9_-]{1,128})$/.exec(request.headers.get('authorization') ?? '')
  if (session === null) return undefined
  const hash = hashToken(session[1] as string)
  return [...site.running.values()].find(
    (operation) => operation.sessionSha256 === hash && !isOver(operation),
  )
}

/** UTF-8 takes at most three bytes for each of the characters that the parser allows. */
const BODY_BYTES_MAX = 3 * BODY_CHARS_MAX

/** The body as text; one that is too long or breaks off is as good as none. */
async function bodyOf(request: Request): Promise<string> {
  if (request.body === null) return ''
  try {
    return new TextDecoder().decode(await readBody(request.body, BODY_BYTES_MAX))
  } catch {
    return ''
  }
}

const text = (status: number, body: string): Response =>
  new Response(body, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  })
const refusal = (status: number, reason: string): Response => text(status, encodeRefusal(reason))
