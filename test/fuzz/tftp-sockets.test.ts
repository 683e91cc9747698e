import { createTftpServer } from '@brickyard/agent/netboot/tftp-server'
import type { Ipv4 } from '@brickyard/model/ipv4'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import {
  decodeTftp,
  encodeAck,
  encodeData,
  encodeError,
  encodeOack,
  encodeRequest,
} from '@brickyard/tftp/packet'
import { expect, it } from 'vitest'
import {
  bombard,
  FUZZ_DATAGRAMS,
  FUZZ_SEED,
  FUZZ_TIMEOUT_MS,
  GROWTH_BYTES_MAX,
  mangled,
  oneOf,
  random,
  silentLog,
  watched,
} from './fuzz-run.ts'

const ip = (text: string): Ipv4 => text as Ipv4
const LOCAL = ip('127.0.0.1')
/** Transfers that one client may have at once. */
const TRANSFERS_MAX = 8

const OPTIONS = new Map([
  ['blksize', '1468'],
  ['tsize', '0'],
  ['windowsize', '16'],
  ['timeout', '1'],
])
const VALID: readonly Uint8Array[] = [
  encodeRequest('read', 'file', OPTIONS),
  encodeRequest('read', 'file', new Map(), 'netascii'),
  encodeRequest('read', 'none'),
  encodeRequest('write', 'file', OPTIONS),
  encodeData(1, new Uint8Array(40)),
  encodeOack(OPTIONS),
  encodeError(0, 'stop'),
  ...[0, 1, 2, 16, 65_535].map(encodeAck),
]

it(
  `TFTP's sockets live through ${FUZZ_DATAGRAMS} datagrams (seed ${FUZZ_SEED})`,
  { timeout: FUZZ_TIMEOUT_MS },
  async () => {
    const watch = watched(nodeUdp)
    const server = createTftpServer({
      udp: watch.udp,
      clock: systemClock,
      log: silentLog,
      report: () => undefined,
      network: 'provisioning',
      files: new Map([['file', new Uint8Array(100_000).fill(0x0a)]]),
      address: LOCAL,
      port: 0,
    })
    expect(await server.start()).toMatchObject({ ok: true })
    const client = await nodeUdp.bind({ address: LOCAL, port: 0 })
    let transferPort = server.port()
    client.onDatagram((bytes, { port }) => {
      const packet = decodeTftp(bytes)
      if (packet.ok && packet.value.kind !== 'error') transferPort = port
    })
    const grown = await bombard(watch.heard, () => {
      // The port of the transfer that answered last is disturbed as often as the first one.
      const port = random.below(2) === 0 ? server.port() : transferPort
      client.send(mangled(oneOf(VALID)), { address: LOCAL, port })
    })
    expect(watch.slow).toEqual([])
    expect(grown).toBeLessThan(GROWTH_BYTES_MAX)
    expect(server.transfers()).toBeLessThanOrEqual(TRANSFERS_MAX)
    const other = await nodeUdp.bind({ address: ip('127.0.0.2'), port: 0 })
    const answer = new Promise<Uint8Array>((resolve) => other.onDatagram(resolve))
    other.send(encodeRequest('read', 'file', OPTIONS), { address: LOCAL, port: server.port() })
    expect(decodeTftp(await answer)).toMatchObject({ ok: true, value: { kind: 'oack' } })
    for (const socket of [client, other]) socket.close()
    server.stop()
  },
)
