import type { TftpServer } from '@brickyard/agent/netboot/tftp-server'
import tftp from 'tftp2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loopbackTftp } from './tftp-rig.ts'

/** Its blocks of 512 bytes, counted without rollover: no file of 65 535 of them or more. */
const FILES = new Map(
  [0, 1, 511, 512, 5120, 100_001].map((bytes) => [
    `of-${bytes}`,
    Uint8Array.from({ length: bytes }, (_, n) => (n * 131) >>> 3),
  ]),
)

let server: TftpServer
beforeAll(async () => {
  server = await loopbackTftp(FILES)
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
