import {
  answerChassis,
  BLANK_BOOT_MEMORY,
  type BootMemory,
  type ChassisAction,
} from '@brickyard/ipmi/bmc-chassis'
import { createBmc, stepBmc } from '@brickyard/ipmi/bmc-machine'
import {
  BMC_ENTROPY_BYTES,
  type BmcAnswer,
  type BmcCommand,
  type BmcEffect,
  type BmcState,
  type BmcUser,
} from '@brickyard/ipmi/bmc-state'
import type { CipherSuiteId } from '@brickyard/ipmi/cipher-suite'
import { FLAGS_LIFE_MS } from '@brickyard/ipmi/commands/boot-options'
import { COMPLETION } from '@brickyard/ipmi/completion-code'
import { encodeFru, type Fru } from '@brickyard/ipmi/fru'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Random } from '@brickyard/runtime/random'
import type { Udp, UdpAddress, UdpBind } from '@brickyard/runtime/udp'
import { Seconds } from '@brickyard/std/units'
import { noFaults, type VirtualBmcFaults } from './faults.ts'
import type { VirtualHost } from './virtual-host.ts'

/** Sessions a virtual BMC holds: as few as real ones. */
const SESSIONS_MAX = 4
/** Answers that may be on their way at once when the BMC is slow; the rest is lost, as in a small BMC. */
const DELAYED_MAX = 32
const WRONG = '\u0001changed by somebody else'.slice(0, 20)

export interface VirtualBmcOptions {
  readonly udp: Udp
  readonly clock: Clock
  readonly random: Random
  readonly bind: UdpBind
  readonly users: readonly BmcUser[]
  /** 16 bytes as they go on the wire. */
  readonly guid: Uint8Array
  /** Identity of the sled, or a ready-made inventory. */
  readonly fru: Omit<Fru, 'damaged'> | Uint8Array
  readonly cipherSuites: readonly CipherSuiteId[]
  readonly host: VirtualHost
  /** BMC firmware, e.g. { major: 2, minor: 14 }. */
  readonly firmware?: { readonly major: number; readonly minor: number } | undefined
  readonly manufacturerId?: number | undefined
  readonly productId?: number | undefined
  readonly sessionsMax?: number | undefined
}

export interface VirtualBmc {
  readonly address: UdpAddress
  readonly faults: VirtualBmcFaults
  /** Sessions open now, for tests and the lab panel. */
  sessions(): number
  /** A cold restart of the BMC alone: sessions and boot options are forgotten, the host runs on. */
  restart(): void
  close(): void
}

/** A BMC that speaks IPMI 2.0 to real consoles and acts on `host`. Rejects when it cannot bind. */
export async function createVirtualBmc(options: VirtualBmcOptions): Promise<VirtualBmc> {
  const { clock, random } = options
  const faults = noFaults()
  const config = {
    users: options.users,
    guid: options.guid,
    cipherSuites: options.cipherSuites,
    sessionsMax: options.sessionsMax ?? SESSIONS_MAX,
  }
  const intruded = options.users.map((user) => ({ ...user, password: WRONG }))
  const socket = await options.udp.bind(options.bind)
  const chassis = createChassis(options, faults)
  let state: BmcState<UdpAddress> = createBmc(config)
  let delayed = 0
  let open = true

  function receive(datagram: Uint8Array, from: UdpAddress): void {
    if (faults.silent || !open) return
    const users = faults.wrongPassword ? intruded : options.users
    state = { ...state, config: { ...config, users } }
    const entropy = random.bytes(BMC_ENTROPY_BYTES)
    run({ kind: 'datagram', datagram, from, entropy })
  }

  function run(event: Parameters<typeof stepBmc<UdpAddress>>[1]): void {
    const step = stepBmc(state, event, clock.monotonicMs())
    state = step.state
    for (const effect of step.effects) perform(effect)
  }

  function perform(effect: BmcEffect<UdpAddress>): void {
    if (effect.kind === 'send') return send(effect.datagram, effect.to)
    const answer = chassis.answer(effect.command)
    const entropy = random.bytes(BMC_ENTROPY_BYTES)
    run({ kind: 'answer', ticket: effect.ticket, answer, entropy })
  }

  function send(datagram: Uint8Array, to: UdpAddress): void {
    if (faults.slowMs <= 0) return socket.send(datagram, to)
    if (delayed >= DELAYED_MAX) return
    delayed += 1
    clock.after(faults.slowMs, () => {
      delayed -= 1
      if (open && !faults.silent) socket.send(datagram, to)
    })
  }

  socket.onDatagram(receive)
  // A console that went away makes sends fail; a BMC does not care.
  socket.onError(() => {})
  return {
    address: socket.local,
    faults,
    sessions: () => state.sessions.size,
    restart() {
      state = createBmc(config)
      chassis.forget()
    },
    close() {
      open = false
      chassis.forget()
      socket.close()
    },
  }
}

interface Chassis {
  answer(command: BmcCommand): BmcAnswer
  /** Drops what the BMC alone remembers. */
  forget(): void
}

/** What the BMC keeps about its host beside the sessions: boot options, the light, the clock on both. */
function createChassis(options: VirtualBmcOptions, faults: VirtualBmcFaults): Chassis {
  const { clock, host, firmware = { major: 1, minor: 0 } } = options
  const deviceId = {
    deviceId: 0x20,
    deviceRevision: 1,
    firmwareMajor: firmware.major,
    firmwareMinor: firmware.minor,
    updating: false,
    manufacturerId: options.manufacturerId ?? 0,
    productId: options.productId ?? 0,
    auxiliaryFirmware: new Uint8Array(4),
  }
  const fru = options.fru instanceof Uint8Array ? options.fru : encodeFru(options.fru)
  let boot: BootMemory = BLANK_BOOT_MEMORY
  let flagsTimer: Timer | undefined
  let identify: 'off' | 'timed' | 'on' = 'off'
  let identifyTimer: Timer | undefined

  function act(action: ChassisAction): { readonly refused: string } | undefined {
    switch (action.kind) {
      case 'power': {
        if (faults.refusePower) return { refused: 'fault' }
        flagsTimer?.cancel()
        if (faults.ignorePower) return undefined
        return host.apply(action.verb) ?? undefined
      }
      case 'boot-flags': {
        flagsTimer?.cancel()
        const { valid, device, persistent, efi } = action.flags
        const override = valid && device !== 'none' && !faults.forgetBoot
        host.setBootOverride(override ? { device, persistent, efi } : undefined)
        if (override && !action.keep) {
          flagsTimer = clock.after(FLAGS_LIFE_MS, () => host.setBootOverride(undefined))
        }
        return undefined
      }
      case 'identify':
        light(action.indefinitely ? Infinity : action.seconds)
        return undefined
    }
  }

  function light(seconds: number): void {
    identifyTimer?.cancel()
    identify = seconds === 0 ? 'off' : seconds === Infinity ? 'on' : 'timed'
    if (identify === 'timed') {
      identifyTimer = clock.after(Seconds(seconds), () => {
        identify = 'off'
      })
    }
    host.identify(seconds)
  }

  return {
    answer(command) {
      if (faults.busyAnswers > 0) {
        faults.busyAnswers -= 1
        return { completionCode: COMPLETION.nodeBusy, data: new Uint8Array(0) }
      }
      const bootOverride = host.bootOverride() !== undefined
      const view = { power: host.power(), bootOverride, identify, deviceId, fru, boot }
      const answered = answerChassis(view, command)
      const refusal = answered.action === undefined ? undefined : act(answered.action)
      if (refusal !== undefined) {
        return { completionCode: COMPLETION.notInPresentState, data: new Uint8Array(0) }
      }
      boot = answered.boot ?? boot
      return answered.answer
    },
    forget() {
      flagsTimer?.cancel()
      identifyTimer?.cancel()
      identify = 'off'
      boot = BLANK_BOOT_MEMORY
    },
  }
}
