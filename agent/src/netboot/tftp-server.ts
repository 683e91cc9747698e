import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { Udp, UdpAddress, UdpSocket } from '@brickyard/runtime/udp'
import { err, ok, type Result } from '@brickyard/std/result'
import { admit } from '@brickyard/tftp/admit'
import { negotiate } from '@brickyard/tftp/negotiate'
import { decodeTftp, encodeError, TFTP_ERROR, type TftpPacket } from '@brickyard/tftp/packet'
import { startSend, type SendStep, stepSend } from '@brickyard/tftp/send-machine'
import { printable, type Report, reportOnce } from './report.ts'

export interface TftpServerParts {
  readonly udp: Udp
  readonly clock: Clock
  readonly log: Log
  readonly report: Report
  /** The network's name, for reports. */
  readonly network: string
  /** Every file there is; nothing else can be named. May change while the server runs. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly address: string
  readonly interface?: string | undefined
  readonly port?: number
  readonly fd?: number | undefined
}

export interface TftpServer {
  start(): Promise<Result<void>>
  stop(): void
  /** Transfers running now. */
  transfers(): number
  /** The port in use, once started. */
  port(): number
}

export const TFTP_PORT = 69
/** Every sled of a full rack twice over; a request beyond it is dropped and the firmware asks again. */
const TRANSFERS_MAX = 256
/** Strangers on a transfer's port are told so this many times, then ignored. */
const STRANGERS_ANSWERED_MAX = 4

interface Running {
  readonly name: string
  end(): void
}

/** Read-only TFTP: the shell that gives each transfer its own socket (its TID, RFC 1350 §4). */
export function createTftpServer(parts: TftpServerParts): TftpServer {
  const { udp, log, files, address } = parts
  const running = new Map<string, Running>()
  const tell = reportOnce(parts.report, parts.clock)
  let socket: UdpSocket | undefined

  const takeRequest = (bytes: Uint8Array, from: UdpAddress): void => {
    const packet = decodeTftp(bytes)
    if (!packet.ok) return log.debug('TFTP datagram ignored', { why: packet.error })
    // An ERROR is never answered with an ERROR (RFC 1350 §2).
    if (packet.value.kind === 'error') return
    const admitted = admit(packet.value, files)
    if (!admitted.ok) {
      const { code, message } = admitted.error
      socket?.send(encodeError(code, message), from)
      if (packet.value.kind === 'read' || packet.value.kind === 'write') {
        const body = {
          network: parts.network,
          client: from.address,
          name: printable(packet.value.name),
        }
        tell({ kind: 'tftp.refused', body: { ...body, reason: message } })
      }
      return
    }
    const key = `${from.address}:${from.port}`
    const before = running.get(key)
    // The same request again: our first packet is lost or on its way, and is sent again by itself.
    if (before?.name === admitted.value.name) return
    before?.end()
    if (running.size >= TRANSFERS_MAX) return log.warn('TFTP transfers at their limit', { key })
    const { name, file } = admitted.value
    const options = packet.value.kind === 'read' ? packet.value.options : new Map<string, string>()
    const onEnd = (): void => void running.delete(key)
    const first = startSend(file, negotiate(options, file.length))
    running.set(key, runTransfer(parts, { name, client: from, first, onEnd, tell }))
  }

  return {
    async start() {
      if (socket !== undefined) return err('the server was started before')
      try {
        const { port = TFTP_PORT, fd, interface: device } = parts
        socket = await udp.bind({ address, port, interface: device, fd })
      } catch (error) {
        return err(`TFTP on network ${parts.network}: ${(error as Error).message}`)
      }
      socket.onDatagram(takeRequest)
      socket.onError((error) => log.warn('TFTP socket', { error: error.message }))
      return ok(undefined)
    },
    stop() {
      socket?.close()
      socket = undefined
      for (const transfer of running.values()) transfer.end()
    },
    transfers: () => running.size,
    port: () => socket?.local.port ?? 0,
  }
}

interface Begin {
  readonly name: string
  readonly client: UdpAddress
  readonly first: SendStep
  readonly onEnd: () => void
  readonly tell: Report
}

/** One transfer from its first packet to the closing of its socket. */
function runTransfer(parts: TftpServerParts, begin: Begin): Running {
  const { clock, log, network } = parts
  const { name, client } = begin
  let socket: UdpSocket | undefined
  let timer: Timer | undefined
  let step = begin.first
  let ended = false
  let strangers = 0

  const end = (): void => {
    if (ended) return
    ended = true
    timer?.cancel()
    socket?.close()
    begin.onEnd()
  }

  const perform = (next: SendStep): void => {
    step = next
    if (next.kind !== 'done') for (const datagram of next.send) socket?.send(datagram, client)
    if (next.kind === 'continue') {
      if (next.waitMs === undefined) return
      timer?.cancel()
      timer = clock.after(next.waitMs, () => advance({ kind: 'timeout' }))
      return
    }
    if (next.kind === 'failed') {
      log.info('TFTP transfer ended early', {
        network,
        client: client.address,
        name,
        why: next.reason,
      })
    } else {
      log.debug('TFTP transfer done', { network, client: client.address, name })
    }
    end()
  }

  const advance = (event: { kind: 'timeout' } | { kind: 'packet'; packet: TftpPacket }): void => {
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
    if (packet.ok) advance({ kind: 'packet', packet: packet.value })
  }

  parts.udp.bind({ address: parts.address, port: 0, interface: parts.interface }).then(
    (bound) => {
      if (ended) return bound.close()
      socket = bound
      bound.onDatagram(take)
      bound.onError((error) => log.info('TFTP transfer socket', { error: error.message }))
      perform(step)
    },
    (error: unknown) => {
      log.error('no socket for a TFTP transfer', { error: String(error) })
      end()
    },
  )
  return { name, end }
}
