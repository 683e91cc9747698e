import type { Architecture, FirmwareMode } from '@brickyard/model/architecture'
import type { Mac } from '@brickyard/model/mac'
import type { Inventory } from '@brickyard/installer/inventory'
import { GiB, Milliseconds, Seconds } from '@brickyard/std/units'
import type { SledDisk } from './sled-disk.ts'

/** What a simulated sled is made of. */
export interface SledHardware {
  readonly maker: string
  readonly model: string
  readonly serial: string
  readonly uuid: string
  readonly boardSerial: string
  readonly architecture: Architecture
  readonly firmwareMode: FirmwareMode
  /** Off unless told. */
  readonly secureBoot?: 'on' | 'off'
  readonly biosVendor: string
  readonly biosVersion: string
  readonly biosDate: string
  readonly cpuModel: string
  readonly cpuCount: number
  readonly memoryBytes: number
  /** The NIC that netboots comes first. */
  readonly macs: readonly Mac[]
  readonly disks: readonly SledDisk[]
}

/** How long things take. */
export interface SledTiming {
  /** Power on to the first boot option. */
  readonly postMs: number
  readonly installerBootMs: number
  readonly osBootMs: number
  /** Power off to on again in a power cycle. */
  readonly cycleMs: number
  readonly softOffMs: number
  readonly diskBytesPerSecond: number
}

/** An ordinary server: a minute and a half of self test. */
export const SERVER_TIMING: SledTiming = {
  postMs: Seconds(90),
  installerBootMs: Seconds(8),
  osBootMs: Seconds(30),
  cycleMs: Seconds(3),
  softOffMs: Seconds(10),
  diskBytesPerSecond: 400e6,
}

/** For people who watch: everything shortened, in proportion. */
export const WATCHED_TIMING: SledTiming = {
  postMs: Seconds(2),
  installerBootMs: Seconds(1),
  osBootMs: Seconds(2),
  cycleMs: Milliseconds(500),
  softOffMs: Seconds(1),
  diskBytesPerSecond: 4e6,
}

/** Faults of the sled itself. */
export interface SledFaults {
  /** The installed OS starts and never says so. */
  neverCallsBack: boolean
  /** Takes mains away once this share of the image was written; once. */
  powerLostAtShare: number | undefined
}

/** What the installer's inventory verb would see. */
export const inventoryOf = (hardware: SledHardware): Inventory => {
  const { macs, disks, secureBoot = 'off', ...identity } = hardware
  return {
    ...identity,
    secureBoot,
    disks: disks.map((disk) => disk.facts),
    nics: macs.map((mac, n) => ({
      name: `eth${n}`,
      mac,
      driver: 'simulated',
      link: n === 0 ? 'up' : 'down',
    })),
  }
}

export const MEMORY_BYTES_DEFAULT = GiB(64)

/** Option 97 and SMBIOS keep the first three groups little-endian: the bytes as firmware copies them. */
export function uuidOnTheWire(uuid: string): string {
  const [a = '', b = '', c = '', ...rest] = uuid.split('-')
  const swapped = (hex: string): string => (hex.match(/../g) ?? []).reverse().join('')
  return [swapped(a), swapped(b), swapped(c), ...rest].join('-')
}
