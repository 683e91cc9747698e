import type { CipherSuite, CipherSuiteId } from './cipher-suite.ts'
import type { Privilege } from './privilege.ts'
import type { SequenceWindow } from './sequence-window.ts'
import type { KeyExchange, SessionKeys } from './session-keys.ts'

/** Random bytes every event brings along: a session id and a random number, or one IV. */
export const BMC_ENTROPY_BYTES = 32

/** Logins under way at once. Anybody can start one, so the oldest makes room for the newest. */
export const HANDSHAKES_MAX = 8
/** A login that takes longer than this is given up (a console repeats every second or two). */
export const HANDSHAKE_LIFE_MS = 20_000
/** A session without a packet ends after this time (IPMI 2.0 §6.12.15: 60 seconds, 3 less or more). */
export const SESSION_LIFE_MS = 60_000
/** A console repeats an unanswered request within seconds; a later twin is a new wish. */
export const REPEAT_LIFE_MS = 10_000

export interface BmcUser {
  readonly name: string
  readonly password: string
  readonly privilege: Privilege
}

export interface BmcConfig {
  readonly users: readonly BmcUser[]
  /** 16 bytes as they go on the wire. */
  readonly guid: Uint8Array
  readonly cipherSuites: readonly CipherSuiteId[]
  /** The BMC key Kg, where one is set: at most 20 ASCII characters (§13.31). */
  readonly bmcKey?: string | undefined
  /** Sessions open at once; real BMCs have four or so. */
  readonly sessionsMax: number
}

/** A command of a session, for the chassis behind the BMC to carry out. */
export interface BmcCommand {
  /** The session it came in by, under the BMC's own number. */
  readonly sessionId: number
  readonly netFn: number
  readonly command: number
  readonly data: Uint8Array
  readonly privilege: Privilege
  readonly user: string
}

export interface BmcAnswer {
  readonly completionCode: number
  readonly data: Uint8Array
}

export type BmcEvent<Peer> =
  | {
      readonly kind: 'datagram'
      readonly datagram: Uint8Array
      readonly from: Peer
      readonly entropy: Uint8Array
    }
  | {
      readonly kind: 'answer'
      readonly ticket: number
      readonly answer: BmcAnswer
      readonly entropy: Uint8Array
    }
  /** A serial-over-LAN payload to send in a session; one that is gone drops it. */
  | {
      readonly kind: 'sol'
      readonly sessionId: number
      readonly payload: Uint8Array
      readonly entropy: Uint8Array
    }

export type BmcEffect<Peer> =
  | { readonly kind: 'send'; readonly datagram: Uint8Array; readonly to: Peer }
  /** Answered later by an `answer` event with the same ticket. */
  | { readonly kind: 'command'; readonly ticket: number; readonly command: BmcCommand }
  | { readonly kind: 'sol'; readonly sessionId: number; readonly payload: Uint8Array }
  | { readonly kind: 'session-ended'; readonly sessionId: number }

export interface Handshake {
  readonly consoleSessionId: number
  readonly suite: CipherSuite
  /** 0 when the console left the choice to us. */
  readonly privilegeAsked: number
  readonly startedMs: number
  /** Set by RAKP 1; a repeat of the same RAKP 1 gets the same RAKP 2. */
  readonly challenge:
    | {
        readonly rakp1: Uint8Array
        readonly rakp2: Uint8Array
        readonly agreed: KeyExchange
        readonly user: BmcUser
      }
    | undefined
}

export interface BmcSession<Peer> {
  readonly suite: CipherSuite
  readonly keys: SessionKeys
  readonly consoleSessionId: number
  readonly user: BmcUser
  /** The most this session may become: the role asked for at login, bounded by the user's own. */
  readonly privilegeMax: Privilege
  readonly privilege: Privilege
  readonly received: SequenceWindow
  readonly sentSequence: number
  readonly lastSeenMs: number
  readonly peer: Peer
  /** RAKP 3 and the RAKP 4 it got, for a console that missed the answer. */
  readonly login: { readonly rakp3: Uint8Array; readonly rakp4: Uint8Array }
  /** The last request, so that a repeat of it is answered and not done twice. */
  readonly last:
    | {
        readonly request: Uint8Array
        readonly atMs: number
        /** Undefined while the chassis works on it. */
        readonly answer: BmcAnswer | undefined
        readonly ticket: number
      }
    | undefined
}

export interface BmcState<Peer> {
  readonly config: BmcConfig
  /** By our session id. */
  readonly handshakes: ReadonlyMap<number, Handshake>
  readonly sessions: ReadonlyMap<number, BmcSession<Peer>>
  readonly nextTicket: number
}

export interface BmcStep<Peer> {
  readonly state: BmcState<Peer>
  readonly effects: readonly BmcEffect<Peer>[]
}

/** A copy of a map with one entry set, or taken away when `value` is undefined. */
export function withEntry<V>(
  map: ReadonlyMap<number, V>,
  key: number,
  value: V | undefined,
): ReadonlyMap<number, V> {
  const copy = new Map(map)
  if (value === undefined) copy.delete(key)
  else copy.set(key, value)
  return copy
}
