import { Seconds } from '@brickyard/std/units'
import type { Negotiated, Transfer } from './negotiate.ts'
import {
  dataBytes,
  encodeBlocks,
  encodeError,
  encodeOack,
  TFTP_ERROR,
  type TftpPacket,
} from './packet.ts'

/**
 * One file on its way to one client (RFC 1350 §2, §6; windows RFC 7440 §4). Blocks are counted from
 * 1 without end here and written modulo 65536, so files of any length pass.
 */
export interface SendState {
  readonly file: Uint8Array
  readonly transfer: Transfer
  /** The OACK, while its ACK (block 0) has not come. */
  readonly oack: Uint8Array | undefined
  /** Highest block the client has confirmed. */
  readonly acked: number
  /** Highest block sent. */
  readonly sent: number
  /** Repeats since the client last confirmed something new. */
  readonly retries: number
  /** Where every block but the last is put together while windows are of one block. */
  readonly memory: Uint8Array | undefined
}

export type SendEvent =
  | { readonly kind: 'packet'; readonly packet: TftpPacket }
  | { readonly kind: 'timeout' }

export type SendStep =
  /**
   * Send these; keep waiting. `waitMs` restarts the timer where it is given. What is sent may be
   * written over by the step that takes the answer to it.
   */
  | {
      readonly kind: 'continue'
      readonly state: SendState
      readonly send: readonly Uint8Array[]
      readonly waitMs?: number
    }
  | { readonly kind: 'done' }
  /** `send` tells the client, where it can still be told. */
  | { readonly kind: 'failed'; readonly reason: string; readonly send: readonly Uint8Array[] }

/** Waits of 1, 2, 4, 8, 8 and 8 s: longer than a firmware's own patience, shorter than a person's. */
const RETRIES_MAX = 5
const WAIT_MS_MAX = Seconds(8)

/** How many blocks a file takes: the last is shorter than a full block, and empty when it must be. */
export const blockCount = (fileBytes: number, blockBytes: number): number =>
  Math.floor(fileBytes / blockBytes) + 1

/** Begins a transfer with an OACK, or with the first window where no option was agreed. */
export function startSend(file: Uint8Array, { transfer, accepted }: Negotiated): SendStep {
  const oack = accepted.size > 0 ? encodeOack(accepted) : undefined
  const { blockBytes, windowBlocks } = transfer
  const memory = windowBlocks === 1 ? new Uint8Array(dataBytes(1, blockBytes)) : undefined
  const state: SendState = { file, transfer, oack, acked: 0, sent: 0, retries: 0, memory }
  if (oack === undefined) return window(state)
  return { kind: 'continue', state, send: [oack], waitMs: transfer.timeoutMs }
}

/** Takes one packet from the client, or the end of the wait. */
export function stepSend(state: SendState, event: SendEvent): SendStep {
  if (event.kind === 'timeout') return repeat(state)
  const { packet } = event
  switch (packet.kind) {
    case 'ack':
      return acknowledged(state, packet.block)
    case 'error':
      return {
        kind: 'failed',
        reason: `the client ended it: ${packet.message} (${packet.code})`,
        send: [],
      }
    case 'read':
      // The client asked again because our first answer was lost; the timer sends it again.
      return { kind: 'continue', state, send: [] }
    case 'write':
    case 'data':
    case 'oack': {
      const send = [encodeError(TFTP_ERROR.illegalOperation, `${packet.kind} in a read transfer`)]
      return { kind: 'failed', reason: `the client sent ${packet.kind}`, send }
    }
  }
}

function acknowledged(state: SendState, block: number): SendStep {
  if (state.oack !== undefined) {
    return block === 0
      ? window({ ...state, oack: undefined, retries: 0 })
      : { kind: 'continue', state, send: [] }
  }
  const ahead = (block - state.acked) & 0xffff
  // Nothing new: a repeated ACK answered with data would double every block from here on
  // (the "Sorcerer's Apprentice", RFC 1123 §4.2.3.1). Only the timer sends again.
  if (ahead === 0 || ahead > state.sent - state.acked) return { kind: 'continue', state, send: [] }
  const acked = state.acked + ahead
  if (acked === blockCount(state.file.length, state.transfer.blockBytes)) return { kind: 'done' }
  return window({ ...state, acked, sent: acked, retries: 0 })
}

/** Sends the window that follows the last confirmed block. */
function window(state: SendState): SendStep {
  const { file, transfer, acked } = state
  const last = Math.min(acked + transfer.windowBlocks, blockCount(file.length, transfer.blockBytes))
  const { blockBytes } = transfer
  const bytes = file.subarray(acked * blockBytes, last * blockBytes)
  // A repeat of the block before may still wait in the system. Written over it is a repeat of this
  // one, which does no harm; but not of the last one, which is shorter.
  const memory = bytes.length === blockBytes ? state.memory : undefined
  const send = encodeBlocks(bytes, { first: acked + 1, count: last - acked, blockBytes }, memory)
  return { kind: 'continue', state: { ...state, sent: last }, send, waitMs: waitMs(state) }
}

function repeat(state: SendState): SendStep {
  if (state.retries >= RETRIES_MAX) {
    const send = [encodeError(TFTP_ERROR.undefinedError, 'no answer')]
    const reason = `no answer after block ${state.acked}, asked ${RETRIES_MAX + 1} times`
    return { kind: 'failed', reason, send }
  }
  const again = { ...state, retries: state.retries + 1 }
  if (again.oack === undefined) return window(again)
  return { kind: 'continue', state: again, send: [again.oack], waitMs: waitMs(again) }
}

/** Doubles with every repeat up to a limit, which a longer agreed timeout raises. */
const waitMs = ({ transfer, retries }: SendState): number =>
  Math.min(transfer.timeoutMs * 2 ** retries, Math.max(WAIT_MS_MAX, transfer.timeoutMs))
