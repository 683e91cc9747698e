/**
 * The sleds' side of the boot storm: COUNT machines ask for an address at the same moment, through
 * one real socket on port 68 of this network namespace. Prints one JSON line.
 */
import { Mac } from '@brickyard/model/mac'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import { acquireLease } from '@brickyard/sim/dhcp-client'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { stormMac } from './boot-storm-rack.ts'
import { sharedPort } from './shared-port.ts'

const count = Number(process.argv[2] ?? 48)

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
