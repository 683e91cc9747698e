import type { NetworkMode } from '@brickyard/model/rack'
import { err, ok, type Result } from '@brickyard/std/result'
import type { ConsoleRecord, ConsoleRecordPart } from './console-schemas.ts'
import type { SledBmc } from './bmc-schemas.ts'
import type { BootTraceAnswer, NetbootPreviewAnswer } from './boot-schemas.ts'
import type { SealedLogin } from './credential-schemas.ts'
import type { ApiProblem } from './problem.ts'
import type {
  Act,
  ApiEvent,
  Attention,
  Change,
  Deployment,
  DeploymentAsked,
  EnrolmentToken,
  Image,
  ImageAsked,
  Operation,
  Overview,
  Page,
  PlacementPreview,
  Session,
  Site,
  SiteAsked,
  SiteDetail,
  Sled,
} from './schemas.ts'

/** Why a call came to nothing: the hub refused it, or nothing sensible was answered. */
export type ClientFailure =
  | { readonly kind: 'problem'; readonly problem: ApiProblem }
  | { readonly kind: 'unreachable'; readonly message: string }

export type Answer<T> = Promise<Result<T, ClientFailure>>

export interface ClientOptions {
  readonly fetch: (request: Request) => Promise<Response> | Response
  /** Origin of the hub, e.g. `https://hub.example:8443`. */
  readonly baseUrl: string
  /** Bearer token of a session. */
  readonly token?: string | undefined
}

type Query = Readonly<Record<string, string | number | undefined>>
export interface PageQuery {
  readonly limit?: number | undefined
  readonly pageToken?: string | undefined
}
type SledFilter = PageQuery & { readonly site?: string; readonly state?: string }
type Where = PageQuery & { readonly site?: string; readonly sled?: string }

type Content = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | string

interface Call {
  readonly query?: Query
  readonly json?: unknown
  readonly content?: Content
  readonly headers?: Readonly<Record<string, string>>
}

export type HubClient = ReturnType<typeof createClient>

/** The hub's API as functions. Nothing is retried here; a refusal comes back with its reasons. */
export function createClient(options: ClientOptions) {
  const call = caller(options)
  const get = <T>(path: string, query?: object): Answer<T> =>
    call('GET', path, query === undefined ? {} : { query: query as Query })
  const post = <T>(path: string, json: unknown = {}): Answer<T> => call('POST', path, { json })
  const sled = (site: string, name: string): string => `/v1/sites/${e(site)}/sleds/${e(name)}`
  return {
    login: (user: string, password: string) => post<Session>('/v1/sessions', { user, password }),
    session: () => get<Session>('/v1/sessions/current'),
    logout: (): Answer<void> => call('DELETE', '/v1/sessions/current'),
    sites: {
      list: (query: PageQuery = {}) => get<Page<Site>>('/v1/sites', query),
      get: (site: string) => get<SiteDetail>(`/v1/sites/${e(site)}`),
      create: (site: SiteAsked) => post<SiteDetail>('/v1/sites', site),
      rack: (site: string) => get<Record<string, unknown>>(`/v1/sites/${e(site)}/rack`),
      putRack: (site: string, rack: unknown): Answer<SiteDetail> =>
        call('PUT', `/v1/sites/${e(site)}/rack`, { json: rack }),
      /** How machines booted that nobody declared, or the one with this MAC. */
      boots: (site: string, mac?: string) =>
        get<BootTraceAnswer>(`/v1/sites/${e(site)}/boots`, { mac }),
      /** What it would answer, in the present modes or in another one. */
      netbootPreview: (site: string, mode?: string) =>
        get<NetbootPreviewAnswer>(`/v1/sites/${e(site)}/netboot-preview`, { mode }),
      setNetworkMode: (site: string, network: string, mode: NetworkMode): Answer<SiteDetail> =>
        call('PUT', `/v1/sites/${e(site)}/networks/${e(network)}/mode`, { json: { mode } }),
      enrolmentToken: (site: string) =>
        post<EnrolmentToken>(`/v1/sites/${e(site)}/enrolment-tokens`),
    },
    sleds: {
      list: (query: SledFilter = {}) => get<Page<Sled>>('/v1/sleds', query),
      get: (site: string, name: string) => get<Sled>(sled(site, name)),
      /** How it booted, as its site says. */
      boots: (site: string, name: string) => get<BootTraceAnswer>(`${sled(site, name)}/boots`),
      power: (site: string, name: string, verb: string, via?: string) =>
        post<Act>(`${sled(site, name)}/power`, { verb, via }),
      identify: (site: string, name: string, seconds?: number) =>
        post<Act>(`${sled(site, name)}/identify`, { seconds }),
      inspect: (site: string, name: string) => post<Act>(`${sled(site, name)}/inspect`),
      recover: (site: string, name: string) => post<Act>(`${sled(site, name)}/recover`),
      /** What its BMC measures and what is open on it. */
      bmc: (site: string, name: string) => get<SledBmc>(`${sled(site, name)}/bmc`),
      restartBmc: (site: string, name: string) => post<Act>(`${sled(site, name)}/restart-bmc`),
      releaseAdoption: (site: string, name: string) =>
        post<Act>(`${sled(site, name)}/release-adoption`),
      rotateCredentials: (site: string, name: string) =>
        post<Act>(`${sled(site, name)}/rotate-credentials`),
      /** `box`: a login that was sealed to the key of the site. */
      giveLogin: (site: string, name: string, box: string) =>
        post<Act>(`${sled(site, name)}/bmc-login`, { box }),
      /** Newest first; only the offline key opens them. */
      sealedLogins: (site: string, name: string) =>
        get<{ readonly items: readonly SealedLogin[] }>(`${sled(site, name)}/sealed-logins`),
    },
    images: {
      list: (query: PageQuery = {}) => get<Page<Image>>('/v1/images', query),
      get: (sha256: string) => get<Image>(`/v1/images/${e(sha256)}`),
      create: (image: ImageAsked) => post<Image>('/v1/images', image),
      /** Sends the bytes from `first` on; a whole image without it. */
      putContent: (
        sha256: string,
        content: Content,
        part?: { readonly first: number; readonly total: number },
      ): Answer<Image> =>
        call('PUT', `/v1/images/${e(sha256)}/content`, {
          content,
          headers:
            part === undefined
              ? {}
              : { 'content-range': `bytes ${part.first}-${part.total - 1}/${part.total}` },
        }),
    },
    deployments: {
      list: (query: PageQuery = {}) => get<Page<Deployment>>('/v1/deployments', query),
      get: (id: string) => get<Deployment>(`/v1/deployments/${e(id)}`),
      create: (deployment: DeploymentAsked, idempotencyKey?: string): Answer<Deployment> =>
        call('POST', '/v1/deployments', {
          json: deployment,
          headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
        }),
      release: (id: string) => post<Deployment>(`/v1/deployments/${e(id)}/release`),
      preview: (deployment: DeploymentAsked) =>
        post<PlacementPreview>('/v1/placements/preview', deployment),
    },
    operations: {
      list: (query: Where & { readonly state?: string; readonly assignment?: string } = {}) =>
        get<Page<Operation>>('/v1/operations', query),
      get: (id: string) => get<Operation>(`/v1/operations/${e(id)}`),
    },
    acts: { get: (id: string) => get<Act>(`/v1/acts/${e(id)}`) },
    events: {
      /** Newest first; with `after` those behind it, oldest first. */
      list: (query: Where & { readonly kind?: string; readonly after?: number } = {}) =>
        get<Page<ApiEvent>>('/v1/events', query),
    },
    consoles: {
      /** Records of a sled's console, newest first. */
      records: (site: string, name: string) =>
        get<{ readonly items: readonly ConsoleRecord[] }>(`${sled(site, name)}/console-records`),
      /** Up to 200 parts of a record behind number `after`. */
      record: (id: string, after = 0) =>
        get<{ readonly record: ConsoleRecord; readonly parts: readonly ConsoleRecordPart[] }>(
          `/v1/console-records/${e(id)}`,
          { after },
        ),
    },
    attention: () => get<{ readonly items: readonly Attention[] }>('/v1/attention'),
    overview: () => get<Overview>('/v1/overview'),
    live: (signal?: AbortSignal) => live(options, signal),
  }
}

const e = encodeURIComponent

const headersOf = ({ token }: ClientOptions): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` }

function caller(options: ClientOptions) {
  return async <T>(method: string, path: string, call: Call = {}): Answer<T> => {
    const url = new URL(path, options.baseUrl)
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    const type = call.json === undefined ? 'application/octet-stream' : 'application/json'
    const content = call.json === undefined ? call.content : JSON.stringify(call.json)
    const init: RequestInit = {
      method,
      headers: {
        ...headersOf(options),
        ...(content === undefined ? {} : { 'content-type': type }),
        ...call.headers,
      },
      ...(content === undefined ? {} : { body: content, duplex: 'half' as const }),
    }
    try {
      const response = await options.fetch(new Request(url, init))
      if (!response.ok) return err(await refusal(response))
      return ok((response.status === 204 ? undefined : await response.json()) as T)
    } catch (error) {
      return err({ kind: 'unreachable', message: `${method} ${url.origin}: ${why(error)}` })
    }
  }
}

/** fetch hides what went wrong in the cause of its error. */
const why = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}

async function refusal(response: Response): Promise<ClientFailure> {
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('application/problem+json')) {
    return { kind: 'problem', problem: (await response.json()) as ApiProblem }
  }
  return { kind: 'unreachable', message: `the answer ${response.status} is not the hub’s` }
}

/** A line of the live feed; `reset` means that changes were missed. */
export type LiveLine = Change | { readonly kind: 'reset' }

async function* live(options: ClientOptions, signal?: AbortSignal): AsyncGenerator<LiveLine> {
  const response = await options.fetch(
    new Request(new URL('/v1/live', options.baseUrl), {
      headers: headersOf(options),
      ...(signal === undefined ? {} : { signal }),
    }),
  )
  if (!response.ok || response.body === null) throw new Error(`no live feed: ${response.status}`)
  let text = ''
  const decoder = new TextDecoder()
  for await (const piece of response.body) {
    text += decoder.decode(piece, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => split(line)))
      if (fields.get('event') === 'reset') yield { kind: 'reset' }
      else if (fields.get('event') === 'change') {
        yield JSON.parse(fields.get('data') ?? '') as Change
      }
    }
  }
}

const split = (line: string): [string, string] => {
  const at = line.indexOf(': ')
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 2)]
}
