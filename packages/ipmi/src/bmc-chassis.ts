import type { PowerState, PowerVerb } from '@brickyard/model/operation'
import type { BmcAnswer, BmcCommand } from './bmc-state.ts'
import {
  BOOT_PARAMETER,
  decodeBootFlags,
  decodeGetBootOption,
  decodeSetBootOption,
  encodeBootOption,
  GET_BOOT_OPTIONS,
  KEEP_FLAGS_WITHOUT_CONTROL,
  SET_BOOT_OPTIONS,
  SET_IN_PROGRESS,
  type BootFlags,
} from './commands/boot-options.ts'
import { CHASSIS_CONTROL, decodeChassisControl } from './commands/chassis-control.ts'
import { CHASSIS_IDENTIFY, decodeChassisIdentify } from './commands/chassis-identify.ts'
import { encodeChassisStatus, GET_CHASSIS_STATUS } from './commands/chassis-status.ts'
import type { ChassisStatus } from './commands/chassis-status.ts'
import { COLD_RESET, WARM_RESET, type BmcRestart } from './commands/restart.ts'
import {
  decodeSetRestorePolicy,
  encodeSupportedPolicies,
  SET_POWER_RESTORE_POLICY,
  type SettablePolicy,
} from './commands/restore-policy.ts'
import { encodeDeviceId, GET_DEVICE_ID, type DeviceId } from './commands/device-id.ts'
import {
  BUILTIN_FRU,
  decodeReadFru,
  encodeFruAreaInfo,
  encodeFruData,
  GET_FRU_AREA_INFO,
  READ_FRU_DATA,
} from './commands/fru-access.ts'
import { COMPLETION } from './completion-code.ts'
import { atLeast, type Privilege } from './privilege.ts'

/** Boot options the BMC remembers beside the flags the host acts on. */
export interface BootMemory {
  readonly setInProgress: number
  /** Parameter 3. */
  readonly validBitClearing: number
  /** Parameter 4: who has handled the boot information. */
  readonly acknowledged: number
  /** Parameter 5 as last written, so that every bit reads back; valid while the host holds an override. */
  readonly flags: Uint8Array
}

export const BLANK_BOOT_MEMORY: BootMemory = {
  setInProgress: SET_IN_PROGRESS.complete,
  validBitClearing: 0,
  acknowledged: 0,
  flags: new Uint8Array(5),
}

/** What the chassis looks like at the moment a command comes in. */
export interface ChassisView {
  readonly power: PowerState
  /** True while the host holds an override that it has not used up. */
  readonly bootOverride: boolean
  readonly identify: 'off' | 'timed' | 'on'
  readonly restorePolicy: SettablePolicy
  readonly deviceId: Omit<DeviceId, 'ipmiVersion'>
  readonly fru: Uint8Array
  readonly boot: BootMemory
}

/** What a command makes the chassis do; done before the answer goes out, so that it may be refused. */
export type ChassisAction =
  | { readonly kind: 'power'; readonly verb: PowerVerb }
  | { readonly kind: 'boot-flags'; readonly flags: BootFlags; readonly keep: boolean }
  | { readonly kind: 'restart'; readonly how: BmcRestart }
  | { readonly kind: 'identify'; readonly seconds: number; readonly indefinitely: boolean }

export interface ChassisAnswer {
  readonly answer: BmcAnswer
  readonly action?: ChassisAction
  readonly boot?: BootMemory
  readonly restorePolicy?: SettablePolicy
}

/** Like many BMCs, no more than this in one answer; consoles must come down to it. */
const FRU_READ_BYTES_MAX = 64

interface Handler {
  readonly needs: Privilege
  readonly run: (view: ChassisView, data: Uint8Array) => ChassisAnswer
}

const refuse = (completionCode: number): ChassisAnswer => ({
  answer: { completionCode, data: new Uint8Array(0) },
})
const done = (data: Uint8Array = new Uint8Array(0)): ChassisAnswer => ({
  answer: { completionCode: COMPLETION.ok, data },
})

const key = (command: { readonly netFn: number; readonly command: number }): number =>
  command.netFn * 256 + command.command

const HANDLERS: ReadonlyMap<number, Handler> = new Map([
  [key(GET_DEVICE_ID), { needs: 'user', run: (view) => done(encodeDeviceId(view.deviceId)) }],
  [key(COLD_RESET), { needs: 'administrator', run: () => restart('cold') }],
  [key(WARM_RESET), { needs: 'administrator', run: () => restart('warm') }],
  [key(GET_CHASSIS_STATUS), { needs: 'user', run: status }],
  [key(CHASSIS_CONTROL), { needs: 'operator', run: control }],
  [key(CHASSIS_IDENTIFY), { needs: 'operator', run: identify }],
  [key(SET_POWER_RESTORE_POLICY), { needs: 'operator', run: setRestorePolicy }],
  [key(SET_BOOT_OPTIONS), { needs: 'operator', run: setBootOption }],
  [key(GET_BOOT_OPTIONS), { needs: 'operator', run: getBootOption }],
  [key(GET_FRU_AREA_INFO), { needs: 'user', run: fruAreaInfo }],
  [key(READ_FRU_DATA), { needs: 'user', run: readFru }],
])

/** Answers one command of a session against the chassis as it is (IPMI 2.0 §20, §28, §34). Pure. */
export function answerChassis(view: ChassisView, command: BmcCommand): ChassisAnswer {
  const handler = HANDLERS.get(key(command))
  if (handler === undefined) return refuse(COMPLETION.invalidCommand)
  if (!atLeast(command.privilege, handler.needs)) return refuse(COMPLETION.insufficientPrivilege)
  return handler.run(view, command.data)
}

const restart = (how: BmcRestart): ChassisAnswer => ({
  ...done(),
  action: { kind: 'restart', how },
})

function status(view: ChassisView): ChassisAnswer {
  if (view.power === 'unknown') return refuse(COMPLETION.nodeBusy)
  const calm: Omit<ChassisStatus, 'power' | 'identify' | 'restorePolicy'> = {
    powerFault: false,
    overload: false,
    intrusion: false,
    fanFault: false,
    driveFault: false,
  }
  const { power, identify: light, restorePolicy } = view
  return done(encodeChassisStatus({ ...calm, power, identify: light, restorePolicy }))
}

function control(view: ChassisView, data: Uint8Array): ChassisAnswer {
  if (data.length === 0) return refuse(COMPLETION.requestTooShort)
  const verb = decodeChassisControl(data)
  if (!verb.ok) return refuse(COMPLETION.invalidField)
  // §28.3: cycling or resetting what is off is refused, not turned into power-on.
  const needsPower = verb.value === 'cycle' || verb.value === 'reset'
  if (needsPower && view.power !== 'on') return refuse(COMPLETION.notInPresentState)
  return { ...done(), action: { kind: 'power', verb: verb.value } }
}

function identify(_view: ChassisView, data: Uint8Array): ChassisAnswer {
  return { ...done(), action: { kind: 'identify', ...decodeChassisIdentify(data) } }
}

function setRestorePolicy(_view: ChassisView, data: Uint8Array): ChassisAnswer {
  if (data.length === 0) return refuse(COMPLETION.requestTooShort)
  const policy = decodeSetRestorePolicy(data)
  if (!policy.ok) return refuse(COMPLETION.invalidField)
  const answer = done(encodeSupportedPolicies(['stay-off', 'as-before', 'turn-on']))
  return policy.value === 'no-change' ? answer : { ...answer, restorePolicy: policy.value }
}

function setBootOption(view: ChassisView, data: Uint8Array): ChassisAnswer {
  const option = decodeSetBootOption(data)
  if (!option.ok) return refuse(COMPLETION.requestTooShort)
  const { parameter, data: value } = option.value
  const [first = 0, second = 0] = value
  const keep = (boot: Partial<BootMemory>): ChassisAnswer => ({
    ...done(),
    boot: { ...view.boot, ...boot },
  })
  switch (parameter) {
    case BOOT_PARAMETER.setInProgress:
      if (value.length < 1) return refuse(COMPLETION.requestTooShort)
      // 0x81: somebody else has begun to set options (§28.12).
      if (first === SET_IN_PROGRESS.inProgress && view.boot.setInProgress === first) {
        return refuse(COMPLETION.specific81)
      }
      return keep({ setInProgress: first === SET_IN_PROGRESS.inProgress ? first : 0 })
    case BOOT_PARAMETER.validBitClearing:
      if (value.length < 1) return refuse(COMPLETION.requestTooShort)
      return keep({ validBitClearing: first & 0x1f })
    case BOOT_PARAMETER.infoAcknowledge:
      if (value.length < 2) return refuse(COMPLETION.requestTooShort)
      return keep({ acknowledged: (view.boot.acknowledged & ~first) | (second & first) })
    case BOOT_PARAMETER.bootFlags: {
      const flags = decodeBootFlags(value)
      if (!flags.ok || value.length < 5) return refuse(COMPLETION.requestTooShort)
      const clearing = view.boot.validBitClearing & KEEP_FLAGS_WITHOUT_CONTROL
      return {
        ...keep({ flags: value.slice(0, 5) }),
        action: { kind: 'boot-flags', flags: flags.value, keep: clearing !== 0 },
      }
    }
    default:
      return refuse(COMPLETION.specific80)
  }
}

function getBootOption(view: ChassisView, data: Uint8Array): ChassisAnswer {
  const parameter = decodeGetBootOption(data)
  if (!parameter.ok) return refuse(COMPLETION.requestTooShort)
  const value = bootOptionValue(view, parameter.value)
  if (value === undefined) return refuse(COMPLETION.specific80)
  return done(encodeBootOption({ parameter: parameter.value, markInvalid: false, data: value }))
}

function bootOptionValue(view: ChassisView, parameter: number): Uint8Array | undefined {
  const { boot } = view
  switch (parameter) {
    case BOOT_PARAMETER.setInProgress:
      return new Uint8Array([boot.setInProgress])
    case BOOT_PARAMETER.validBitClearing:
      return new Uint8Array([boot.validBitClearing])
    case BOOT_PARAMETER.infoAcknowledge:
      return new Uint8Array([0, boot.acknowledged])
    case BOOT_PARAMETER.bootFlags:
      // Once the host has used an override up, nothing of it is left to read.
      return view.bootOverride ? boot.flags : new Uint8Array(5)
    default:
      return undefined
  }
}

function fruAreaInfo(view: ChassisView, data: Uint8Array): ChassisAnswer {
  if (data.length < 1) return refuse(COMPLETION.requestTooShort)
  if (data[0] !== BUILTIN_FRU) return refuse(COMPLETION.notPresent)
  return done(encodeFruAreaInfo({ bytes: view.fru.length, wordAccess: false }))
}

function readFru(view: ChassisView, data: Uint8Array): ChassisAnswer {
  const read = decodeReadFru(data)
  if (!read.ok) return refuse(COMPLETION.requestTooShort)
  const { fru, offset, count } = read.value
  if (fru !== BUILTIN_FRU) return refuse(COMPLETION.notPresent)
  if (offset >= view.fru.length || count === 0) return refuse(COMPLETION.outOfRange)
  if (count > FRU_READ_BYTES_MAX) return refuse(COMPLETION.cannotReturnBytes)
  return done(encodeFruData(view.fru.subarray(offset, offset + count)))
}
