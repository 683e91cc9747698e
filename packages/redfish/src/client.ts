import { sleep, type Clock, type Timer } from '@brickyard/runtime/clock'
import type { HttpClient, TlsTrust } from '@brickyard/runtime/http'
import { err, ok, type Result } from '@brickyard/std/result'
import { Minutes, Seconds } from '@brickyard/std/units'
import {
  DEFAULT_TIMING,
  exchange,
  openStream,
  refusalOf,
  succeeded,
  type RedfishAnswer,
  type RedfishRequest,
  type RedfishTiming,
  type Service,
} from './exchange.ts'
import type { RedfishFault } from './fault.ts'
import { closeLeftovers, logIn, loginHeaders, logOut, type Login } from './login.ts'
import { numberOf, pathOf, type JsonObject } from './loose-json.ts'
import type { PushContent } from './push.ts'
import { inMemorySessions, type SessionMemory } from './session-memory.ts'

export interface RedfishClientOptions {
  readonly http: HttpClient
  readonly clock: Clock
  /** `https://10.0.9.11:443`, without a path. */
  readonly baseUrl: string
  readonly tls?: TlsTrust | undefined
  readonly user: string
  readonly password: string
  /** Where open sessions are remembered over a crash. */
  readonly sessions?: SessionMemory | undefined
  readonly timing?: Partial<RedfishTiming> | undefined
}

type Answered = Promise<Result<RedfishAnswer, RedfishFault>>

/**
 * One service, one login, one request at a time. An answer of no success is a fault of kind
 * `refused` or `auth`. Reads may be repeated; writes are sent once, but for a lost session (401) and
 * an outdated ETag (412, 428), where nothing was carried out.
 */
export interface RedfishClient {
  get(path: string): Answered
  /** With `etag`, the change is made only to what was read (If-Match). */
  patch(path: string, change: JsonObject, etag?: string): Answered
  post(path: string, body: JsonObject): Answered
  delete(path: string): Answered
  /**
   * A GET whose answer does not end (a stream of events), beside all others. It breaks off when
   * nothing comes for ten minutes, and with the session; until then the session is kept.
   */
  stream(path: string): Promise<Result<AsyncIterable<Uint8Array>, RedfishFault>>
  /** Sends an image (POST) to a push URI; it is opened again where the session was lost. */
  push(path: string, content: PushContent): Answered
  /** Gives the session back; afterwards every call is refused. */
  close(): Promise<void>
}

/** Requests that may wait for their turn; more means that a caller does not wait for answers. */
const WAITING_MAX = 256
const REDIRECTS_MAX = 3
/** How often a read is asked again that is answered with "not now", and how long it waits at most. */
const BUSY_RETRIES = 2
const BUSY_PAUSE_MS_MAX = Seconds(5)
/** With all sessions taken, a new one is tried after this long. */
const SESSIONS_TAKEN_MS = Minutes(10)

export function createRedfishClient(options: RedfishClientOptions): RedfishClient {
  const { clock, baseUrl, user, password, sessions = inMemorySessions() } = options
  const timing = { ...DEFAULT_TIMING, ...options.timing }
  const service: Service = { http: options.http, clock, baseUrl, tls: options.tls, timing }
  const account = { user, password }
  const name = `${user}@${baseUrl}`
  let login: Login | undefined
  let loginSinceMs = 0
  let tidied = false
  let heard = false
  let closed = false
  let waiting = 0
  let streams = 0
  let last: Promise<unknown> = Promise.resolve()
  let idle: Timer | undefined

  const refuse = (message: string) =>
    err<RedfishFault>({ kind: 'refused', message: `${baseUrl}: ${message}`, said: [] })

  /** Runs `work` when all before it is done: small BMCs fail under parallel requests. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    waiting += 1
    const turn = last.then(work).finally(() => (waiting -= 1))
    last = turn.catch(() => undefined)
    return turn
  }

  async function loggedIn(): Promise<Result<Login, RedfishFault>> {
    const taken = login?.kind === 'basic' && login.why === 'sessions-taken'
    const stale = taken && clock.monotonicMs() - loginSinceMs > SESSIONS_TAKEN_MS
    if (login !== undefined && !stale) return ok(login)
    let opened = await logIn(service, account)
    if (!opened.ok) return opened
    heard = true
    if (!tidied) {
      tidied = true
      const own = opened.value.kind === 'session' ? { own: opened.value.path } : {}
      const headers = loginHeaders(opened.value, account)
      const held = sessions.held(name).length
      if (opened.value.kind === 'session') sessions.keep(name, opened.value.path)
      await closeLeftovers(service, sessions, { name, user, ...own }, headers)
      const freed = opened.value.kind === 'basic' && sessions.held(name).length < held
      if (freed) opened = await logIn(service, account)
      if (!opened.ok) return opened
    }
    login = opened.value
    loginSinceMs = clock.monotonicMs()
    if (login.kind === 'session') sessions.keep(name, login.path)
    return opened
  }

  function forgetLogin(): void {
    if (login?.kind === 'session') sessions.drop(name, login.path)
    login = undefined
  }

  async function attempt(request: RedfishRequest): Answered {
    const first = await authorised(request)
    if (!first.ok || first.value.status !== 401 || login?.kind !== 'session') return first
    // The session ran out, or the BMC restarted: nothing was carried out.
    forgetLogin()
    return authorised(request)
  }

  async function authorised(request: RedfishRequest): Answered {
    const current = await loggedIn()
    if (!current.ok) return err(told(current.error))
    const headers = { ...loginHeaders(current.value, account), ...request.headers }
    const answer = await exchange(service, { ...request, headers })
    if (!answer.ok) return err(told(answer.error))
    heard = true
    return answer
  }

  /** A service that never answered is not one that stopped answering. */
  const told = (fault: RedfishFault): RedfishFault =>
    fault.kind === 'timeout' && !heard && fault.status === undefined
      ? { ...fault, kind: 'unreachable' }
      : fault

  /** A read, repeated where the connection or the moment was bad. */
  async function read(request: RedfishRequest): Answered {
    let path = request.path
    let answer = await attempt(request)
    // A kept connection that the service had closed is found out by the first request on it.
    if (!answer.ok && answer.error.kind === 'unreachable' && heard) answer = await attempt(request)
    for (let hop = 0; hop < REDIRECTS_MAX && answer.ok; hop++) {
      const to = answer.value.status >= 301 && answer.value.status <= 308
      const next = to ? pathOf(answer.value.headers['location']) : undefined
      if (next === undefined || next === path) break
      path = next
      answer = await attempt({ ...request, path })
    }
    for (let retry = 0; retry < BUSY_RETRIES && answer.ok && answer.value.status === 503; retry++) {
      const wanted = numberOf(answer.value.headers['retry-after']) ?? 1
      await sleep(clock, Math.min(BUSY_PAUSE_MS_MAX, Seconds(Math.max(1, wanted))))
      answer = await attempt({ ...request, path })
    }
    return answer
  }

  /** A change under the condition that nothing else changed meanwhile, as far as the service can tell. */
  async function change(path: string, body: JsonObject, etag: string | undefined): Answered {
    const conditional = (tag: string | undefined): RedfishRequest => ({
      method: 'PATCH',
      path,
      body,
      ...(tag === undefined ? {} : { headers: { 'if-match': tag } }),
    })
    const first = await attempt(conditional(etag))
    if (!first.ok || (first.value.status !== 412 && first.value.status !== 428)) return first
    const now = await read({ method: 'GET', path })
    if (!now.ok || !succeeded(now.value)) return first
    return attempt(conditional(now.value.etag === etag ? otherForm(etag) : now.value.etag))
  }

  function run(request: RedfishRequest, work: () => Answered): Answered {
    if (closed) return Promise.resolve(refuse('the connection is closed'))
    if (waiting >= WAITING_MAX) return Promise.resolve(refuse('too many requests are waiting'))
    if (pathOf(request.path) !== request.path) {
      return Promise.resolve(refuse(`'${request.path}' is no path of a resource`))
    }
    return inTurn(async () => {
      idle?.cancel()
      const answer = await work()
      rest()
      if (!answer.ok || succeeded(answer.value)) return answer
      return err(refusalOf(request, answer.value))
    })
  }

  async function stream(path: string): Promise<Result<AsyncIterable<Uint8Array>, RedfishFault>> {
    if (closed) return refuse('the connection is closed')
    const current = await inTurn(loggedIn)
    if (!current.ok) return err(told(current.error))
    const opened = await openStream(service, path, loginHeaders(current.value, account))
    if (!opened.ok) return err(told(opened.error))
    idle?.cancel()
    return ok(counted(opened.value))
  }

  async function* counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    streams += 1
    try {
      yield* body
    } finally {
      streams -= 1
      rest()
    }
  }

  function rest(): void {
    if (login?.kind !== 'session' || closed || streams > 0) return
    idle?.cancel()
    idle = clock.after(timing.idleCloseMs, () => {
      if (waiting === 0) void inTurn(giveBack)
    })
  }

  async function giveBack(): Promise<void> {
    const held = login
    login = undefined
    if (held?.kind !== 'session') return
    // Where this fails, the memory keeps the session for the next login to close.
    const gone = await logOut(service, loginHeaders(held, account), held.path)
    if (gone) sessions.drop(name, held.path)
  }

  return {
    get: (path) => run({ method: 'GET', path }, () => read({ method: 'GET', path })),
    patch: (path, body, etag) =>
      run({ method: 'PATCH', path, body }, () =>
        change(path, body, etag === '' ? undefined : etag),
      ),
    post: (path, body) =>
      run({ method: 'POST', path, body }, () => attempt({ method: 'POST', path, body })),
    stream,
    push: (path, push) =>
      run({ method: 'POST', path }, () => attempt({ method: 'POST', path, push })),
    delete: (path) => run({ method: 'DELETE', path }, () => attempt({ method: 'DELETE', path })),
    async close() {
      if (closed) return
      closed = true
      idle?.cancel()
      await inTurn(giveBack)
    },
  }
}

/** Services that hand out weak ETags compare strongly at times (RFC 9110 §13.1.1); the rest wants none. */
const otherForm = (etag: string | undefined): string | undefined =>
  etag?.startsWith('W/') === true ? etag.slice(2) : undefined
