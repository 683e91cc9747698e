import { Ipv4 } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import type { SiteName, SledName } from '@brickyard/model/names'
import type { RackDocument, SledDeclaration } from '@brickyard/model/rack'
import { toHex } from '@brickyard/std/hex'
import type { SeededRandom } from '../seeded-random.ts'
import { MEMORY_BYTES_DEFAULT, type SledHardware } from '../sled/hardware.ts'
import { SledDisk } from '../sled/sled-disk.ts'

/** What a simulated site is made from. */
export interface RackPlanOptions {
  readonly site: SiteName
  /** 0 to 99; gives the site its subnets `10.<10+n>.0.0/24` and `10.<110+n>.0.0/24`. */
  readonly siteNumber: number
  /** First number of all addresses, 10 unless told; 127 lets real sockets of this machine use them. */
  readonly addressesFrom?: number
  /** At most 96: 24 in each 12-unit Open19 cage. */
  readonly sledCount: number
  readonly random: SeededRandom
  readonly firmwareMode?: (n: number) => 'bios' | 'uefi'
  readonly diskBytes?: number
}

export const BMC_USER = 'brickyard'
export const LEASE_SECONDS = 600
const SLEDS_MAX = 96
const SLOTS_PER_CAGE = 24
const CAGE_UNITS = 12
const DISK_BYTES_DEFAULT = 480e9

export const AGENT_INTERFACES = { provisioning: 'prov0', management: 'mgmt0' } as const

/** One sled as it is declared and as it is built; both agree until somebody makes them differ. */
export interface PlannedSled {
  readonly declaration: SledDeclaration
  readonly hardware: SledHardware
}

export interface RackPlan {
  readonly document: RackDocument
  readonly sleds: readonly PlannedSled[]
}

/** A rack of half-width sleds in one Open19 cage, with its two networks. */
export function planRack(options: RackPlanOptions): RackPlan {
  const { site, sledCount } = options
  if (sledCount > SLEDS_MAX) throw new Error(`${sledCount} sleds; a site has ${SLEDS_MAX}`)
  const sleds = Array.from({ length: sledCount }, (_, i) => planSled(options, i + 1))
  const provisioning = provisioningNet(options)
  const management = managementNet(options)
  const pool = (net: string) => ({ first: `${net}.200` as Ipv4, last: `${net}.250` as Ipv4 })
  const shared = { mode: 'authoritative', leaseSeconds: LEASE_SECONDS, dns: [] } as const
  return {
    sleds,
    document: {
      site,
      networks: [
        {
          ...shared,
          name: 'provisioning',
          role: 'provisioning',
          subnet: `${provisioning}.0/24`,
          agentAddress: `${provisioning}.1` as Ipv4,
          interface: AGENT_INTERFACES.provisioning,
          pool: pool(provisioning),
        },
        {
          ...shared,
          name: 'management',
          role: 'management',
          subnet: `${management}.0/24`,
          agentAddress: `${management}.1` as Ipv4,
          interface: AGENT_INTERFACES.management,
          pool: pool(management),
        },
      ],
      cages: Array.from({ length: Math.ceil(sledCount / SLOTS_PER_CAGE) }, (_, i) => ({
        name: `cage-${i + 1}`,
        heightRackUnits: CAGE_UNITS,
        generation: 'v1',
        rackUnit: 1 + i * CAGE_UNITS,
      })),
      sleds: sleds.map(({ declaration }) => declaration),
    },
  }
}

const provisioningNet = ({ siteNumber, addressesFrom = 10 }: RackPlanOptions): string =>
  `${addressesFrom}.${10 + siteNumber}.0`
const managementNet = ({ siteNumber, addressesFrom = 10 }: RackPlanOptions): string =>
  `${addressesFrom}.${110 + siteNumber}.0`

function planSled(options: RackPlanOptions, n: number): PlannedSled {
  const { siteNumber, firmwareMode = (k) => (k % 2 === 0 ? 'bios' : 'uefi') } = options
  const hardware = makeHardware(options.random, {
    siteNumber,
    n,
    firmwareMode: firmwareMode(n),
    diskBytes: options.diskBytes ?? DISK_BYTES_DEFAULT,
  })
  return {
    hardware,
    declaration: {
      name: sledName(n),
      position: {
        kind: 'slot',
        cage: `cage-${Math.ceil(n / SLOTS_PER_CAGE)}`,
        slot: ((n - 1) % SLOTS_PER_CAGE) + 1,
        form: 'half-width',
      },
      architecture: 'x86_64',
      firmwareMode: hardware.firmwareMode,
      model: hardware.model,
      macs: hardware.macs,
      address: `${provisioningNet(options)}.${100 + n}` as Ipv4,
      bmc: {
        protocol: 'ipmi',
        address: `${managementNet(options)}.${100 + n}` as Ipv4,
        port: 623,
        user: BMC_USER,
        cipherSuite: 17,
      },
      labels: { generation: 'c3' },
    },
  }
}

export const sledName = (n: number): SledName => `sled-${String(n).padStart(2, '0')}` as SledName

/**
 * A sled as Packet built them for Open19 cages: ASRock Rack's E3C246D4I-NL, with the BIOS that the
 * catalogue's baseline asks for. `revision` tells a replacement from the sled it replaces.
 */
export function makeHardware(
  random: SeededRandom,
  wanted: {
    readonly siteNumber: number
    readonly n: number
    readonly firmwareMode: 'bios' | 'uefi'
    readonly diskBytes: number
    readonly revision?: number
  },
): SledHardware {
  const { siteNumber, n, revision = 0 } = wanted
  const serial = `C3S${siteNumber}${String(n).padStart(3, '0')}${revision === 0 ? '' : `R${revision}`}`
  const own = random.fork(`hardware/${serial}`)
  const mac = (port: number): Mac => {
    const parsed = Mac.fromBytes(Uint8Array.of(0x02, 0x19, siteNumber, n, revision, port))
    if (!parsed.ok) throw new Error(parsed.error)
    return parsed.value
  }
  const id = toHex(own.bytes(16))
  const groups = [id.slice(0, 8), id.slice(8, 12), `4${id.slice(13, 16)}`, `8${id.slice(17, 20)}`]
  return {
    maker: 'Packet',
    model: 'c3.small.x86',
    serial,
    uuid: [...groups, id.slice(20)].join('-'),
    boardSerial: `B${serial}`,
    architecture: 'x86_64',
    firmwareMode: wanted.firmwareMode,
    biosVendor: 'American Megatrends Inc.',
    biosVersion: 'L2.07B',
    biosDate: '04/08/2020',
    cpuModel: 'Intel(R) Xeon(R) E-2278G CPU @ 3.40GHz',
    cpuCount: 16,
    memoryBytes: MEMORY_BYTES_DEFAULT,
    macs: [mac(0), mac(1)],
    disks: [
      new SledDisk({
        path: '/dev/sda',
        bytes: wanted.diskBytes,
        sectorBytes: 512,
        transport: 'sata',
        rotational: false,
        model: 'SIM SSD',
        serial: `D${serial}`,
      }),
    ],
  }
}
