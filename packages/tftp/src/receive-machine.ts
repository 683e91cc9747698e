import { Seconds } from '@brickyard/std/units'
import { BLOCK_BYTES_DEFAULT, wholeNumber } from './negotiate.ts'
import { encodeAck, encodeError, encodeRequest, TFTP_ERROR, type TftpPacket } from './packet.ts'

/** One file on its way to us: the client's half, which the simulated sled's firmware runs. */
export interface ReceiveState {
  readonly request: Uint8Array
  readonly asked: ReadonlyMap<string, string>
  readonly blockBytes: number
  readonly windowBlocks: number
  /** False until an OACK or the first block came. */
  readonly begun: boolean
  /** Blocks received in order. */
  readonly received: number
  /** Owned by the transfer and appended to in place: copying it for each block would be quadratic. */
  readonly pieces: Uint8Array[]
  /** Blocks since our last ACK (RFC 7440 §4). */
  readonly unacked: number
  readonly retries: number
}

export type ReceiveEvent =
  | { readonly kind: 'packet'; readonly packet: TftpPacket }
  | { readonly kind: 'timeout' }

export type ReceiveStep =
  | {
      readonly kind: 'continue'
      readonly state: ReceiveState
      readonly send: readonly Uint8Array[]
      readonly waitMs: number
    }
  | { readonly kind: 'done'; readonly file: Uint8Array; readonly send: readonly Uint8Array[] }
  | { readonly kind: 'failed'; readonly reason: string; readonly send: readonly Uint8Array[] }

export interface ReceiveOptions {
  readonly blockBytes?: number
  readonly windowBlocks?: number
}

const WAIT_MS = Seconds(2)
const RETRIES_MAX = 5
/** Boot loaders are a megabyte; a server that sends for ever must not fill the memory. */
const BLOCKS_MAX = 262_144

/** Asks for a file. The answer comes from a new port, which is the server's for this transfer. */
export function startReceive(name: string, options: ReceiveOptions = {}): ReceiveStep {
  const asked = new Map<string, string>()
  if (options.blockBytes !== undefined) asked.set('blksize', String(options.blockBytes))
  if (options.windowBlocks !== undefined) asked.set('windowsize', String(options.windowBlocks))
  const request = encodeRequest('read', name, asked)
  const state: ReceiveState = {
    request,
    asked,
    blockBytes: BLOCK_BYTES_DEFAULT,
    windowBlocks: 1,
    begun: false,
    received: 0,
    pieces: [],
    unacked: 0,
    retries: 0,
  }
  return { kind: 'continue', state, send: [request], waitMs: WAIT_MS }
}

/** Takes one packet from the server, or the end of the wait. */
export function stepReceive(state: ReceiveState, event: ReceiveEvent): ReceiveStep {
  if (event.kind === 'timeout') return repeat(state)
  const { packet } = event
  if (packet.kind === 'oack') return agreed(state, packet.options)
  if (packet.kind === 'data') return arrived(state, packet.block, packet.bytes)
  if (packet.kind === 'error')
    return failed(`the server refused: ${packet.message} (${packet.code})`)
  return wait(state, [])
}

function agreed(state: ReceiveState, options: ReadonlyMap<string, string>): ReceiveStep {
  if (state.begun) return wait(state, state.received === 0 ? [encodeAck(0)] : [])
  const granted = (name: string, without: number): number | undefined => {
    const text = options.get(name)
    if (text === undefined) return without
    const value = wholeNumber(text)
    const most = Number(state.asked.get(name) ?? 0)
    return value === undefined || value < 1 || value > most ? undefined : value
  }
  const blockBytes = granted('blksize', BLOCK_BYTES_DEFAULT)
  const windowBlocks = granted('windowsize', 1)
  if (blockBytes === undefined || windowBlocks === undefined) {
    const send = [encodeError(TFTP_ERROR.optionRefused, 'more than was asked for')]
    return failed('the server granted more than was asked for', send)
  }
  return wait({ ...state, begun: true, blockBytes, windowBlocks, retries: 0 }, [encodeAck(0)])
}

function arrived(state: ReceiveState, block: number, bytes: Uint8Array): ReceiveStep {
  const expected = (state.received + 1) & 0xffff
  if (block !== expected || bytes.length > state.blockBytes) {
    // A gap (or the echo of an old block): say what we have, once, and wait for what follows it.
    const send = state.unacked > 0 ? [encodeAck(state.received & 0xffff)] : []
    return wait({ ...state, unacked: 0 }, send)
  }
  const received = state.received + 1
  if (received > BLOCKS_MAX) return failed(`more than ${BLOCKS_MAX} blocks`)
  const { pieces } = state
  pieces.push(bytes)
  if (bytes.length < state.blockBytes) {
    return { kind: 'done', file: whole(pieces), send: [encodeAck(block)] }
  }
  const full = state.unacked + 1 >= state.windowBlocks
  const next = { ...state, begun: true, received, retries: 0 }
  return wait({ ...next, unacked: full ? 0 : state.unacked + 1 }, full ? [encodeAck(block)] : [])
}

function repeat(state: ReceiveState): ReceiveStep {
  if (state.retries >= RETRIES_MAX) return failed('the server does not answer')
  const again = state.begun ? encodeAck(state.received & 0xffff) : state.request
  return wait({ ...state, unacked: 0, retries: state.retries + 1 }, [again])
}

const wait = (state: ReceiveState, send: readonly Uint8Array[]): ReceiveStep => ({
  kind: 'continue',
  state,
  send,
  waitMs: WAIT_MS,
})

const failed = (reason: string, send: readonly Uint8Array[] = []): ReceiveStep => ({
  kind: 'failed',
  reason,
  send,
})

function whole(pieces: readonly Uint8Array[]): Uint8Array {
  const file = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    file.set(piece, at)
    at += piece.length
  }
  return file
}
