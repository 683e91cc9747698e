import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { Udp, UdpAddress, UdpSocket } from '@brickyard/runtime/udp'
import { err, ok, type Result } from '@brickyard/std/result'
import { Minutes } from '@brickyard/std/units'
import { admit, type Admitted } from '@brickyard/tftp/admit'
import { negotiate } from '@brickyard/tftp/negotiate'
import { toNetascii } from '@brickyard/tftp/netascii'
import { decodeTftp, encodeError, TFTP_ERROR } from '@brickyard/tftp/packet'
import { startSend } from '@brickyard/tftp/send-machine'
import { printable, type Report, reportOnce } from './report.ts'
import type { StoredFile, TftpFile } from './stored-file.ts'
import { runTransfer, type Transfer, type TransferOutcome } from './tftp-transfer.ts'
import type { TellTrace } from './trace.ts'

export interface TftpServerParts {
  readonly udp: Udp
  readonly clock: Clock
  readonly log: Log
  readonly report: Report
  readonly trace?: TellTrace | undefined
  /** The network's name, for reports. */
  readonly network: string
  /** Every file there is; nothing else can be named. May change while the server runs. */
  readonly files: ReadonlyMap<string, TftpFile>
  /** What only the machine at an address may be given under a name; asked where `files` has nothing. */
  readonly fileOf?: ((name: string, address: string) => Uint8Array | undefined) | undefined
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
/** Firmware fetches one file at a time, and may have left a few behind; no sled takes all places. */
const TRANSFERS_PER_CLIENT_MAX = 8
/** Refusals told of in ten minutes: names are free to invent, and each would be an event on the disk. */
const REFUSALS_TOLD_MAX = 64
const REFUSALS_TOLD_PER_MS = Minutes(10)

interface Running {
  /** The request, byte for byte. */
  readonly request: Uint8Array
  readonly transfer: Transfer
}

type Wanted = Pick<Admitted<TftpFile>, 'name' | 'mode' | 'options'>

/** Read-only TFTP: admits requests, and gives each transfer a socket of its own. */
export function createTftpServer(parts: TftpServerParts): TftpServer {
  const { udp, log, files, address } = parts
  const running = new Map<string, Running>()
  const tellRefused = refusals(parts)
  const asText = textCopies()
  let socket: UdpSocket | undefined

  /** False, and said so, where the server or this client runs as many as it may. */
  const hasRoom = (client: UdpAddress): boolean => {
    const own = [...running.keys()].filter((key) => key.startsWith(`${client.address}:`)).length
    if (running.size < TRANSFERS_MAX && own < TRANSFERS_PER_CLIENT_MAX) return true
    log.debug('TFTP transfers at their limit', { client: client.address, own, all: running.size })
    return false
  }

  const takeRequest = (bytes: Uint8Array, from: UdpAddress): void => {
    const packet = decodeTftp(bytes)
    if (!packet.ok) return log.debug('TFTP datagram ignored', { why: packet.error })
    // An ERROR is never answered with an ERROR (RFC 1350 §2).
    if (packet.value.kind === 'error') return
    const admitted = admit<TftpFile>(packet.value, {
      get: (name) => files.get(name) ?? parts.fileOf?.(name, from.address),
    })
    if (!admitted.ok) {
      const { code, message } = admitted.error
      socket?.send(encodeError(code, message), from)
      if (packet.value.kind === 'read' || packet.value.kind === 'write') {
        tellRefused(from.address, packet.value.name, message)
        traceRefused(parts, from.address, packet.value.name, message)
      }
      return
    }
    const key = keyOf(from)
    const before = running.get(key)
    // The same request again before we were heard: our first packet is sent again by itself. Later,
    // or with other options, the client has begun anew.
    const same = before !== undefined && Buffer.compare(before.request, bytes) === 0
    if (same && !before.transfer.begun()) return
    before?.transfer.end()
    if (!hasRoom(from)) return
    const { file } = admitted.value
    const transfer =
      file instanceof Uint8Array
        ? send(admitted.value, file, from, () => undefined)
        : sendStored(admitted.value, file, from)
    running.set(key, { request: bytes, transfer })
  }

  function send(
    { name, mode, options }: Wanted,
    file: Uint8Array,
    client: UdpAddress,
    over: () => void,
  ): Transfer {
    const content = mode === 'netascii' ? asText(file) : file
    const onEnd = (outcome: TransferOutcome): void => {
      running.delete(keyOf(client))
      over()
      traceEnd(parts, client.address, { name, bytesTotal: content.length }, outcome)
    }
    const first = startSend(content, negotiate(options, content.length))
    return runTransfer(parts, { name, client, first, onEnd })
  }

  /** Sends a file once it is here; until then the client's repeated requests are this one. */
  function sendStored(wanted: Wanted, file: StoredFile, client: UdpAddress): Transfer {
    let sending: Transfer | undefined
    let ended = false
    const unsent = (failure: string): void => {
      ended = true
      running.delete(keyOf(client))
      const about = { name: wanted.name, bytesTotal: file.bytes }
      traceEnd(parts, client.address, about, { failure, bytes: 0, durationMs: 0 })
    }
    void file.take().then((content) => {
      if (!ended && content !== undefined) {
        sending = send(wanted, content, client, () => file.give())
        return
      }
      file.give()
      if (ended) return
      log.error('a file cannot be read for TFTP', { name: wanted.name })
      socket?.send(encodeError(TFTP_ERROR.undefinedError, 'it cannot be read now'), client)
      unsent('the appliance cannot read it')
    })
    return {
      begun: () => sending?.begun() ?? false,
      end() {
        if (sending !== undefined) sending.end()
        else if (!ended) unsent('it was ended for another')
      },
    }
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
      for (const { transfer } of running.values()) transfer.end()
    },
    transfers: () => running.size,
    port: () => socket?.local.port ?? 0,
  }
}

function traceEnd(
  { trace, network }: TftpServerParts,
  address: string,
  { name, bytesTotal }: { name: string; bytesTotal: number },
  { failure, bytes, durationMs }: TransferOutcome,
): void {
  const [result, done] =
    failure === undefined ? (['whole', bytesTotal] as const) : (['part', bytes] as const)
  const reason = failure ?? null
  const file = { way: 'tftp', name: printable(name), result, bytes: done, bytesTotal } as const
  trace?.file({ network, address, ...file, durationMs, reason })
}

function traceRefused(
  { trace, network }: TftpServerParts,
  address: string,
  name: string,
  reason: string,
): void {
  const file = { way: 'tftp', name: printable(name), result: 'refused', bytes: 0 } as const
  trace?.file({ network, address, ...file, bytesTotal: 0, durationMs: 0, reason })
}

const keyOf = ({ address, port }: UdpAddress): string => `${address}:${port}`

/** A file is converted once, however many ask for it as text. */
function textCopies(): (file: Uint8Array) => Uint8Array {
  const copies = new WeakMap<Uint8Array, Uint8Array>()
  return (file) => {
    const copy = copies.get(file) ?? toNetascii(file)
    copies.set(file, copy)
    return copy
  }
}

/** Tells of names that were refused, as often as a journal bears it. */
function refusals({
  report,
  clock,
  network,
}: TftpServerParts): (client: string, name: string, reason: string) => void {
  let told = 0
  let sinceMs = clock.monotonicMs()
  const tell = reportOnce((event) => {
    told += 1
    report(event)
  }, clock)
  return (client, name, reason) => {
    if (clock.monotonicMs() - sinceMs >= REFUSALS_TOLD_PER_MS) {
      told = 0
      sinceMs = clock.monotonicMs()
    }
    if (told >= REFUSALS_TOLD_MAX) return
    tell({ kind: 'tftp.refused', body: { network, client, name: printable(name), reason } })
  }
}
