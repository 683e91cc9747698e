import {
  answerChassis,
  BLANK_BOOT_MEMORY,
  type BootMemory,
  type ChassisAction,
} from '@brickyard/ipmi/bmc-chassis'
import type { BmcAnswer, BmcCommand } from '@brickyard/ipmi/bmc-state'
import { FLAGS_LIFE_MS } from '@brickyard/ipmi/commands/boot-options'
import type { SettablePolicy } from '@brickyard/ipmi/commands/restore-policy'
import type { BmcRestart } from '@brickyard/ipmi/commands/restart'
import { COMPLETION } from '@brickyard/ipmi/completion-code'
import { encodeFru, type Fru } from '@brickyard/ipmi/fru'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import { Seconds } from '@brickyard/std/units'
import type { VirtualBmcFaults } from './faults.ts'
import type { VirtualHost } from './virtual-host.ts'

export interface VirtualChassisOptions {
  readonly clock: Clock
  readonly host: VirtualHost
  /** Identity of the sled, or a ready-made inventory. */
  readonly fru: Omit<Fru, 'damaged'> | Uint8Array
  /** BMC firmware, e.g. { major: 2, minor: 14 }. */
  readonly firmware?: { readonly major: number; readonly minor: number } | undefined
  readonly manufacturerId?: number | undefined
  readonly productId?: number | undefined
  /** Restarts the BMC itself, some moments after the answer went out. */
  readonly onRestart?: ((how: BmcRestart) => void) | undefined
}

export interface Chassis {
  answer(command: BmcCommand): BmcAnswer
  /** Drops what the BMC alone remembers. */
  forget(): void
}

/** What the BMC keeps about its host beside the sessions: boot options, the light, the clock on both. */
export function createChassis(options: VirtualChassisOptions, faults: VirtualBmcFaults): Chassis {
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
  // Kept over a restart of the BMC, as in flash.
  let restorePolicy: SettablePolicy = 'as-before'
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
      case 'restart':
        options.onRestart?.(action.how)
        return undefined
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
      const bootOverride = host.bootOverride() !== undefined
      const view = {
        power: host.power(),
        bootOverride,
        identify,
        restorePolicy,
        deviceId,
        fru,
        boot,
      }
      const answered = answerChassis(view, command)
      const refusal = answered.action === undefined ? undefined : act(answered.action)
      if (refusal !== undefined) {
        return { completionCode: COMPLETION.notInPresentState, data: new Uint8Array(0) }
      }
      boot = answered.boot ?? boot
      restorePolicy = answered.restorePolicy ?? restorePolicy
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
