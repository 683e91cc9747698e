import { assert } from '@brickyard/std/assert'
import { Milliseconds, Seconds } from '@brickyard/std/units'
import {
  decodeSolPacket,
  encodeSolPacket,
  SOL_CHARACTERS_MAX,
  SOL_OPERATION,
  SOL_STATUS,
  type SolPacket,
} from './sol-packet.ts'

/** Unacknowledged packets are repeated after this time and so often (§15.11 leaves both to the console). */
const RETRY_MS = Milliseconds(500)
const ATTEMPTS_MAX = 8
/** After "not now" the rest is offered again this much later. */
const UNAVAILABLE_PAUSE_MS = Seconds(1)
const SEQUENCES = 15
/** Of fifteen numbers in a circle, half lie ahead. */
const SEQUENCES_AHEAD_MAX = 7

/** One end of an active serial-over-LAN payload; both ends work alike but for their bits. */
export interface SolLinkState {
  readonly charactersMax: number
  /** Characters that may wait here; more are refused whole. */
  readonly waitingMax: number
  /** Number of the next packet, 1..15. */
  readonly nextSequence: number
  readonly flight: SolFlight | undefined
  readonly waiting: Uint8Array
  /** Operation or status bits to go out with the next numbered packet: each once. */
  readonly bits: number
  readonly pausedUntilMs: number
  /** How many characters this end can take now. */
  readonly room: number
  readonly received: {
    readonly sequence: number
    readonly length: number
    readonly accepted: number
  }
}

interface SolFlight {
  readonly sequence: number
  readonly characters: Uint8Array
  readonly bits: number
  readonly attempt: number
  readonly retryAtMs: number
}

export type SolLinkEvent =
  | { readonly kind: 'payload'; readonly payload: Uint8Array }
  /** Characters to send. Ask `solRoom` first: what does not fit is our own bug. */
  | { readonly kind: 'characters'; readonly characters: Uint8Array }
  /** Bits of `SOL_OPERATION` or `SOL_STATUS` to send once. */
  | { readonly kind: 'bits'; readonly bits: number }
  /** This end can take so many characters from now on. */
  | { readonly kind: 'room'; readonly room: number }
  | { readonly kind: 'tick' }

export type SolLinkEffect =
  | { readonly kind: 'send'; readonly payload: Uint8Array }
  /** Characters from the other end, in order, each once. */
  | { readonly kind: 'characters'; readonly characters: Uint8Array }
  /** Bits of the other end, but for the acknowledging ones. */
  | { readonly kind: 'bits'; readonly bits: number }
  /** The other end acknowledges nothing any more. */
  | { readonly kind: 'lost' }

export interface SolLinkStep {
  readonly state: SolLinkState
  readonly effects: readonly SolLinkEffect[]
}

/** A fresh link; `charactersMax` is what the other end takes in one packet, 1..255. */
export function createSolLink(charactersMax: number, waitingMax: number): SolLinkState {
  assert(charactersMax >= 1, 'a packet carries at least one character')
  return {
    charactersMax: Math.min(charactersMax, SOL_CHARACTERS_MAX),
    waitingMax,
    nextSequence: 1,
    flight: undefined,
    waiting: new Uint8Array(0),
    bits: 0,
    pausedUntilMs: 0,
    room: Infinity,
    received: { sequence: 0, length: 0, accepted: 0 },
  }
}

/** How many characters may be handed in now. */
export const solRoom = (state: SolLinkState): number => state.waitingMax - state.waiting.length

export const solWakesAtMs = (state: SolLinkState): number | undefined => {
  if (state.flight !== undefined) return state.flight.retryAtMs
  return state.waiting.length > 0 ? state.pausedUntilMs : undefined
}

/**
 * Serial over LAN as a pure machine (IPMI 2.0 §15.9, §15.11): one numbered packet in the air, repeated
 * until it is acknowledged; what was taken in part is continued; repeats are acknowledged again and
 * not passed on twice. A payload, however mangled, never throws.
 */
export function stepSolLink(state: SolLinkState, event: SolLinkEvent, nowMs: number): SolLinkStep {
  const taken = take(state, event, nowMs)
  const sent = depart(taken.state, nowMs)
  return { state: sent.state, effects: [...taken.effects, ...sent.effects] }
}

const quiet = (state: SolLinkState): SolLinkStep => ({ state, effects: [] })

function take(state: SolLinkState, event: SolLinkEvent, nowMs: number): SolLinkStep {
  switch (event.kind) {
    case 'characters':
      assert(event.characters.length <= solRoom(state), 'more characters than may wait')
      return quiet({ ...state, waiting: joined(state.waiting, event.characters) })
    case 'bits':
      return quiet({ ...state, bits: state.bits | event.bits })
    case 'room':
      return quiet({ ...state, room: event.room })
    case 'tick':
      return repeat(state, nowMs)
    case 'payload': {
      const packet = decodeSolPacket(event.payload)
      return packet.ok ? takePacket(state, packet.value, nowMs) : quiet(state)
    }
  }
}

/** The acknowledging bits mean the same in both directions. */
const ACKNOWLEDGING = SOL_OPERATION.nack

function takePacket(state: SolLinkState, packet: SolPacket, nowMs: number): SolLinkStep {
  const acknowledged = takeAcknowledgement(state, packet, nowMs)
  const bits = packet.bits & ~ACKNOWLEDGING
  const told: readonly SolLinkEffect[] = bits === 0 ? [] : [{ kind: 'bits', bits }]
  if (packet.sequence === 0) return { state: acknowledged, effects: told }
  const before = acknowledged.received
  const ahead = (packet.sequence - before.sequence + SEQUENCES) % SEQUENCES
  // A straggler: its number was taken long ago, and its sender has had the answer.
  if (before.sequence !== 0 && ahead > SEQUENCES_AHEAD_MAX) {
    return { state: acknowledged, effects: [] }
  }
  const repeated = packet.sequence === before.sequence
  // A repeat may be longer than the first sending; what was refused comes under another number.
  const known = !repeated ? 0 : before.accepted < before.length ? Infinity : before.length
  const fresh = packet.characters.subarray(Math.min(known, packet.characters.length))
  const takes = fresh.subarray(0, Math.min(fresh.length, acknowledged.room))
  const accepted = (repeated ? before.accepted : 0) + takes.length
  const received = { sequence: packet.sequence, length: packet.characters.length, accepted }
  const refused = takes.length < fresh.length && takes.length === 0
  const answer = {
    sequence: 0,
    acknowledges: packet.sequence,
    accepted,
    bits: refused ? SOL_STATUS.nack | SOL_STATUS.transferUnavailable : 0,
    characters: new Uint8Array(0),
  }
  return {
    state: { ...acknowledged, received, room: acknowledged.room - takes.length },
    effects: [
      { kind: 'send', payload: encodeSolPacket(answer) },
      ...(repeated ? [] : told),
      ...(takes.length === 0 ? [] : [{ kind: 'characters', characters: takes.slice() } as const]),
    ],
  }
}

function takeAcknowledgement(state: SolLinkState, packet: SolPacket, nowMs: number): SolLinkState {
  const { flight } = state
  if (flight === undefined || packet.acknowledges !== flight.sequence) return state
  // What was not taken goes out again under a new number, before anything else.
  const left = flight.characters.subarray(Math.min(packet.accepted, flight.characters.length))
  const blocked = (packet.bits & SOL_STATUS.transferUnavailable) !== 0
  const stuck = left.length > 0 && (blocked || packet.accepted === 0)
  const pause = stuck ? UNAVAILABLE_PAUSE_MS : 0
  return {
    ...state,
    flight: undefined,
    waiting: joined(left, state.waiting),
    pausedUntilMs: nowMs + pause,
  }
}

function repeat(state: SolLinkState, nowMs: number): SolLinkStep {
  const { flight } = state
  if (flight === undefined || nowMs < flight.retryAtMs) return quiet(state)
  if (flight.attempt + 1 >= ATTEMPTS_MAX) {
    return { state: { ...state, flight: undefined }, effects: [{ kind: 'lost' }] }
  }
  const again = { ...flight, attempt: flight.attempt + 1, retryAtMs: nowMs + RETRY_MS }
  return { state: { ...state, flight: again }, effects: [sending(again)] }
}

/** Sends the next numbered packet when none is in the air and something is to be said. */
function depart(state: SolLinkState, nowMs: number): SolLinkStep {
  if (state.flight !== undefined) return quiet(state)
  const paused = nowMs < state.pausedUntilMs
  const characters = paused ? new Uint8Array(0) : state.waiting.slice(0, state.charactersMax)
  if (characters.length === 0 && state.bits === 0) return quiet(state)
  const flight: SolFlight = {
    sequence: state.nextSequence,
    characters,
    bits: state.bits,
    attempt: 0,
    retryAtMs: nowMs + RETRY_MS,
  }
  const next: SolLinkState = {
    ...state,
    flight,
    bits: 0,
    nextSequence: (state.nextSequence % SEQUENCES) + 1,
    waiting: state.waiting.slice(characters.length),
  }
  return { state: next, effects: [sending(flight)] }
}

function sending(flight: SolFlight): SolLinkEffect {
  const { sequence, characters, bits } = flight
  const payload = encodeSolPacket({ sequence, acknowledges: 0, accepted: 0, bits, characters })
  return { kind: 'send', payload }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
