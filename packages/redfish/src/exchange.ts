import type { Clock } from '@brickyard/runtime/clock'
import type { HttpClient, HttpFault, HttpRequest, TlsTrust } from '@brickyard/runtime/http'
import { err, ok, type Result } from '@brickyard/std/result'
import { MiB, Minutes, Seconds } from '@brickyard/std/units'
import type { RedfishFault } from './fault.ts'
import { objectOf, pathOf, textOf, type JsonObject } from './loose-json.ts'
import type { PushContent } from './push.ts'
import { messagesOf, saysAny, wordsOf, type RedfishMessage } from './message.ts'

/** Largest answer read. The longest real ones are message registries, of about 2 MiB. */
export const ANSWER_BYTES_MAX = MiB(4)

/** Some services check a pushed image before they answer, which takes minutes. */
const PUSH_HEADER_TIMEOUT_MS = Minutes(10)

export interface RedfishTiming {
  readonly connectTimeoutMs: number
  /** BMCs gather an answer before they send its first byte. */
  readonly headerTimeoutMs: number
  /** Longest silence within an answer. */
  readonly bodyTimeoutMs: number
  /** Longest time for an answer as a whole, however steadily it drips. */
  readonly answerTimeoutMs: number
  /** A session unused for so long is given back. */
  readonly idleCloseMs: number
}

/** Measured on real BMCs: most answer within 2 s, inventories of busy iDRACs within 30 s. */
export const DEFAULT_TIMING: RedfishTiming = {
  connectTimeoutMs: Seconds(5),
  headerTimeoutMs: Seconds(45),
  bodyTimeoutMs: Seconds(15),
  answerTimeoutMs: Seconds(90),
  idleCloseMs: Seconds(120),
}

export interface RedfishRequest {
  readonly method: HttpRequest['method']
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: JsonObject | undefined
  /** In place of a JSON body. */
  readonly push?: PushContent | undefined
}

/** What a service answered, whatever its status. */
export interface RedfishAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Empty when there was none. */
  readonly body: JsonObject
  /** Undefined when none was given; services that send an empty one have none. */
  readonly etag: string | undefined
  /** Path of what was made, or of the task that makes it. */
  readonly location: string | undefined
}

export interface Service {
  readonly http: HttpClient
  readonly clock: Clock
  /** `https://10.0.9.11:443`, without a path. */
  readonly baseUrl: string
  readonly tls: TlsTrust | undefined
  readonly timing: RedfishTiming
}

/** One request and its whole answer. Every status is an answer; only silence and rubbish are faults. */
export async function exchange(
  service: Service,
  request: RedfishRequest,
): Promise<Result<RedfishAnswer, RedfishFault>> {
  const { http, clock, baseUrl, tls, timing } = service
  const startedMs = clock.monotonicMs()
  const { method, path, body, push } = request
  const what = `${method} ${path.split('?')[0]} at ${baseUrl}`
  const sent = await http.request({
    method,
    url: baseUrl + path,
    headers: {
      accept: 'application/json',
      'odata-version': '4.0',
      // A whole body in one buffer goes with its length: some BMCs refuse chunked requests.
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(push === undefined ? {} : { 'content-type': push.contentType, ...push.headers }),
      ...request.headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(push === undefined ? {} : { body: push.body }),
    ...(tls === undefined ? {} : { tls }),
    connectTimeoutMs: timing.connectTimeoutMs,
    headerTimeoutMs: push === undefined ? timing.headerTimeoutMs : PUSH_HEADER_TIMEOUT_MS,
    bodyTimeoutMs: timing.bodyTimeoutMs,
  })
  const sinceMs = push === undefined ? startedMs : clock.monotonicMs()
  const untilMs = sinceMs + timing.answerTimeoutMs
  if (!sent.ok) return err({ kind: kindOf(sent.error), message: sent.error.message, said: [] })
  const { status, headers } = sent.value
  const read = await readText(sent.value.body, clock, untilMs)
  if (!read.ok) return err({ ...read.error, message: `${what}: ${read.error.message}`, status })
  const parsed = parseBody(read.value)
  // A failure is told by its status; only a promised resource must be JSON.
  if (parsed === undefined && method === 'GET' && status < 300) {
    const message = `${what}: the answer is no JSON object`
    return err({ kind: 'protocol', message, status, said: [] })
  }
  return ok({
    status,
    headers,
    body: parsed ?? {},
    etag: textOf(headers['etag']) ?? textOf(parsed?.['@odata.etag']),
    location: pathOf(headers['location']),
  })
}

/** Services send a sign of life every few minutes at most. */
const STREAM_SILENCE_MS = Minutes(10)

/** The body of an answer that does not end; only a refusal is read whole. */
export async function openStream(
  service: Service,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Result<AsyncIterable<Uint8Array>, RedfishFault>> {
  const { http, clock, baseUrl, tls, timing } = service
  const sent = await http.request({
    method: 'GET',
    url: baseUrl + path,
    headers: { accept: 'text/event-stream', 'odata-version': '4.0', ...headers },
    ...(tls === undefined ? {} : { tls }),
    connectTimeoutMs: timing.connectTimeoutMs,
    headerTimeoutMs: timing.headerTimeoutMs,
    bodyTimeoutMs: STREAM_SILENCE_MS,
  })
  if (!sent.ok) return err({ kind: kindOf(sent.error), message: sent.error.message, said: [] })
  const { status, body } = sent.value
  if (status >= 200 && status < 300) return ok(body)
  const read = await readText(body, clock, clock.monotonicMs() + timing.answerTimeoutMs)
  const parsed = read.ok ? parseBody(read.value) : undefined
  const answer = { status, headers: {}, body: parsed ?? {}, etag: undefined, location: undefined }
  return err(refusalOf({ method: 'GET', path }, answer))
}

const kindOf = ({ kind }: HttpFault): RedfishFault['kind'] =>
  kind === 'connect' ? 'unreachable' : kind === 'tls' ? 'auth' : kind

type ReadFault = Pick<RedfishFault, 'kind' | 'message' | 'said'>

async function readText(
  body: AsyncIterable<Uint8Array>,
  clock: Clock,
  untilMs: number,
): Promise<Result<string, ReadFault>> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  try {
    for await (const piece of body) {
      bytes += piece.length
      if (bytes > ANSWER_BYTES_MAX) {
        const message = `the answer is longer than ${ANSWER_BYTES_MAX} bytes`
        return err({ kind: 'protocol', message, said: [] })
      }
      if (clock.monotonicMs() > untilMs) {
        const message = `the answer takes too long (${bytes} bytes so far)`
        return err({ kind: 'timeout', message, said: [] })
      }
      text += decoder.decode(piece, { stream: true })
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return err({ kind: 'timeout', message: `the answer broke off: ${why}`, said: [] })
  }
  return ok(text + decoder.decode())
}

/** The object in a text; undefined when it holds something else than an object or nothing. */
function parseBody(text: string): JsonObject | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return {}
  try {
    const value: unknown = JSON.parse(trimmed)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? objectOf(value)
      : undefined
  } catch {
    return undefined
  }
}

export const succeeded = ({ status }: RedfishAnswer): boolean => status >= 200 && status < 300

/** The fault that an answer of no success is, in the service's own words where it has some. */
export function refusalOf(request: RedfishRequest, answer: RedfishAnswer): RedfishFault {
  const { status } = answer
  const said = messagesOf(answer.body).map((message) => withoutSecrets(message, request.body))
  const words = said.map((message) => wordsOf(message)).join('; ')
  const what = `${request.method} ${request.path.split('?')[0]}`
  const login = status === 401 || saysAny(said, 'InsufficientPrivilege', 'PasswordChangeRequired')
  return {
    kind: login || (status === 403 && said.length === 0) ? 'auth' : 'refused',
    message: `${what} was answered with ${status}${words === '' ? '' : `: ${words}`}`,
    status,
    said,
  }
}

/** Services quote the value they refuse, which may be a password. */
function withoutSecrets(message: RedfishMessage, sent: JsonObject | undefined): RedfishMessage {
  const secrets = Object.entries(sent ?? {}).flatMap(([name, value]) =>
    /password/i.test(name) && typeof value === 'string' && value !== '' ? [value] : [],
  )
  const hide = (text: string): string =>
    secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
  const { text, resolution } = message
  return {
    ...message,
    text: text === undefined ? undefined : hide(text),
    resolution: resolution === undefined ? undefined : hide(resolution),
    args: message.args.map(hide),
  }
}
