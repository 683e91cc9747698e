import type { PowerVerb } from '@brickyard/model/operation'
import { type Clock, sleep } from '@brickyard/runtime/clock'
import type { HttpClient } from '@brickyard/runtime/http'
import { createLife, type Life } from '../life.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { HostBootOverride, VirtualHost } from '../virtual-bmc/virtual-host.ts'
import type { NetworkHost } from '../virtual-network.ts'
import { firmwareBanner } from './serial-banner.ts'
import { createSerialPort, type SerialListener, type SerialPort } from './serial-port.ts'
import type { Lease } from './dhcp-client.ts'
import { type SledFaults, type SledHardware, SERVER_TIMING, type SledTiming } from './hardware.ts'
import type { BmcDoor } from './verbs/verb-context.ts'
import { runInstaller } from './run-installer.ts'
import { bootFromNetwork } from './netboot-rom.ts'
import { runOperatingSystem } from './operating-system.ts'
import type { Deed, SledLife, SledStage } from './sled-life.ts'
import { installedSystem } from './synthetic-image.ts'

/** What happens when mains come back: stay off, come back as it was, or always start. */
export type RestorePolicy = 'always-off' | 'previous' | 'always-on'

export interface SimulatedSledOptions {
  readonly name: string
  readonly hardware: SledHardware
  readonly timing?: SledTiming
  readonly restorePolicy?: RestorePolicy
  readonly clock: Clock
  readonly random: SeededRandom
  /** The sled as a host of the network; `interface` is the NIC that netboots. */
  readonly network: NetworkHost
  readonly interface: string
  readonly http: HttpClient
  /** The way from the host to its own BMC; left out: it has none. */
  readonly bmcDoor?: BmcDoor
}

/**
 * A sled from its power button down: self test, boot order (one-shot override, disk, network), PXE
 * client, installer and installed system, each speaking its real protocol. It is a `VirtualHost`,
 * so a virtual BMC can stand beside it.
 */
export interface SimulatedSled {
  readonly name: string
  readonly hardware: SledHardware
  readonly faults: SledFaults
  readonly host: VirtualHost
  readonly stage: SledStage
  readonly on: boolean
  /** Its serial port from the inside: what it prints, and who answers there. */
  readonly serial: Pick<SerialPort, 'print' | 'listen'>
  /** What its screen shows, newest last. */
  readonly screen: readonly string[]
  /** What really happened to it, newest last. */
  readonly deeds: readonly Deed[]
  /** The last lease it was given. */
  readonly lease: Lease | undefined
  /** Times it was switched on or restarted. */
  readonly boots: number
  /** Seconds the identify light was last asked for; 0 when it is off. */
  readonly identifySeconds: number
  /** Mains come (the restore policy decides) or go. */
  feed(on: boolean): void
  /** Runs when mains go because of a fault of the sled's own script. */
  onPowerLoss(work: () => void): void
}

const SCREEN_LINES_MAX = 100
const DEEDS_MAX = 1000

export function simulatedSled(options: SimulatedSledOptions): SimulatedSled {
  const { clock, timing = SERVER_TIMING, network } = options
  const faults: SledFaults = { neverCallsBack: false, powerLostAtShare: undefined }
  const screen: string[] = []
  const deeds: Deed[] = []
  let life: Life | undefined
  let fed = true
  let wasOn = false
  let stage: SledStage = 'off'
  let override: HostBootOverride | undefined
  let lease: Lease | undefined
  let boots = 0
  let identifySeconds = 0
  let pending: { cancel(): void } | undefined
  let powerLost = (): void => undefined
  const serial = createSerialPort()

  const show = (line: string): void => {
    screen.push(line)
    serial.print(line)
    if (screen.length > SCREEN_LINES_MAX) screen.shift()
  }
  const note = (what: Deed['what'], detail = ''): void => {
    deeds.push({ atMs: clock.monotonicMs(), what, detail })
    if (deeds.length > DEEDS_MAX) deeds.shift()
  }
  const system = (): string | undefined =>
    options.hardware.disks.map(installedSystem).find((name) => name !== undefined)

  function switchOff(): void {
    pending?.cancel()
    life?.end()
    life = undefined
    stage = 'off'
    serial.listen(undefined)
    network.setAddress(options.interface, undefined)
  }

  function switchOn(): void {
    pending?.cancel()
    if (!fed || life !== undefined) return
    boots++
    note('boot')
    life = createLife()
    const session = sessionOf(life)
    void runFirmware(session).catch((error: unknown) => {
      show(`stopped: ${error instanceof Error ? error.message : String(error)}`)
      if (!session.ended()) stage = 'no-boot'
    })
  }

  function later(delayMs: number, work: () => void): void {
    pending?.cancel()
    pending = clock.after(delayMs, work)
  }

  const losePower = (): void => {
    fed = false
    wasOn = life !== undefined
    switchOff()
  }

  function sessionOf(present: Life): SledLife & { ended(): boolean } {
    const whileOn = (work: () => void): void => {
      if (!present.ended) work()
    }
    return {
      ended: () => present.ended,
      hardware: options.hardware,
      timing,
      faults,
      clock: present.clock(clock),
      random: options.random,
      udp: present.udp(network.udp),
      http: present.http(options.http),
      interface: options.interface,
      bmcDoor: options.bmcDoor,
      setAddress: (address, prefixLength) =>
        whileOn(() => network.setAddress(options.interface, address, prefixLength)),
      stage: (next) =>
        whileOn(() => {
          stage = next
        }),
      show: (line) => whileOn(() => show(line)),
      serial: {
        print: (...lines) => whileOn(() => serial.print(...lines)),
        prompt: (text) => whileOn(() => serial.prompt(text)),
        listen: (shell: SerialListener) => whileOn(() => serial.listen(shell)),
      },
      noteLease: (given) =>
        whileOn(() => {
          lease = given
        }),
      noteDeed: (what, detail) => whileOn(() => note(what, detail)),
      installedSystem: system,
      atPowerLoss(work) {
        let wanted = true
        present.onEnd(() => {
          if (wanted) work()
        })
        return () => {
          wanted = false
        }
      },
      powerOff: () => whileOn(switchOff),
      restart: () =>
        whileOn(() => {
          switchOff()
          switchOn()
        }),
      losePower: () =>
        whileOn(() => {
          losePower()
          powerLost()
        }),
    }
  }

  /** The boot options in order: what the BMC asked for, then disk, then network. */
  function bootOrder(): ('network' | 'disk')[] {
    const asked = override?.device
    if (override !== undefined && !override.persistent) override = undefined
    if (asked === 'network') return ['network', 'disk']
    return ['disk', 'network']
  }

  async function runFirmware(session: SledLife): Promise<void> {
    session.stage('self-test')
    serial.print(...firmwareBanner(options.hardware))
    await sleep(session.clock, timing.postMs)
    for (const device of bootOrder()) {
      if (device === 'disk') {
        const found = system()
        if (found !== undefined) return runOperatingSystem(session, found)
        continue
      }
      const end = await bootFromNetwork(session)
      if (!end.ok) {
        session.show(end.error)
        continue
      }
      if (end.value.kind === 'boot') return runInstaller(session, end.value.commandLine)
      if (end.value.kind === 'disk') return runOperatingSystem(session, system() ?? '')
    }
    session.stage('no-boot')
    session.show('no bootable device')
  }

  function apply(verb: PowerVerb): { readonly refused: string } | undefined {
    if (!fed) return { refused: 'no power' }
    switch (verb) {
      case 'on':
        switchOn()
        return undefined
      case 'off':
        switchOff()
        return undefined
      case 'soft':
        // Only a running system hears the button.
        if (stage === 'operating-system') later(timing.softOffMs, switchOff)
        return undefined
      case 'cycle':
        if (life === undefined) return { refused: 'the sled is off' }
        switchOff()
        later(timing.cycleMs, switchOn)
        return undefined
      case 'reset':
        if (life === undefined) return { refused: 'the sled is off' }
        switchOff()
        switchOn()
        return undefined
    }
  }

  return {
    name: options.name,
    hardware: options.hardware,
    faults,
    host: {
      serial: serial.port,
      power: () => (life === undefined ? 'off' : 'on'),
      apply,
      setBootOverride(wanted) {
        override = wanted
      },
      bootOverride: () => override,
      identify(seconds) {
        identifySeconds = seconds
      },
    },
    get stage() {
      return stage
    },
    get on() {
      return life !== undefined
    },
    serial,
    screen,
    deeds,
    get lease() {
      return lease
    },
    get boots() {
      return boots
    },
    get identifySeconds() {
      return identifySeconds
    },
    feed(on) {
      if (!on) {
        if (fed) losePower()
        return
      }
      if (fed) return
      fed = true
      const policy = options.restorePolicy ?? 'previous'
      if (policy === 'always-on' || (policy === 'previous' && wasOn)) switchOn()
    },
    onPowerLoss(work) {
      powerLost = work
    },
  }
}
