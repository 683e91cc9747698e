import { createHash } from 'node:crypto'
import { sleep, type Clock } from '@brickyard/runtime/clock'
import type { FetchHandler } from '@brickyard/runtime/http'
import { randomHex, type Random } from '@brickyard/runtime/random'
import { KiB } from '@brickyard/std/units'
import { noRedfishFaults, type RedfishFaults } from './redfish-faults.ts'
import { blankRedfishModel, type RedfishIdentity, type RedfishModel } from './redfish-model.ts'
import type { RedfishPersona } from './redfish-persona.ts'
import { notFound, refusal, type Body, type Reply } from './redfish-reply.ts'
import { ROOT, type RedfishView, type Tree } from './redfish-resource.ts'
import { createRedfishSessions } from './redfish-sessions.ts'
import { redfishTree } from './redfish-tree.ts'
import { takePush, takesPush } from './redfish-push.ts'
import { EVENT_STREAM, IMAGE_BYTES_MAX } from './redfish-tree-services.ts'
import { advanceUpdates } from './redfish-update.ts'
import { patch, post, remove } from './redfish-writes.ts'
import type { VirtualHost } from './virtual-host.ts'

export interface RedfishFaceOptions {
  readonly clock: Clock
  readonly random: Random
  readonly host: VirtualHost
  readonly persona: RedfishPersona
  readonly identity: RedfishIdentity
  readonly users: readonly { readonly name: string; readonly password: string }[]
  readonly sessionsMax?: number | undefined
}

/** The Redfish side of a virtual BMC. `handler` is put behind TLS (or a simulated network). */
export interface RedfishFace {
  readonly handler: FetchHandler
  readonly faults: RedfishFaults
  readonly model: RedfishModel
  /** Sessions open now. */
  sessions(): number
  /** Tells an event to whoever listens to the stream. */
  emit(event: { readonly id: string; readonly text: string; readonly severity: string }): void
  /** Requests answered so far. */
  requests(): number
  /** A cold restart of the BMC alone: sessions, tasks and the medium are forgotten. */
  restart(): void
}

/** As it is printed on the pull-tag. */
const FACTORY_ACCOUNT = {
  id: '1',
  name: 'root',
  password: 'factory-default',
  role: 'Administrator',
  enabled: true,
  mustChange: true,
} as const
/** Streams open at once: the oldest goes first. */
const STREAMS_MAX = 4
const BODY_BYTES_MAX = KiB(64)
/** As few as small BMCs hold. */
const SESSIONS_MAX = 8

export function createRedfishFace(options: RedfishFaceOptions): RedfishFace {
  const { clock, random, host, persona, identity, users } = options
  const faults = noRedfishFaults()
  const model = blankRedfishModel(persona, identity, users)
  const sessions = createRedfishSessions({
    model,
    faults,
    sessionsMax: options.sessionsMax ?? SESSIONS_MAX,
    newToken: () => randomHex(random, 16),
  })
  let requests = 0
  const streams: ReadableStreamDefaultController<Uint8Array>[] = []

  const view = (): RedfishView => ({
    model,
    host,
    faults,
    sessions: sessions.list(),
    nowMs: clock.monotonicMs(),
    wallMs: clock.wallMs(),
  })

  async function answer(request: Request): Promise<Reply> {
    const { method, headers } = request
    const path = pathOf(request.url)
    if (path === '/redfish') return { status: 200, body: { v1: `${ROOT}/` } }
    const login = path === `${ROOT}/SessionService/Sessions` && method === 'POST'
    if (login) return sessions.open(await bodyOf(request))
    if (path !== ROOT && !sessions.knows(headers)) {
      return refusal(401, 'Base.1.12.AccessDenied', 'Login was denied.', [path], {
        'www-authenticate': 'Basic realm="Redfish"',
      })
    }
    advanceUpdates(view())
    if (model.factoryReset) forgetSettings()
    const reads = method === 'GET' || method === 'HEAD'
    return reads ? read(path, request.url.includes('$expand=')) : write(request, path)
  }

  function read(path: string, expand: boolean): Reply {
    if (faults.busyReads > 0 && path !== ROOT) {
      faults.busyReads -= 1
      const text = 'The service is temporarily unavailable. Retry in 2 seconds.'
      const retry = { 'retry-after': '2' }
      return refusal(503, 'Base.1.12.ServiceTemporarilyUnavailable', text, ['2'], retry)
    }
    const tree = redfishTree(view())
    const make = tree[path]
    if (make === undefined) return notFound(path)
    const body = expand && persona.expandsMembers ? expanded(make(), tree) : make()
    const etag = etagOf(body, faults)
    const status = path.includes('/Tasks/') ? faults.taskStatus : 200
    return { status, ...(etag === undefined ? {} : { headers: { etag } }), body }
  }

  async function write(request: Request, path: string): Promise<Reply> {
    if (request.method === 'DELETE') return sessions.close(path) ?? remove(view(), path)
    if (request.method === 'POST' && takesPush(view(), path)) {
      const content = new Uint8Array(await request.arrayBuffer())
      if (content.length <= IMAGE_BYTES_MAX) return takePush(view(), path, request.headers, content)
      return refusal(413, 'Base.1.12.PayloadTooLarge', 'The image is too long.')
    }
    const body = await bodyOf(request)
    if (body === undefined) {
      return refusal(400, 'Base.1.12.MalformedJSON', 'The request body is no valid JSON.')
    }
    if (request.method === 'POST') return post(view(), path, body)
    if (request.method !== 'PATCH') {
      return refusal(405, 'Base.1.12.OperationNotAllowed', 'The method is not allowed.')
    }
    const make = redfishTree(view())[path]
    const condition = conditionOf(request.headers.get('if-match'), make?.(), faults)
    return condition ?? patch(view(), path, body)
  }

  function restart(): void {
    for (const stream of streams.splice(0)) stream.close()
    sessions.forget()
    model.tasks.clear()
    model.media = undefined
    model.lastResetMs = clock.wallMs()
  }

  function eventStream(): Response {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        if (streams.length >= STREAMS_MAX) streams.shift()?.close()
        streams.push(controller)
        controller.enqueue(new TextEncoder().encode(': welcome\n\n'))
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }

  /** An update that took everything with it: what the maker ships is all there is. */
  function forgetSettings(): void {
    model.factoryReset = false
    sessions.forget()
    model.accounts.clear()
    model.accounts.set('1', { ...FACTORY_ACCOUNT })
  }

  /** Begins a restart that was asked for, and ends it: the service is back with the next request. */
  function restartIfDue(): void {
    const due = model.restart
    if (due === undefined || clock.monotonicMs() < due.untilMs) return
    model.restart = undefined
    restart()
  }

  const away = (): boolean =>
    model.restart !== undefined && clock.monotonicMs() >= model.restart.fromMs

  return {
    faults,
    model,
    sessions: () => sessions.list().length,
    requests: () => requests,
    emit({ id, text, severity }) {
      const record = { EventId: id, EventType: 'Alert', Message: text, MessageSeverity: severity }
      const event = { '@odata.type': '#Event.v1_7_0.Event', Id: id, Events: [record] }
      const bytes = new TextEncoder().encode(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`)
      for (const stream of streams) stream.enqueue(bytes)
    },
    restart,
    handler: async (request) => {
      requests += 1
      restartIfDue()
      if (faults.silent || away()) return new Promise<Response>(() => {})
      const streamed = persona.streamsEvents && pathOf(request.url) === EVENT_STREAM
      if (streamed && sessions.knows(request.headers)) return eventStream()
      const reply = await answer(request)
      if (faults.slowMs > 0) await sleep(clock, faults.slowMs)
      const origin = persona.absoluteLocations ? new URL(request.url).origin : ''
      return responseOf(reply, origin, faults.rubbish)
    },
  }
}

/** A resource's path without query and closing slash. */
const pathOf = (url: string): string => new URL(url).pathname.replace(/\/+$/, '')

/** A collection with its members in place of the links to them (DSP0266 §7.3). */
const expanded = (body: Body, tree: Tree): Body =>
  Array.isArray(body['Members'])
    ? { ...body, Members: body['Members'].map((one: Body) => tree[String(one['@odata.id'])]?.()) }
    : body

async function bodyOf(request: Request): Promise<Body | undefined> {
  try {
    const text = await request.text()
    if (text.length > BODY_BYTES_MAX) return undefined
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Body)
      : undefined
  } catch {
    return undefined
  }
}

function etagOf(body: Body, faults: RedfishFaults): string | undefined {
  if (faults.etag === 'none') return undefined
  if (faults.etag === 'empty') return '""'
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16)
  return faults.etag === 'weak' ? `W/"${hash}"` : `"${hash}"`
}

/** What a change is refused with because of its If-Match, or the want of one. */
function conditionOf(
  wanted: string | null,
  body: Body | undefined,
  faults: RedfishFaults,
): Reply | undefined {
  if (body === undefined) return undefined
  if (wanted === null) {
    if (faults.etag !== 'required') return undefined
    return refusal(428, 'Base.1.12.PreconditionRequired', 'A precondition header is required.')
  }
  const now = etagOf(body, faults)
  // A strong comparison: a weak tag never matches (RFC 9110 §13.1.1).
  const same = faults.etag === 'weak' ? `W/${wanted}` === now : wanted === now
  if (same && faults.etag !== 'empty') return undefined
  return refusal(412, 'Base.1.12.PreconditionFailed', 'The ETag supplied did not match.')
}

function responseOf(reply: Reply, origin: string, rubbish: boolean): Response {
  const headers = new Headers({ 'odata-version': '4.0', 'cache-control': 'no-store' })
  for (const [name, value] of Object.entries(reply.headers ?? {}))
    headers.set(name, name === 'location' ? origin + value : value)
  if (reply.body === undefined) return new Response(null, { status: reply.status, headers })
  headers.set('content-type', 'application/json; charset=utf-8')
  const text = rubbish ? '<html>{"half": ' : JSON.stringify(reply.body)
  return new Response(text, { status: reply.status, headers })
}
