import { encodeAck, encodeError, encodeRequest } from '@brickyard/tftp/packet'
import { expect, it } from 'vitest'
import { heldSockets, silentLog, standingClock, US } from './dhcp-rig.ts'
import { createTftpServer } from './tftp-server.ts'

/** Every sled of a full rack twice over. */
const TRANSFERS_MAX = 256

function serving() {
  const sockets = heldSockets()
  const time = standingClock()
  const server = createTftpServer({
    udp: sockets.udp,
    clock: time.clock,
    log: silentLog,
    report: () => undefined,
    network: 'provisioning',
    files: new Map([['file', new Uint8Array(100_000)]]),
    address: US,
  })
  return { ...sockets, ...time, server }
}

it('runs so many transfers in all, whoever asks, and takes new ones when those are over', async () => {
  const { server, hearBytes, move } = serving()
  expect(await server.start()).toMatchObject({ ok: true })
  const ask = async (client: number, port: number): Promise<void> => {
    hearBytes(69, encodeRequest('read', 'file'), { address: `10.98.0.${client}`, port })
    await Promise.resolve()
  }
  for (let client = 2; client < 250; client++) {
    for (let port = 2000; port < 2008; port++) await ask(client, port)
  }
  expect(server.transfers()).toBe(TRANSFERS_MAX)
  // None of them was heard again.
  move(60_000)
  expect(server.transfers()).toBe(0)
  await ask(250, 2000)
  expect(server.transfers()).toBe(1)
  server.stop()
})

it('never answers an error with an error (RFC 1350 §2), as two servers would go on for ever', async () => {
  const { server, hearBytes, sent } = serving()
  await server.start()
  const from = { address: '10.98.0.9', port: 69 }
  hearBytes(69, encodeError(5, 'not your transfer'), from)
  expect(sent).toEqual([])
  hearBytes(69, encodeAck(1), from)
  expect(sent).toHaveLength(1)
  server.stop()
})
