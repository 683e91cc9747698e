import type { Bmc } from '@brickyard/bmc/bmc'
import { connectBmc } from '@brickyard/bmc/connect'
import { createIpmiSession } from '@brickyard/bmc/ipmi/ipmi-session'
import type { CipherSuiteId } from '@brickyard/ipmi/cipher-suite'
import { Ipv4 } from '@brickyard/model/ipv4'
import { Seconds } from '@brickyard/std/units'
import { seededRandom } from '../seeded-random.ts'
import { virtualClock } from '../virtual-clock.ts'
import { virtualNetwork, type LinkQuality } from '../virtual-network.ts'
import { obedientHost } from './obedient-host.ts'
import { createVirtualBmc, type VirtualBmcOptions } from './virtual-bmc.ts'
import type { VirtualHost } from './virtual-host.ts'

const SEGMENT = 'management'
const BMC_ADDRESS = '10.0.9.11'
export const NETWORK_ONCE = { device: 'network', persistent: false, efi: true } as const
export const FRU = {
  chassis: { type: 0x17, partNumber: 'CAGE', serial: 'CH-1' },
  board: { manufacturer: 'Brickworks', product: 'BW-B1', serial: 'BD-42', partNumber: 'BP' },
  product: {
    manufacturer: 'Brickworks',
    product: 'O19 half-width',
    partNumber: 'O19-H',
    version: '2',
    serial: 'SL-777',
    assetTag: '',
  },
}

/** An agent's end and a virtual BMC on one simulated wire, in virtual time. */
export async function bmcOnWire(
  options: Partial<VirtualBmcOptions> = {},
  link: Partial<LinkQuality> = {},
  seed = 'bmc',
) {
  const clock = virtualClock()
  const random = seededRandom(seed)
  const network = virtualNetwork(clock, random.fork('network'))
  const agent = network.host('agent')
  agent.attach({ interface: 'eth0', segment: SEGMENT, address: '10.0.9.1' })
  const sled = network.host('sled')
  sled.attach({ interface: 'bmc0', segment: SEGMENT, address: BMC_ADDRESS })
  network.setSegment(SEGMENT, link)
  const obedient = obedientHost()
  const seen = Object.assign(obedient.seen, { refuse: false, typed: '', breaks: 0 })
  let output: (bytes: Uint8Array) => void = () => {}
  const host: VirtualHost = {
    ...obedient.host,
    apply: (verb) =>
      seen.refuse ? { refused: 'no headroom on the shelf' } : obedient.host.apply(verb),
    serial: {
      write: (bytes) => void (seen.typed += new TextDecoder().decode(bytes)),
      sendBreak: () => void (seen.breaks += 1),
      onOutput: (listener) => void (output = listener),
    },
  }
  const bmc = await createVirtualBmc({
    udp: sled.udp,
    clock,
    random: random.fork('bmc'),
    bind: { address: '0.0.0.0', port: 623 },
    users: [{ name: 'admin', password: 'secret', privilege: 'administrator' }],
    guid: new Uint8Array(16).fill(7),
    fru: FRU,
    cipherSuites: [3, 17],
    host,
    ...options,
  })
  const address = Ipv4.parse(BMC_ADDRESS)
  if (!address.ok) throw new Error(address.error)
  const declaration = {
    protocol: 'ipmi',
    address: address.value,
    port: 623,
    user: 'admin',
  } as const
  const ports = { udp: agent.udp, clock, random: random.fork('client') }
  const client = (password = 'secret', cipherSuite: CipherSuiteId = 17): Bmc =>
    connectBmc({ ...declaration, cipherSuite }, password, ports)
  const connectAs = (user: string, password: string, bmcKey?: string): Bmc =>
    connectBmc({ ...declaration, user, cipherSuite: 17 }, password, ports, {}, bmcKey)
  const session = () => createIpmiSession({ ...declaration, cipherSuite: 17 }, 'secret', ports)
  /** Lets virtual time pass until `promise` settles, at most ten minutes. */
  async function settled<T>(promise: Promise<T>): Promise<T> {
    let done: { readonly value: T } | undefined
    void promise.then((value) => (done = { value }))
    await clock.runUntil(() => done !== undefined, Seconds(600))
    if (done === undefined) throw new Error('not settled after ten minutes')
    return done.value
  }
  /** The host writes to its serial port. */
  const print = (text: string): void => output(new TextEncoder().encode(text))
  return {
    clock,
    network,
    bmc,
    declaration,
    seen,
    client,
    connectAs,
    session,
    settled,
    print,
    segment: SEGMENT,
  }
}
