/**
 * A rack of simulated sleds on real sockets, in the namespace that this runs in: their BMCs answer
 * IPMI on the management network, and a sled that is switched on asks for an address, fetches its
 * loader, script, kernel and initrd, and answers the installer. Says `inspected` once every sled has
 * been through it and is off again.
 */
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeHttpClient } from '@brickyard/runtime/node/http'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import type { Udp } from '@brickyard/runtime/udp'
import { WATCHED_TIMING } from '@brickyard/sim/hardware'
import { BMC_USER } from '@brickyard/sim/rack-plan'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { simulatedSled, type SimulatedSled } from '@brickyard/sim/sled'
import { createVirtualBmc } from '@brickyard/sim/virtual-bmc'
import type { NetworkHost } from '@brickyard/sim/virtual-network'
import { BMC_PASSWORD, memoryPlan } from './memory-rack.ts'
import { sharedPort } from './shared-port.ts'

const LOOK_MS = 200

const port68 = sharedPort(await nodeUdp.bind({ address: '0.0.0.0', port: 68, broadcast: true }))
const random = seededRandom('memory')
const sleds: SimulatedSled[] = []

/** A sled on this namespace's network: port 68 is shared, all else comes from its own address. */
function hostOf(name: string): NetworkHost {
  let own: string | undefined
  const udp: Udp = {
    bind: (bind) =>
      bind.port === 68
        ? port68.bind(bind)
        : nodeUdp.bind({ ...bind, address: own ?? bind.address }),
  }
  return {
    name,
    udp,
    attach: () => undefined,
    detach: () => undefined,
    setAddress(_card, address) {
      own = address
    },
    address: () => own,
  }
}

for (const { declaration, hardware } of memoryPlan().sleds) {
  const { name, address = '', bmc } = declaration
  const sled = simulatedSled({
    name,
    hardware,
    timing: WATCHED_TIMING,
    clock: systemClock,
    random: random.fork(name),
    network: hostOf(name),
    interface: 'eth0',
    http: nodeHttpClient({ localAddress: address }),
  })
  await createVirtualBmc({
    udp: nodeUdp,
    clock: systemClock,
    random: random.fork(`bmc/${name}`),
    bind: { address: bmc?.address ?? '', port: bmc?.port ?? 0 },
    users: [{ name: BMC_USER, password: BMC_PASSWORD, privilege: 'administrator' }],
    guid: random.fork(`guid/${name}`).bytes(16),
    fru: {
      chassis: { type: 0x17, partNumber: hardware.model, serial: hardware.serial },
      board: {
        manufacturer: 'ASRockRack',
        product: hardware.model,
        serial: hardware.boardSerial,
        partNumber: hardware.model,
      },
      product: {
        manufacturer: hardware.maker,
        product: hardware.model,
        partNumber: hardware.model,
        version: '1',
        serial: hardware.serial,
        assetTag: '',
      },
    },
    cipherSuites: [17],
    host: sled.host,
  })
  sleds.push(sled)
}
console.log('waiting')
const timer = setInterval(() => {
  const through = sleds.filter(({ boots, on, lease }) => boots > 0 && !on && lease !== undefined)
  if (process.env['BRICKYARD_BENCH_VERBOSE'] === '1') {
    console.log(through.length, sleds[0]?.stage, sleds[0]?.screen.at(-1))
  }
  if (through.length < sleds.length) return
  clearInterval(timer)
  console.log('inspected')
}, LOOK_MS)
