import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { Udp, UdpAddress, UdpSocket } from '@brickyard/runtime/udp'
import { Minutes } from '@brickyard/std/units'
import { decodeTftp, encodeError, TFTP_ERROR } from '@brickyard/tftp/packet'
import { type SendEvent, type SendStep, stepSend } from '@brickyard/tftp/send-machine'
import { printable } from './report.ts'

/** Strangers on a transfer's port are told so this many times, then ignored. */
const STRANGERS_ANSWERED_MAX = 4
/** A megabyte in 512-byte blocks at 100 blocks a second takes 20 s; who dawdles holds a place. */
const TRANSFER_MS_MAX = Minutes(10)

export interface TransferParts {
  readonly udp: Udp
  readonly clock: Clock
  readonly log: Log
  readonly network: string
  readonly address: string
  readonly interface?: string | undefined
}

export interface TransferBegin {
  readonly name: string
  readonly client: UdpAddress
  readonly first: SendStep
  /** Called once, when the transfer's socket is closed. */
  readonly onEnd: (outcome: TransferOutcome) => void
}

export interface TransferOutcome {
  /** Undefined where the client confirmed the whole file. */
  readonly failure: string | undefined
  /** Bytes the client confirmed. */
  readonly bytes: number
  readonly durationMs: number
}

export interface Transfer {
  /** True once the client confirmed something: it has heard us, and no longer repeats its request. */
  begun(): boolean
  end(): void
}

/**
 * One transfer from its first packet to the closing of its socket, which is its TID (RFC 1350 §4).
 * Strangers are heard on it as well: they must be told so, and not by ICMP.
 */
export function runTransfer(parts: TransferParts, begin: TransferBegin): Transfer {
  const { clock, log, network } = parts
  const { name, client } = begin
  const told = { network, client: client.address, name }
  let socket: UdpSocket | undefined
  let step = begin.first
  let begun = false
  let ended = false
  let strangers = 0
  let confirmedBytes = 0
  const beganMs = clock.monotonicMs()
  const patience = patienceOf(clock, () => advance({ kind: 'timeout' }))
  const deadline = clock.after(TRANSFER_MS_MAX, () => {
    log.info('TFTP transfer ended early', { ...told, why: `not done in ${TRANSFER_MS_MAX} ms` })
    socket?.send(encodeError(TFTP_ERROR.undefinedError, 'too slow'), client)
    end('it took too long')
  })

  const end = (failure: string | undefined): void => {
    if (ended) return
    ended = true
    patience.stop()
    deadline.cancel()
    socket?.close()
    const durationMs = clock.monotonicMs() - beganMs
    begin.onEnd({ failure, bytes: confirmedBytes, durationMs })
  }

  const perform = (next: SendStep): void => {
    step = next
    if (next.kind !== 'done') for (const datagram of next.send) socket?.send(datagram, client)
    if (next.kind === 'continue') {
      const { acked, file, transfer } = next.state
      confirmedBytes = Math.min(acked * transfer.blockBytes, file.length)
      if (next.waitMs !== undefined) patience.begin(next.waitMs)
      return
    }
    if (next.kind === 'done') {
      log.debug('TFTP transfer done', told)
      return end(undefined)
    }
    const why = printable(next.reason)
    log.info('TFTP transfer ended early', { ...told, why })
    end(why)
  }

  const advance = (event: SendEvent): void => {
    if (!ended && step.kind === 'continue') perform(stepSend(step.state, event))
  }

  const take = (bytes: Uint8Array, from: UdpAddress): void => {
    if (from.address !== client.address || from.port !== client.port) {
      // RFC 1350 §4: a packet from elsewhere is refused and disturbs nothing.
      if (strangers++ < STRANGERS_ANSWERED_MAX) {
        socket?.send(encodeError(TFTP_ERROR.unknownTransfer, 'not your transfer'), from)
      }
      return
    }
    const packet = decodeTftp(bytes)
    if (!packet.ok) return
    begun ||= packet.value.kind === 'ack'
    advance({ kind: 'packet', packet: packet.value })
  }

  const { address, interface: device } = parts
  parts.udp.bind({ address, port: 0, interface: device, peer: client }).then(
    (bound) => {
      if (ended) return bound.close()
      socket = bound
      bound.onDatagram(take)
      bound.onError((error) => log.debug('TFTP transfer socket', { error: error.message }))
      perform(step)
    },
    (error: unknown) => {
      log.error('no socket for a TFTP transfer', { error: String(error) })
      end('the appliance has no socket for it')
    },
  )
  return { begun: () => begun, end: () => end('it was ended for another') }
}

/**
 * Waits for the client. Every block begins the wait anew, and a timer of the system for each would
 * cost as much as a block: one runs on, and looks at its end whether it has been outdated.
 */
function patienceOf(clock: Clock, over: () => void): { begin(ms: number): void; stop(): void } {
  let timer: Timer | undefined
  let timerDueMs = 0
  let dueMs = 0
  const arm = (): void => {
    timerDueMs = dueMs
    timer = clock.after(dueMs - clock.monotonicMs(), () => {
      timer = undefined
      if (clock.monotonicMs() < dueMs) arm()
      else over()
    })
  }
  return {
    begin(ms) {
      dueMs = clock.monotonicMs() + ms
      if (timer !== undefined && timerDueMs <= dueMs) return
      timer?.cancel()
      arm()
    },
    stop: () => timer?.cancel(),
  }
}
