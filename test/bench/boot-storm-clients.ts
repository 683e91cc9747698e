/**
 * The sleds' side of the boot storm: COUNT machines ask for an address at the same moment, through
 * one real socket on port 68 of this network namespace. Prints one JSON line.
 */
import { Mac } from '@brickyard/model/mac'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import type { Udp, UdpSocket } from '@brickyard/runtime/udp'
import { acquireLease } from '@brickyard/sim/dhcp-client'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { stormMac } from './boot-storm-rack.ts'

const count = Number(process.argv[2] ?? 48)

/** Every sled hears every broadcast answer and takes its own, as on a real wire. */
function sharedPort(socket: UdpSocket): Udp {
  const hearers = new Set<(bytes: Uint8Array, from: { address: string; port: number }) => void>()
  socket.onDatagram((bytes, from) => {
    for (const hear of hearers) hear(bytes, from)
  })
  return {
    bind: async () => {
      let hear: ((bytes: Uint8Array, from: { address: string; port: number }) => void) | undefined
      return {
        local: socket.local,
        send: (bytes, to) => socket.send(bytes, to),
        onDatagram(take) {
          hear = take
          hearers.add(take)
        },
        onError: () => undefined,
        close: () => {
          if (hear !== undefined) hearers.delete(hear)
        },
      }
    },
  }
}

const socket = await nodeUdp.bind({ address: '0.0.0.0', port: 68, broadcast: true })
const udp = sharedPort(socket)
const random = seededRandom('boot-storm')
const took = await Promise.all(
  Array.from({ length: count }, async (_, n) => {
    const mac = Mac.parse(stormMac(n + 1))
    if (!mac.ok) throw new Error(mac.error)
    const startMs = performance.now()
    const ports = { clock: systemClock, random: random.fork(String(n)), udp }
    const lease = await acquireLease(ports, 'eth0', mac.value, {
      vendorClass: 'PXEClient:Arch:00007:UNDI:003016',
      clientArchitectures: [7],
    })
    return lease.ok ? performance.now() - startMs : null
  }),
)
socket.close()
const good = took.filter((ms) => ms !== null)
console.log(JSON.stringify({ served: good.length, slowestMs: Math.max(...good) }))
