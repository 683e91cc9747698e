import type { Log } from '@brickyard/runtime/log'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import type { UdpAddress, UdpSocket } from '@brickyard/runtime/udp'
import { decodeTftp, type TftpPacket } from '@brickyard/tftp/packet'
import { type ReceiveOptions, startReceive, stepReceive } from '@brickyard/tftp/receive-machine'
import type { NetbootEvent } from './report.ts'
import type { TftpFile } from './stored-file.ts'
import { createTftpServer, type TftpServer, type TftpServerParts } from './tftp-server.ts'

/** A TFTP server on real sockets of the loopback network and its clients, for tests. */
export interface TftpRig {
  readonly server: TftpServer
  /** What the server told the journal. */
  readonly events: readonly NetbootEvent[]
  /** A client with a socket of its own, on `127.0.0.1` unless told. */
  client(address?: string): Promise<TftpRigClient>
  /** Fetches a file as the simulated sled does; a text says why it was not to be had. */
  fetch(name: string, options?: ReceiveOptions, address?: string): Promise<Uint8Array | string>
  stop(): void
}

export interface TftpRigClient {
  /** To the server's first port unless told. */
  send(bytes: Uint8Array, port?: number): void
  /** The next packet that comes. */
  next(): Promise<Heard>
  /** Packets that came and were not asked for yet. */
  readonly heard: readonly Heard[]
}

export interface Heard {
  readonly packet: TftpPacket
  readonly from: UdpAddress
}

const LOCAL = '127.0.0.1'

/** Sleds have an address each; the loopback network has enough of them. */
export const sledAddress = (n: number): string => `127.0.1.${n + 1}`

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}

/** Starts a server of `files`. */
export async function startTftpRig(
  files: ReadonlyMap<string, TftpFile>,
  fileOf?: TftpServerParts['fileOf'],
  trace?: TftpServerParts['trace'],
): Promise<TftpRig> {
  const events: NetbootEvent[] = []
  const sockets: UdpSocket[] = []
  const server = createTftpServer({
    udp: nodeUdp,
    clock: systemClock,
    log: silent,
    report: (event) => void events.push(event),
    network: 'provisioning',
    files,
    fileOf,
    trace,
    address: LOCAL,
    port: 0,
  })
  const started = await server.start()
  if (!started.ok) throw new Error(started.error)

  async function client(address = LOCAL): Promise<TftpRigClient & { close(): void }> {
    const socket = await nodeUdp.bind({ address, port: 0 })
    sockets.push(socket)
    const heard: Heard[] = []
    let wake = (): void => undefined
    socket.onDatagram((bytes, from) => {
      const packet = decodeTftp(bytes)
      if (packet.ok) heard.push({ packet: packet.value, from })
      wake()
    })
    return {
      heard,
      send: (bytes, port = server.port()) => socket.send(bytes, { address: LOCAL, port }),
      async next() {
        while (heard.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        return heard.shift() as Heard
      },
      close: () => socket.close(),
    }
  }

  return {
    server,
    events,
    client,
    async fetch(name, options, address) {
      const { send, next, close } = await client(address)
      let step = startReceive(name, options)
      let port = server.port()
      for (;;) {
        for (const bytes of step.send) send(bytes, port)
        if (step.kind !== 'continue') {
          close()
          return step.kind === 'done' ? step.file : step.reason
        }
        const { packet, from } = await next()
        port = from.port
        step = stepReceive(step.state, { kind: 'packet', packet })
      }
    },
    stop() {
      server.stop()
      for (const socket of sockets) socket.close()
    },
  }
}
