import { describe, expect, it } from 'vitest'
import type { UdpAddress } from '../udp.ts'
import { nodeUdp } from './udp.ts'

describe('a UDP socket', () => {
  it('has sent what it was given when it is closed in the same breath', async () => {
    const receiver = await nodeUdp.bind({ address: '127.0.0.1', port: 0 })
    const heard = new Promise<number>((resolve) => {
      receiver.onDatagram((bytes) => resolve(bytes[0] as number))
    })
    const sender = await nodeUdp.bind({ address: '127.0.0.1', port: 0 })
    sender.send(Uint8Array.of(7), receiver.local)
    sender.close()
    expect(await heard).toBe(7)
    receiver.close()
  })

  it('reports a datagram that nobody can be sent, as to port 0, and never throws', async () => {
    const socket = await nodeUdp.bind({ address: '127.0.0.1', port: 0 })
    const told: string[] = []
    socket.onError(({ message }) => told.push(message))
    socket.send(Uint8Array.of(7), { address: '127.0.0.1', port: 0 })
    expect(told).toEqual(['cannot send to 127.0.0.1: it has no port'])
    socket.close()
  })

  it('of one peer hears and answers others as well, from the same port', async () => {
    const [peer, stranger] = [await listener(), await listener()]
    const socket = await nodeUdp.bind({ ...LOCAL, peer: peer.socket.local })
    const heard = new Map<number, number>()
    socket.onDatagram((bytes, from) => {
      heard.set(bytes[0] as number, from.port)
      socket.send(bytes, from)
    })
    for (const [n, { socket: other }] of [peer, stranger].entries()) {
      other.send(Uint8Array.of(n), socket.local)
    }
    expect([await peer.next(), await stranger.next()]).toEqual([
      [0, socket.local.port],
      [1, socket.local.port],
    ])
    expect(heard.get(0)).toBe(peer.socket.local.port)
    expect(heard.get(1)).toBe(stranger.socket.local.port)
    socket.close()
    socket.send(Uint8Array.of(9), peer.socket.local)
    const again = await nodeUdp.bind({ ...LOCAL, port: socket.local.port })
    for (const each of [peer.socket, stranger.socket, again]) each.close()
  })

  it('of a peer that cannot be is refused, and leaves its port free', async () => {
    const { port } = await freed()
    const bind = { ...LOCAL, port, peer: { address: '127.0.0.1', port: 0 } }
    await expect(nodeUdp.bind(bind)).rejects.toThrow('cannot reach UDP 127.0.0.1:0')
    const again = await nodeUdp.bind({ ...LOCAL, port })
    again.close()
  })
})

const LOCAL = { address: '127.0.0.1', port: 0 }

/** A socket, and what it hears next with the port that it came from. */
async function listener() {
  const socket = await nodeUdp.bind(LOCAL)
  const first = new Promise<[number, number]>((resolve) => {
    socket.onDatagram((bytes, from) => resolve([bytes[0] as number, from.port]))
  })
  return { socket, next: () => first }
}

async function freed(): Promise<UdpAddress> {
  const socket = await nodeUdp.bind(LOCAL)
  socket.close()
  return socket.local
}
