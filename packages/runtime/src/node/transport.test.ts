import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { readBody } from '../http.ts'
import { nodeHttpClient } from './http.ts'
import { nodeIdentity } from './identity.ts'
import { nodeUdp } from './udp.ts'
import { nodeWebSocketDialer, webSocketLink } from './websocket.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    closers.push(() => new Promise((done) => void server.close(done)))
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

describe('the HTTP client', () => {
  it('streams a body and gives status and headers', async () => {
    const port = await listen(
      createHttpServer((request, response) => {
        response.writeHead(206, { 'X-Method': request.method ?? '' }).end('hello')
      }),
    )
    const client = nodeHttpClient()
    closers.push(() => client.close())
    const response = await client.request({ method: 'GET', url: `http://127.0.0.1:${port}/` })
    if (!response.ok) throw new Error(response.error.message)
    expect(response.value.status).toBe(206)
    expect(response.value.headers['x-method']).toBe('GET')
    expect(Buffer.from(await readBody(response.value.body, 100)).toString()).toBe('hello')
  })

  it('sends a long body piece by piece, with its length and not in chunks', async () => {
    const seen = { length: '', encoding: '', bytes: 0 }
    const port = await listen(
      createHttpServer((request, response) => {
        seen.length = request.headers['content-length'] ?? ''
        seen.encoding = request.headers['transfer-encoding'] ?? ''
        request.on('data', (piece: Buffer) => (seen.bytes += piece.length))
        request.on('end', () => response.writeHead(202).end())
      }),
    )
    const client = nodeHttpClient()
    closers.push(() => client.close())
    const piece = new Uint8Array(64 * 1024)
    const body = {
      bytes: 16 * piece.length,
      async *open() {
        for (let n = 0; n < 16; n++) yield piece
      },
    }
    const url = `http://127.0.0.1:${port}/`
    const response = await client.request({ method: 'POST', url, body })
    expect(response).toMatchObject({ ok: true, value: { status: 202 } })
    expect(seen).toEqual({ length: String(body.bytes), encoding: '', bytes: body.bytes })
  })

  it('gives a fault for a peer that is not there, and for one that takes and never answers', async () => {
    const client = nodeHttpClient()
    closers.push(() => client.close())
    const silent = createTcpServer((socket) => {
      closers.push(() => socket.destroy())
    })
    const port = await listen(silent)
    const hung = await client.request({
      method: 'GET',
      url: `http://127.0.0.1:${port}/x?secret=1`,
      headerTimeoutMs: 50,
    })
    expect(hung).toMatchObject({ ok: false, error: { kind: 'timeout' } })
    if (!hung.ok) expect(hung.error.message).not.toContain('secret')
    const refused = await client.request({ method: 'GET', url: 'http://127.0.0.1:1/' })
    expect(refused).toMatchObject({ ok: false, error: { kind: 'connect' } })
  })
})

describe('a peer that signs its own certificate', () => {
  it('is trusted by the pin of its key alone, and sent nothing when the key is another', async () => {
    const { certPem, keyPem } = await nodeIdentity.newAuthority('bmc', 10)
    const seen: string[] = []
    const server = createHttpsServer({ cert: certPem, key: keyPem }, (request, response) => {
      seen.push(request.headers.authorization ?? '')
      response.end('{}')
    })
    const url = `https://127.0.0.1:${await listen(server)}/redfish/v1`
    const client = nodeHttpClient()
    closers.push(() => client.close())
    const ask = (tls: object) =>
      client.request({ method: 'GET', url, headers: { authorization: 'Basic x' }, tls })
    const pin = nodeIdentity.describe(certPem).spkiSha256
    const wrong = { ok: false, error: { kind: 'tls' } }
    expect(await ask({ spkiSha256: pin })).toMatchObject({ ok: false })
    expect(await ask({ pinOnly: true, spkiSha256: '0'.repeat(64) })).toMatchObject(wrong)
    expect(await ask({ pinOnly: true })).toMatchObject(wrong)
    expect(seen).toEqual([])
    for (const _ of [1, 2]) {
      const answer = await ask({ pinOnly: true, spkiSha256: pin })
      expect(answer).toMatchObject({ ok: true, value: { status: 200 } })
      if (answer.ok) await readBody(answer.value.body, 10)
    }
    expect(seen).toEqual(['Basic x', 'Basic x'])
    expect(await client.serverKey(new URL(url).origin, 5000)).toEqual({ ok: true, value: pin })
    expect(seen).toHaveLength(2)
  })

  it('shows no key where nobody speaks TLS, and none in time where nobody speaks', async () => {
    const client = nodeHttpClient()
    closers.push(() => client.close())
    const plain = createHttpServer((_, response) => response.end())
    const origin = `https://127.0.0.1:${await listen(plain)}`
    expect(await client.serverKey(origin, 5000)).toMatchObject({ ok: false })
    const silent = createTcpServer((socket) => void socket.resume())
    const mute = `https://127.0.0.1:${await listen(silent)}`
    expect(await client.serverKey(mute, 50)).toMatchObject({
      ok: false,
      error: { kind: 'timeout' },
    })
  })
})

describe('UDP', () => {
  it('carries datagrams both ways and names the address it cannot bind', async () => {
    const a = await nodeUdp.bind({ address: '127.0.0.1', port: 0 })
    const b = await nodeUdp.bind({ address: '127.0.0.1', port: 0 })
    closers.push(
      () => a.close(),
      () => b.close(),
    )
    const heard = new Promise<string>((resolve) => {
      b.onDatagram((datagram, from) => resolve(`${Buffer.from(datagram).toString()} ${from.port}`))
    })
    a.send(Buffer.from('ping'), b.local)
    expect(await heard).toBe(`ping ${a.local.port}`)
    await expect(nodeUdp.bind(a.local)).rejects.toThrow(`127.0.0.1:${a.local.port}`)
  })
})

describe('the WebSocket dialler', () => {
  it('carries text and bytes, keeps what came early, and tells of the end once', async () => {
    const http = createHttpServer()
    const port = await listen(http)
    const server = new WebSocketServer({ server: http })
    server.on('connection', (socket) => {
      const link = webSocketLink(socket, { address: '', port: 0 })
      link.send('early')
      link.onMessage((message) => {
        link.send(message)
        link.close(4001, 'enough')
      })
    })
    const dialled = await nodeWebSocketDialer.dial(`ws://127.0.0.1:${port}`, {})
    if (!dialled.ok) throw new Error(dialled.error)
    const link = dialled.value
    const heard: unknown[] = []
    const ended = new Promise<string>((resolve) => {
      link.onClose((code, reason) => resolve(`${code} ${reason}`))
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
    link.onMessage((message) => heard.push(message))
    link.send(Uint8Array.of(1, 2))
    expect(await ended).toBe('4001 enough')
    expect(heard).toEqual(['early', Uint8Array.of(1, 2)])
  })

  it('says why it cannot reach a hub', async () => {
    const dialled = await nodeWebSocketDialer.dial('ws://127.0.0.1:1', {})
    expect(dialled).toMatchObject({ ok: false, error: expect.stringContaining('127.0.0.1:1') })
  })
})
