/**
 * From exec to the first OFFER, on a cable between two network namespaces. The bundled agent runs as
 * its service does: unprivileged, sockets handed in by descriptor, a site of 48 sleds that it knew
 * before. dnsmasq runs as root, opens its own, and has the same 48 reservations. Both are started by
 * the same launcher, turn by turn. Files are in the page cache for both.
 */
import { chownSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AGENT_UID, handOver } from '../interop/inherited-sockets.ts'
import { installAgent } from '../interop/packaged-agent.ts'
import { programPath } from '../needs.ts'
import { stormMac, stormRack } from './boot-storm-rack.ts'
import { type CabledRoom, openCabledRoom } from './cabled-room.ts'
import { type BenchRow, median, smallerIsBetter } from './row.ts'
import { stormDnsmasq } from './storm-dnsmasq.ts'

const ROUNDS = 5
const DEVICE = 'cold0'
const CLIENT = fileURLToPath(new URL('cold-start-client.ts', import.meta.url))
const NS_PER_MS = 1e6

export async function run(): Promise<readonly BenchRow[]> {
  const rack = stormRack(DEVICE)
  const room = openCabledRoom('cold', [
    {
      device: DEVICE,
      client: 'eth0',
      serverAddress: rack.networks[0]?.agentAddress ?? '',
      clientAddresses: ['169.254.1.1'],
    },
  ])
  try {
    const installed = await installAgent(room.folder, { rack, loader: 'a loader' })
    const { environment, stateFolder, cacheFolder } = installed
    const words = handOver({ devices: [DEVICE], uid: AGENT_UID, command: installed.command })
    const agent = (): Promise<number> => firstOffer(room, words, environment)
    const empty = (folder: string): void => {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { mode: 0o700 })
      chownSync(folder, AGENT_UID, AGENT_UID)
    }
    const dnsmasq = programPath('dnsmasq')
    const leases = join(room.folder, 'leases')
    const [again, first, peer]: number[][] = [[], [], []]
    for (let round = 0; round < ROUNDS; round++) {
      for (const folder of [cacheFolder, stateFolder]) empty(folder)
      first?.push(await agent())
      again?.push(await agent())
      if (dnsmasq === undefined) continue
      const command = [dnsmasq, ...stormDnsmasq(DEVICE, leases)]
      peer?.push(await firstOffer(room, handOver({ devices: [], command })))
    }
    const row = (metric: string, ours: readonly number[] = []): BenchRow =>
      smallerIsBetter({
        bench: 'cold-start',
        metric,
        unit: 'ms',
        ours: median(ours),
        peer: dnsmasq === undefined ? null : median(peer ?? []),
        peerName:
          dnsmasq === undefined ? 'dnsmasq is missing (Debian package dnsmasq-base)' : 'dnsmasq',
      })
    return [
      row('exec to first OFFER, a site that ran before', again),
      row('exec to first OFFER, the first start on a new appliance', first),
    ]
  } finally {
    room.close()
  }
}

/** Milliseconds from the exec of a server to the first OFFER at a sled that asks all the time. */
async function firstOffer(
  room: CabledRoom,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const sled = room.beSleds([process.execPath, CLIENT, stormMac(1)])
  await sled.heard(/asking/)
  const server = room.serve(words, env)
  const offeredNs = BigInt(await sled.heard(/offer (\d+)/))
  const executedNs = BigInt(await server.heard(/exec (\d+)/))
  await Promise.all([sled.end(), server.end()])
  return Number(offeredNs - executedNs) / NS_PER_MS
}
