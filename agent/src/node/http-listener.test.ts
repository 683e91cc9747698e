import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { MiB } from '@brickyard/std/units'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openAsset } from '../netboot/asset.ts'
import { rangeResponse } from '../netboot/range-response.ts'
import { type HttpLimits, type HttpListener, listenHttp } from './http-listener.ts'
import { SMALL_PIECE_BYTES } from './piece-pool.ts'

const CONTENT = Buffer.from(Uint8Array.from({ length: 3_000_001 }, (_, i) => (i * 131) >>> 3))
const SPARSE_BYTES = MiB(64)

let folder: string
let listener: HttpListener
const sockets: Socket[] = []
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'brickyard-http-'))
  writeFileSync(join(folder, 'content'), CONTENT)
  writeFileSync(join(folder, 'sparse'), '')
  truncateSync(join(folder, 'sparse'), SPARSE_BYTES)
  listener = await listen()
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await listener.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Serves the two files by name, and how many bytes there are of what a POST says. */
const listen = (limits?: HttpLimits): Promise<HttpListener> =>
  listenHttp(
    async (request) => {
      const name = new URL(request.url).pathname.slice(1)
      if (request.method === 'POST') return new Response(String((await request.text()).length))
      const asset = await openAsset(nodeFiles, join(folder, name), 'a'.repeat(64))
      return asset.ok ? rangeResponse(request, asset.value) : new Response(null, { status: 404 })
    },
    { host: '127.0.0.1', port: 0 },
    limits,
  )
async function relisten(limits: HttpLimits): Promise<void> {
  await listener.close()
  listener = await listen(limits)
}

/** A connection that says `text` at once and reads nothing until it is told to. */
async function dial(text: string, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: listener.port, localAddress })
  sockets.push(socket)
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.pause()
  socket.write(text)
  return socket
}
const request = (path: string): string => `GET /${path} HTTP/1.1\r\nhost: x\r\n\r\n`

/** Everything a connection says until the server closes it. */
async function lastWords(socket: Socket): Promise<string> {
  const pieces: Buffer[] = []
  socket.on('data', (piece) => void pieces.push(piece))
  socket.resume()
  await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(pieces).toString('latin1')
}
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Until a figure stays as it is. */
async function untilSame(figure: () => number): Promise<void> {
  let [before, times] = [figure(), 0]
  await until(() => {
    times = figure() === before ? times + 1 : 0
    before = figure()
    return times === 50
  })
}
/** 200 small pieces and all large ones. */
const BUFFERED_BYTES_MAX = 200 * SMALL_PIECE_BYTES + MiB(24)

describe('files over a listener', () => {
  const fetched = async (path: string, range?: string, agent?: Agent) => {
    const headers = range === undefined ? {} : { range }
    const url = `http://127.0.0.1:${listener.port}/${path}`
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, { headers, ...(agent === undefined ? {} : { agent }) }, resolve).once(
        'error',
        reject,
      )
    })
    const body = Buffer.concat(await response.toArray())
    return { status: response.statusCode, body, headers: response.headers }
  }

  it('arrive whole and in parts, over one connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const whole = await fetched('content', undefined, agent)
    expect(whole.body.equals(CONTENT)).toBe(true)
    expect(whole.headers).toMatchObject({
      'content-length': '3000001',
      'accept-ranges': 'bytes',
      etag: `"${'a'.repeat(64)}"`,
      'keep-alive': 'timeout=30',
    })
    const part = await fetched('content', 'bytes=65530-2000000', agent)
    expect(part.status).toBe(206)
    expect(part.body.equals(CONTENT.subarray(65_530, 2_000_001))).toBe(true)
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1)
    expect(listener.bufferedBytes()).toBe(0)
    agent.destroy()
  })

  it('hold 200 slow readers in bounded memory, and serve the quick meanwhile', async () => {
    const slow = await Promise.all(
      Array.from({ length: 200 }, (_, n) => dial(request('sparse'), `127.0.2.${1 + (n >> 3)}`)),
    )
    // Each fills what the system holds for it, and then waits with a piece of ours.
    await until(() => listener.bufferedBytes() > 0)
    await untilSame(() => listener.bufferedBytes())
    for (let n = 0; n < 5; n++) {
      expect((await fetched('content')).body.equals(CONTENT)).toBe(true)
      expect(listener.bufferedBytes()).toBeLessThanOrEqual(BUFFERED_BYTES_MAX)
    }
    for (const socket of slow) socket.destroy()
    await until(() => listener.bufferedBytes() === 0)
  })

  it('go on where a slow reader reads on', async () => {
    const socket = await dial(`${request('sparse').trimEnd()}\r\nconnection: close\r\n\r\n`)
    await until(() => listener.bufferedBytes() > 0)
    const answer = await lastWords(socket)
    expect(answer.length - answer.indexOf('\r\n\r\n') - 4).toBe(SPARSE_BYTES)
  })

  it('break off where the file is shorter than was said', async () => {
    const socket = await dial(request('sparse'))
    await until(() => listener.bufferedBytes() > 0)
    truncateSync(join(folder, 'sparse'), 1000)
    expect((await lastWords(socket)).length).toBeLessThan(SPARSE_BYTES)
    await until(() => listener.bufferedBytes() === 0)
  })

  it('are dropped for a reader that takes nothing any more', async () => {
    await relisten({ silenceMsMax: 300 })
    const socket = await dial(request('sparse'))
    await until(() => listener.bufferedBytes() > 0)
    await until(() => listener.bufferedBytes() === 0)
    expect((await lastWords(socket)).length).toBeLessThan(SPARSE_BYTES)
  })
})

describe('a peer that misbehaves', () => {
  it('is closed on when its headers do not end', async () => {
    await relisten({ headersTimeoutMs: 200, timeoutsCheckedMs: 50 })
    const socket = await dial('GET / HTTP/1.1\r\nhost: x\r\n')
    expect(await lastWords(socket)).toMatch(/^HTTP\/1\.1 408 /)
  })

  it.each([
    ['noise', '\x00\x01\x02\xff\r\n\r\n', 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['a host that is none', 'GET /content HTTP/1.1\r\nhost: [x\r\nconnection: close\r\n\r\n', 400],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
    ],
    ['a flood of headers', `GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(4000)}\r\n`, 431],
    ['a long path', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
  ])('is refused: %s', async (_what, text, status) => {
    expect(await lastWords(await dial(text))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  it('has 32 connections and no more, and others have theirs', async () => {
    const open = await Promise.all(Array.from({ length: 32 }, () => dial('')))
    expect(await lastWords(await dial(request('content')))).toBe('')
    const other = await dial(
      'GET /none HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      '127.0.0.2',
    )
    expect(await lastWords(other)).toMatch(/^HTTP\/1\.1 404 /)
    open[0]?.destroy()
    const again = `GET /none HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`
    let answer = ''
    while (answer === '') answer = await lastWords(await dial(again))
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
  })
})
