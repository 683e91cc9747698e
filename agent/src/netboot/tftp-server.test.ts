import type { Log } from '@brickyard/runtime/log'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import type { UdpAddress, UdpSocket } from '@brickyard/runtime/udp'
import { decodeTftp, encodeAck, encodeRequest, type TftpPacket } from '@brickyard/tftp/packet'
import { type ReceiveOptions, startReceive, stepReceive } from '@brickyard/tftp/receive-machine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NetbootEvent } from './report.ts'
import { createTftpServer, type TftpServer } from './tftp-server.ts'

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}
const LOCAL = '127.0.0.1'
const BIG = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) & 0xff)
const EXACT = BIG.subarray(0, 1024)

describe('TFTP server on real sockets', () => {
  let server: TftpServer
  let events: NetbootEvent[]
  const clients: UdpSocket[] = []

  beforeEach(async () => {
    events = []
    server = createTftpServer({
      udp: nodeUdp,
      clock: systemClock,
      log: silent,
      report: (event) => void events.push(event),
      network: 'provisioning',
      files: new Map([
        ['big', BIG],
        ['exact', EXACT],
      ]),
      address: LOCAL,
      port: 0,
    })
    expect((await server.start()).ok).toBe(true)
  })
  afterEach(() => {
    server.stop()
    for (const client of clients.splice(0)) client.close()
  })

  /** A client's socket, and what arrives there. */
  async function client() {
    const socket = await nodeUdp.bind({ address: LOCAL, port: 0 })
    clients.push(socket)
    const heard: { packet: TftpPacket; from: UdpAddress }[] = []
    let wake = (): void => undefined
    socket.onDatagram((bytes, from) => {
      const packet = decodeTftp(bytes)
      if (packet.ok) heard.push({ packet: packet.value, from })
      wake()
    })
    const next = async () => {
      while (heard.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return heard.shift() as (typeof heard)[number]
    }
    const send = (bytes: Uint8Array, port = server.port()): void =>
      socket.send(bytes, { address: LOCAL, port })
    return { send, next, heard }
  }

  /** Fetches a file as the simulated sled does. */
  async function fetchFile(
    name: string,
    options: ReceiveOptions = {},
  ): Promise<Uint8Array | string> {
    const { send, next } = await client()
    let step = startReceive(name, options)
    let port = server.port()
    for (;;) {
      for (const bytes of step.send) send(bytes, port)
      if (step.kind === 'done') return step.file
      if (step.kind === 'failed') return step.reason
      const { packet, from } = await next()
      port = from.port
      step = stepReceive(step.state, { kind: 'packet', packet })
    }
  }
  const settled = async (): Promise<void> => {
    while (server.transfers() > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  it('sends files with and without options, and closes every socket', async () => {
    expect(await fetchFile('exact')).toEqual(EXACT)
    expect(await fetchFile('big', { blockBytes: 1468 })).toEqual(BIG)
    expect(await fetchFile('big', { blockBytes: 1468, windowBlocks: 16 })).toEqual(BIG)
    await settled()
  })

  it('serves many at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 40 }, () => fetchFile('exact', { blockBytes: 512 })),
    )
    expect(all.every((file) => typeof file !== 'string' && file.length === 1024)).toBe(true)
    await settled()
  })

  it('refuses what is not listed, and writing, and says so', async () => {
    expect(await fetchFile('../etc/passwd')).toBe('the server refused: no such file (1)')
    const { send, next } = await client()
    send(encodeRequest('write', 'big'))
    expect((await next()).packet).toMatchObject({ kind: 'error', code: 2 })
    expect(events.map(({ body }) => body['name'])).toEqual(['../etc/passwd', 'big'])
    expect(server.transfers()).toBe(0)
  })

  it('answers a doubled ACK once, and a stranger with an error that disturbs nothing', async () => {
    const [one, stranger] = [await client(), await client()]
    one.send(encodeRequest('read', 'big'))
    const { from } = await one.next()
    stranger.send(encodeAck(1), from.port)
    expect((await stranger.next()).packet).toMatchObject({ kind: 'error', code: 5 })
    for (let block = 1; block <= 20; block++) {
      one.send(encodeAck(block), from.port)
      one.send(encodeAck(block), from.port)
      expect((await one.next()).packet).toMatchObject({ kind: 'data', block: block + 1 })
    }
    // The last doubled ACK has been heard before this answer: nothing came of it.
    one.send(encodeAck(21), from.port)
    expect((await one.next()).packet).toMatchObject({ block: 22 })
    expect(one.heard).toEqual([])
  })

  it('takes the same request again for one, and another as a new beginning', async () => {
    const { send, next } = await client()
    send(encodeRequest('read', 'big'))
    const first = await next()
    send(encodeRequest('read', 'big'))
    send(encodeAck(1), first.from.port)
    expect(await next()).toMatchObject({ packet: { block: 2 }, from: { port: first.from.port } })
    expect(server.transfers()).toBe(1)
    send(encodeRequest('read', 'exact'))
    const second = await next()
    expect(second.packet).toMatchObject({ block: 1 })
    expect(second.from.port).not.toBe(first.from.port)
    expect(server.transfers()).toBe(1)
  })

  it('lives through noise on both ports', async () => {
    const { send, next } = await client()
    for (const bytes of [
      new Uint8Array(),
      Uint8Array.of(0),
      Uint8Array.of(0, 9),
      new Uint8Array(2000),
    ])
      send(bytes)
    send(encodeRequest('read', 'big'))
    const { from } = await next()
    send(Uint8Array.of(0), from.port)
    send(new Uint8Array(), from.port)
    send(encodeAck(1), from.port)
    expect((await next()).packet).toMatchObject({ block: 2 })
  })

  it(
    'drops requests beyond its limit, and ends all when it stops',
    { timeout: 20_000 },
    async () => {
      const crowd = await Promise.all(Array.from({ length: 260 }, () => client()))
      for (const { send } of crowd) send(encodeRequest('read', 'big'))
      await crowd[0]?.next()
      while (server.transfers() < 256) await new Promise((resolve) => setTimeout(resolve, 5))
      expect(server.transfers()).toBe(256)
      server.stop()
      expect(server.transfers()).toBe(0)
    },
  )
})
