import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { MiB } from '@brickyard/std/units'
import { expect, it } from 'vitest'
import { assetOf } from '../netboot/asset.ts'
import { rangeResponse } from '../netboot/range-response.ts'
import { listenHttp } from './http-listener.ts'

/** Requests of a run; a long one is asked for by the environment. */
const COUNT = Math.ceil(Number(process.env['BRICKYARD_FUZZ_COUNT'] ?? 2000))
const SEED = process.env['BRICKYARD_FUZZ_SEED'] ?? String(Date.now())
/** Sent over one connection, which the first wrong one ends. */
const REQUESTS_PER_CONNECTION = 8
const CONNECTIONS_TOGETHER = 16
/** What may be there more at the end: caches that have filled, not a leak per request. */
const GROWTH_BYTES_MAX = MiB(16)

const VALID = [
  'GET /file HTTP/1.1\r\nhost: a\r\n\r\n',
  'HEAD /file HTTP/1.1\r\nhost: a\r\nif-none-match: "x", *\r\n\r\n',
  'GET /file?mac=52-54-00-98-00-01 HTTP/1.1\r\nhost: a\r\nrange: bytes=1-2\r\nif-range: "x"\r\n\r\n',
  'GET http://b/file HTTP/1.0\r\nrange: bytes=-5\r\n\r\n',
  'POST /file HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello',
  'POST /file HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  'CONNECT a:1 HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n\r\n',
].map((text) => Buffer.from(text, 'latin1'))

const random = seededRandom(SEED)

/** A request as it should be, with a few wrong bytes, cut off, or noise. */
function words(): Buffer {
  const request = Buffer.from(VALID[random.below(VALID.length)] as Buffer)
  switch (random.below(4)) {
    case 0:
      return Buffer.from(Uint8Array.from({ length: random.below(300) }, () => random.below(256)))
    case 1:
      for (let flips = 1 + random.below(4); flips > 0; flips--) {
        request[random.below(request.length)] = random.below(256)
      }
      return request
    case 2:
      return request.subarray(0, random.below(request.length))
    default:
      return request
  }
}

function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

it(
  `answers after ${COUNT} requests of all kinds (seed ${SEED})`,
  { timeout: 600_000 },
  async () => {
    const asset = assetOf(new Uint8Array(1000))
    const thrown: unknown[] = []
    const listener = await listenHttp(
      async (request) => {
        try {
          if (request.method === 'POST') return new Response(String((await request.text()).length))
          return rangeResponse(request, asset)
        } catch (error) {
          // A body that breaks off is the one thing a handler may stumble over.
          if (request.method !== 'POST') thrown.push(error)
          return new Response(null, { status: 400 })
        }
      },
      { host: '127.0.0.1', port: 0 },
    )
    const visit = (): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect({ host: '127.0.0.1', port: listener.port })
        socket.on('error', () => undefined)
        socket.on('data', () => undefined)
        socket.once('close', () => resolve())
        for (let n = 0; n < REQUESTS_PER_CONNECTION; n++) socket.write(words())
        socket.end()
      })
    let usedAtFirst: number | undefined
    for (let sent = 0; sent < COUNT; sent += REQUESTS_PER_CONNECTION * CONNECTIONS_TOGETHER) {
      if (sent >= COUNT / 2) usedAtFirst ??= usedBytes()
      await Promise.all(Array.from({ length: CONNECTIONS_TOGETHER }, visit))
    }
    expect(thrown).toEqual([])
    const answer = await fetch(`http://127.0.0.1:${listener.port}/file`)
    expect((await answer.arrayBuffer()).byteLength).toBe(1000)
    expect(listener.bufferedBytes()).toBe(0)
    expect(usedBytes() - (usedAtFirst ?? 0)).toBeLessThan(GROWTH_BYTES_MAX)
    await listener.close()
  },
)
