import { describe, expect, it } from 'vitest'
import { seededRandom } from './seeded-random.ts'
import { virtualClock } from './virtual-clock.ts'
import { virtualHttp } from './virtual-http.ts'
import { virtualNetwork } from './virtual-network.ts'
import { virtualWebSockets } from './virtual-websocket.ts'

const world = (seed = '1') => {
  const clock = virtualClock()
  const network = virtualNetwork(clock, seededRandom(seed))
  const agent = network.host('agent')
  agent.attach({ interface: 'prov0', segment: 'prov', address: '10.1.0.1' })
  agent.attach({ interface: 'mgmt0', segment: 'mgmt', address: '10.2.0.1' })
  const sled = network.host('sled')
  sled.attach({ interface: 'eth0', segment: 'prov' })
  return { clock, network, agent, sled }
}
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

describe('virtual network, UDP', () => {
  it('carries a broadcast from a host without an address to its segment only', async () => {
    const { clock, network, agent, sled } = world()
    const stranger = network.host('stranger')
    stranger.attach({ interface: 'eth0', segment: 'mgmt', address: '10.2.0.9' })
    const heard: string[] = []
    for (const [host, name] of [
      [agent, 'prov0'],
      [agent, 'mgmt0'],
      [stranger, 'eth0'],
    ] as const) {
      const socket = await host.udp.bind({ address: '0.0.0.0', port: 67, interface: name })
      socket.onDatagram((bytes, from) =>
        heard.push(`${host.name}/${name} ${text(bytes)} ${from.address}:${from.port}`),
      )
    }
    const client = await sled.udp.bind({ address: '0.0.0.0', port: 68, interface: 'eth0' })
    client.send(Buffer.from('hello'), { address: '255.255.255.255', port: 67 })
    await clock.advance(10)
    expect(heard).toEqual(['agent/prov0 hello 0.0.0.0:68'])
  })

  it('carries unicast there and back, and nothing once the cable is pulled', async () => {
    const { clock, agent, sled } = world()
    sled.setAddress('eth0', '10.1.0.20')
    const server = await agent.udp.bind({ address: '10.1.0.1', port: 69 })
    server.onDatagram((bytes, from) => server.send(Buffer.from(`re ${text(bytes)}`), from))
    const client = await sled.udp.bind({ address: '0.0.0.0', port: 0 })
    const heard: string[] = []
    client.onDatagram((bytes) => heard.push(text(bytes)))
    client.send(Buffer.from('1'), { address: '10.1.0.1', port: 69 })
    await clock.advance(10)
    sled.detach('eth0')
    client.send(Buffer.from('2'), { address: '10.1.0.1', port: 69 })
    await clock.advance(10)
    expect(heard).toEqual(['re 1'])
  })

  it('loses and doubles the same datagrams for the same seed', async () => {
    const run = async (seed: string): Promise<string> => {
      const { clock, network, agent, sled } = world(seed)
      network.setSegment('prov', { loss: 0.3, duplication: 0.3 })
      sled.setAddress('eth0', '10.1.0.20')
      const server = await agent.udp.bind({ address: '0.0.0.0', port: 9 })
      const heard: string[] = []
      server.onDatagram((bytes) => heard.push(text(bytes)))
      const client = await sled.udp.bind({ address: '0.0.0.0', port: 0 })
      for (let n = 0; n < 40; n++)
        client.send(Buffer.from(`${n}`), { address: '10.1.0.1', port: 9 })
      await clock.advance(100)
      return heard.join(' ')
    }
    const first = await run('a')
    expect(await run('a')).toBe(first)
    expect(await run('b')).not.toBe(first)
    expect(first.split(' ').length).not.toBe(40)
  })

  it('refuses a port that is taken', async () => {
    const { agent } = world()
    await agent.udp.bind({ address: '0.0.0.0', port: 67, interface: 'prov0' })
    await agent.udp.bind({ address: '0.0.0.0', port: 67, interface: 'mgmt0' })
    await expect(
      agent.udp.bind({ address: '0.0.0.0', port: 67, interface: 'prov0' }),
    ).rejects.toThrow('0.0.0.0:67: EADDRINUSE')
  })
})

describe('virtual HTTP', () => {
  const serving = () => {
    const { clock, network, agent, sled } = world()
    sled.setAddress('eth0', '10.1.0.20')
    const http = virtualHttp(network)
    const body = new Uint8Array(1000).fill(7)
    const listening = http.listen(agent, 80, (request, peer) =>
      request.method === 'POST'
        ? request.text().then((said) => new Response(`${peer.address} said ${said}`))
        : new Response(body),
    )
    const get = async (url = 'http://10.1.0.1/x'): Promise<string> => {
      const answer = await http.client(sled).request({ method: 'GET', url })
      if (!answer.ok) return answer.error.kind
      let bytes = 0
      try {
        for await (const piece of answer.value.body) bytes += piece.length
      } catch (error) {
        return `${bytes} then ${(error as Error).message}`
      }
      return `${answer.value.status} ${bytes}`
    }
    const settle = async <T>(promise: Promise<T>): Promise<T> => {
      let value: { held: T } | undefined
      void promise.then((held) => {
        value = { held }
      })
      await clock.runUntil(() => value !== undefined, 600_000)
      return (value as { held: T }).held
    }
    return { clock, network, sled, http, listening, get, settle }
  }

  it('answers, names the peer, and refuses when nobody listens', async () => {
    const { http, sled, get, settle, listening } = serving()
    expect(await settle(get())).toBe('200 1000')
    const posted = await settle(
      http.client(sled).request({ method: 'POST', url: 'http://10.1.0.1/', body: 'hi' }),
    )
    if (!posted.ok) throw new Error(posted.error.message)
    const pieces: Uint8Array[] = []
    const read = async (): Promise<void> => {
      for await (const piece of posted.value.body) pieces.push(piece)
    }
    await settle(read())
    expect(text(Buffer.concat(pieces))).toBe('10.1.0.20 said hi')
    listening.close()
    expect(await settle(get())).toBe('connect')
  })

  it('resets at the byte it was told to, once, and hangs behind a cut', async () => {
    const { network, http, get, settle } = serving()
    http.fault('/x', { kind: 'reset', atByte: 600 }, 1)
    expect(await settle(get())).toContain('600 then connection reset')
    expect(await settle(get())).toBe('200 1000')
    network.setSegment('prov', { cut: true })
    expect(await settle(get())).toBe('timeout')
  })
})

describe('virtual WebSocket', () => {
  it('keeps order, holds back what a cut stops, and tells both ends of the close', async () => {
    const { clock, network, agent, sled } = world()
    sled.setAddress('eth0', '10.1.0.20')
    const http = virtualHttp(network)
    const sockets = virtualWebSockets(network, http)
    const heard: string[] = []
    const closed: string[] = []
    sockets.listen(agent, 9000, (link, path) => {
      heard.push(path)
      link.onMessage((message) => heard.push(String(message)))
      link.onClose((code, reason) => closed.push(`server ${code} ${reason}`))
    })
    const dialled = sockets.dialer(sled).dial('ws://10.1.0.1:9000/agent', {})
    await clock.advance(100)
    const link = await dialled
    if (!link.ok) throw new Error(link.error)
    link.value.onClose((code) => closed.push(`client ${code}`))
    link.value.send('1')
    link.value.send('2')
    await clock.advance(10)
    network.setSegment('prov', { cut: true })
    link.value.send('3')
    await clock.advance(60_000)
    expect(heard).toEqual(['/agent', '1', '2'])
    expect(link.value.bufferedBytes()).toBe(1)
    network.setSegment('prov', { cut: false })
    await clock.advance(2000)
    expect(heard).toEqual(['/agent', '1', '2', '3'])
    link.value.close(1000, 'done')
    await clock.advance(10)
    expect(closed).toEqual(['client 1000', 'server 1000 done'])
  })
})
