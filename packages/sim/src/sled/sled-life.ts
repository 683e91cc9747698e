import type { Clock } from '@brickyard/runtime/clock'
import type { HttpClient } from '@brickyard/runtime/http'
import type { Random } from '@brickyard/runtime/random'
import type { Udp } from '@brickyard/runtime/udp'
import type { BmcDoor } from './verbs/verb-context.ts'
import type { Lease } from './dhcp-client.ts'
import type { SerialPort } from './serial-port.ts'
import type { SledFaults, SledHardware, SledTiming } from './hardware.ts'

/** What a sled is doing, for people and tests. */
export type SledStage =
  | 'off'
  | 'self-test'
  | 'dhcp'
  | 'script'
  | 'installer'
  | 'no-boot'
  | 'operating-system'

/** Something that really happened to the sled, whoever says what. */
export interface Deed {
  readonly atMs: number
  readonly what: 'boot' | 'claim' | 'wipe' | 'write' | 'seed' | 'system' | 'call-home'
  readonly detail: string
}

/** One sled between power-on and power-off: ports that die with its power, and its hardware. */
export interface SledLife {
  readonly hardware: SledHardware
  readonly timing: SledTiming
  readonly faults: SledFaults
  readonly clock: Clock
  readonly random: Random
  readonly udp: Udp
  readonly http: HttpClient
  /** The way from the host to its own BMC; undefined where there is none. */
  readonly bmcDoor: BmcDoor | undefined
  /** The NIC that netboots. */
  readonly interface: string
  setAddress(address: string | undefined, prefixLength?: number): void
  stage(stage: SledStage): void
  /** A line on the screen and on the serial port. */
  show(line: string): void
  /** Its serial port alone. */
  readonly serial: Pick<SerialPort, 'print' | 'prompt' | 'listen'>
  noteLease(lease: Lease): void
  noteDeed(what: Deed['what'], detail?: string): void
  /** Name of the system on the first disk that boots. */
  installedSystem(): string | undefined
  /** Runs when power goes, unless the returned function was called before. */
  atPowerLoss(work: () => void): () => void
  /** The sled's own power switch and reset line. */
  powerOff(): void
  restart(): void
  /** Takes the mains from under the sled. */
  losePower(): void
}
