import { encodeStep, parseProgress, parseResult, STEP_ID_PATTERN } from '@brickyard/installer/wire'
import { failPlan } from '@brickyard/installer/plan'
import type { Architecture } from '@brickyard/model/architecture'
import type { FetchHandler } from '@brickyard/runtime/http'
import type { Result } from '@brickyard/std/result'
import type { Asset } from '../netboot/asset.ts'
import { rangeResponse } from '../netboot/range-response.ts'
import type { SiteStore } from '../store/site-store.ts'
import { hashToken } from './boot-intents.ts'
import { bodyOf, refusal, text } from './installer-bodies.ts'
import { answerClaim, type ClaimParts } from './installer-claim.ts'
import { progressed, resulted, stepAsked } from './operation-machine.ts'
import { isOver, type Now, type Operation } from './operation.ts'
import { identityDrift, sledFacts } from './sled-facts.ts'

export interface InstallerHttpParts extends ClaimParts {
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
}

/**
 * What the installer says and asks (`/installer/…`). Only an unclaimed intent opens it, or the very
 * claim that opened it before its session was used; everything else needs that session. A store that
 * cannot write answers 503, which the installer takes as "again".
 */
export function createInstallerHttp(parts: InstallerHttpParts): FetchHandler {
  const { site, clock, log } = parts
  return async (request, peer) => {
    const url = new URL(request.url)
    try {
      if (url.pathname === '/installer/claim')
        return await answerClaim(parts, request, peer.address)
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
