import { systemClock } from '@brickyard/runtime/node/clock'
import { jsonLog } from '@brickyard/runtime/node/log'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import { createTftpServer, type TftpServer } from '@brickyard/agent/netboot/tftp-server'
import tftp from 'tftp2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Its blocks of 512 bytes, counted without rollover: no file of 65 535 of them or more. */
const FILES = new Map(
  [0, 1, 511, 512, 5120, 100_001].map((bytes) => [
    `of-${bytes}`,
    Uint8Array.from({ length: bytes }, (_, n) => (n * 131) >>> 3),
  ]),
)

let server: TftpServer
beforeAll(async () => {
  server = createTftpServer({
    udp: nodeUdp,
    clock: systemClock,
    log: jsonLog('error', 'tftp'),
    report: () => undefined,
    network: 'lab',
    files: FILES,
    address: '127.0.0.1',
    port: 0,
  })
  const started = await server.start()
  if (!started.ok) throw new Error(started.error)
})
afterAll(() => server.stop())

describe("npm's tftp2 as a client", () => {
  it.each([...FILES])('fetches the file %s', async (name, file) => {
    const client = tftp('127.0.0.1', server.port())
    const pieces: Buffer[] = []
    let done = false
    await client.read(
      name,
      (piece) => void pieces.push(piece),
      () => {
        done = true
      },
    )
    client.close()
    expect(done).toBe(true)
    expect(Buffer.concat(pieces).equals(file)).toBe(true)
  })
})
