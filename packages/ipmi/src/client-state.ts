import type { CipherSuiteId } from './cipher-suite.ts'
import type { CommandRequest } from './commands/command.ts'
import type { Privilege } from './privilege.ts'
import type { SequenceWindow } from './sequence-window.ts'
import type { KeyExchange, SessionKeys } from './session-keys.ts'

/** Random bytes every event brings along: a session id and a random number, or one IV. */
export const STEP_ENTROPY_BYTES = 32

/** Requests that may wait in one client; a BMC is slow and a longer queue would only hide it. */
export const QUEUE_REQUESTS_MAX = 16

/** Who logs in and how patient the client is. */
export interface ClientConfig {
  /** At most 16 ASCII characters. */
  readonly user: string
  /** At most 20 ASCII characters. */
  readonly password: string
  /** The BMC key Kg, where one is set. */
  readonly bmcKey?: string | undefined
  readonly cipherSuite: CipherSuiteId
  readonly privilege: Privilege
  /** How long each attempt of an exchange waits for its answer; as many attempts as there are entries. */
  readonly attemptTimeoutsMs: readonly number[]
  /** After so long without an exchange the session is kept alive by a harmless question. */
  readonly keepaliveMs: number
  /** After so long without a caller's request the session is closed: BMCs have few. */
  readonly idleCloseMs: number
}

export type FaultKind = 'unreachable' | 'refused' | 'auth' | 'timeout' | 'protocol'

export interface ClientFault {
  readonly kind: FaultKind
  readonly message: string
}

export interface ClientRequest {
  /** Names the request in the effects; the caller's choice. */
  readonly id: number
  readonly request: CommandRequest
  /** On the clock of `nowMs`; afterwards the request fails wherever it is. */
  readonly deadlineMs: number
  /** `never`: sent once only, because a second run would do something again (power cycle, reset). */
  readonly repeat: 'harmless' | 'never'
}

export interface QueuedRequest extends ClientRequest {
  /** Already tried in a session that turned out to be dead. */
  readonly reopened: boolean
}

export type ClientEvent =
  | { readonly kind: 'request'; readonly request: ClientRequest; readonly entropy: Uint8Array }
  | { readonly kind: 'datagram'; readonly datagram: Uint8Array; readonly entropy: Uint8Array }
  | { readonly kind: 'tick'; readonly entropy: Uint8Array }
  /** A serial-over-LAN payload to send in the present session; without one it is dropped. */
  | { readonly kind: 'sol'; readonly payload: Uint8Array; readonly entropy: Uint8Array }
  /** While held, the session is kept alive and not closed for want of requests. */
  | { readonly kind: 'hold'; readonly held: boolean; readonly entropy: Uint8Array }
  | { readonly kind: 'close'; readonly entropy: Uint8Array }

export type ClientEffect =
  | { readonly kind: 'send'; readonly datagram: Uint8Array }
  | {
      readonly kind: 'answered'
      readonly id: number
      readonly completionCode: number
      readonly data: Uint8Array
    }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: ClientFault }
  /** A serial-over-LAN payload of the present session. */
  | { readonly kind: 'sol'; readonly payload: Uint8Array }
  /** The session that was open is no more: closed, silent, or forgotten by the BMC. */
  | { readonly kind: 'session-ended' }
  /** The client is done with for good. */
  | { readonly kind: 'closed' }

/** A message sent outside a session, and when to send it again. */
export interface Exchange {
  readonly datagram: Uint8Array
  /** 0 for the first sending. */
  readonly attempt: number
  readonly retryAtMs: number
}

/** What has been agreed so far while a session opens; each stage waits for one answer. */
export type Opening =
  | { readonly stage: 'capabilities' }
  | { readonly stage: 'open-session' }
  | { readonly stage: 'rakp-2'; readonly bmcSessionId: number }
  | { readonly stage: 'rakp-4'; readonly agreed: KeyExchange; readonly keys: SessionKeys }

export interface Session {
  readonly consoleSessionId: number
  readonly bmcSessionId: number
  readonly keys: SessionKeys
  /** Number of the last packet sent. */
  readonly sentSequence: number
  readonly received: SequenceWindow
  readonly requesterSequence: number
  readonly lastExchangeMs: number
  readonly lastUseMs: number
  /** A caller's request was answered in it: when it falls silent it may have died since. */
  readonly proven: boolean
}

/** The one request in the air. BMCs dislike bursts, so there is never a second one. */
export interface Flight {
  readonly purpose: 'caller' | 'privilege' | 'keepalive' | 'close'
  readonly request: CommandRequest
  readonly queued: QueuedRequest | undefined
  readonly attempt: number
  readonly retryAtMs: number
}

export type Link =
  | { readonly phase: 'idle' }
  | {
      readonly phase: 'opening'
      readonly opening: Opening
      readonly consoleSessionId: number
      readonly consoleRandom: Uint8Array
      readonly exchange: Exchange
    }
  | { readonly phase: 'active'; readonly session: Session; readonly flight: Flight | undefined }
  | { readonly phase: 'closed' }

export type OpeningLink = Extract<Link, { phase: 'opening' }>
export type ActiveLink = Extract<Link, { phase: 'active' }>

export interface ClientState {
  readonly config: ClientConfig
  readonly link: Link
  readonly queue: readonly QueuedRequest[]
  /** A close was asked for: once the session is closed, so is the client. */
  readonly closing: boolean
  /** Something else than requests lives on the session: a console. */
  readonly held: boolean
}

export interface ClientStep {
  readonly state: ClientState
  readonly effects: readonly ClientEffect[]
}

/** A step that changes nothing but the state given. */
export const unchanged = (state: ClientState): ClientStep => ({ state, effects: [] })

export const fault = (kind: FaultKind, message: string): ClientFault => ({ kind, message })

/** Fails every waiting request for the same reason. */
export function failQueue(state: ClientState, fault: ClientFault): ClientStep {
  const effects = state.queue.map((queued) => ({ kind: 'failed', id: queued.id, fault }) as const)
  return { state: { ...state, queue: [] }, effects }
}

/** How long attempt number `attempt` waits; undefined when there are no more attempts. */
export const attemptTimeoutMs = (config: ClientConfig, attempt: number): number | undefined =>
  config.attemptTimeoutsMs[attempt]
