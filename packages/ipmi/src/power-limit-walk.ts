import { ok } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import {
  activatePowerLimitRequest,
  dcmiCapabilitiesRequest,
  decodeDcmiCapabilities,
  decodePowerLimit,
  decodePowerReading,
  EXCEPTION_ACTIONS,
  POWER_LIMIT_CODE,
  powerLimitRequest,
  powerReadingRequest,
  setPowerLimitRequest,
  type DcmiPowerLimit,
  type PowerStatistics,
} from './commands/dcmi.ts'
import { COMPLETION } from './completion-code.ts'
import { demand, inquire, nonsense, refusal, refused, type Conversation } from './conversation.ts'

/** A limit that cannot be kept is logged, never answered by cutting the power; both times are what BMCs take. */
const LIMIT_MANNERS = {
  exceptionAction: EXCEPTION_ACTIONS.logEvent,
  correctionMs: Seconds(1),
  samplingSeconds: 1,
} as const

/** What the system draws (DCMI 1.5 §6.6.1); refused where there is no power management. */
export function* readPowerDraw(): Conversation<PowerStatistics> {
  const capabilities = yield* inquire(
    'Get DCMI Capabilities',
    dcmiCapabilitiesRequest(),
    decodeDcmiCapabilities,
  )
  if (!capabilities.ok) return capabilities
  if (!capabilities.value.powerManagement) return refused('the BMC has no DCMI power management')
  const power = yield* inquire('Get Power Reading', powerReadingRequest(), decodePowerReading)
  if (!power.ok) return power
  return power.value.measuring ? power : refused('the BMC measures no power now')
}

/** The limit in force (§6.6.2); undefined for none. */
export function* readPowerLimit(): Conversation<DcmiPowerLimit | undefined> {
  const { completionCode, data } = yield powerLimitRequest()
  if (completionCode === POWER_LIMIT_CODE.noneActive) return ok(undefined)
  if (completionCode !== COMPLETION.ok) return refusal('Get Power Limit', completionCode)
  const limit = decodePowerLimit(data)
  return limit.ok ? limit : nonsense(limit.error)
}

/** Puts a limit in force, or lifts it (§6.6.3, §6.6.4), and reads back what then holds. */
export function* setPowerLimit(
  watts: number | undefined,
): Conversation<DcmiPowerLimit | undefined> {
  if (watts !== undefined) {
    const set = yield* demand('Set Power Limit', setPowerLimitRequest({ ...LIMIT_MANNERS, watts }))
    if (!set.ok) return set
  }
  const switched = yield* demand(
    watts === undefined ? 'Deactivate Power Limit' : 'Activate Power Limit',
    activatePowerLimitRequest(watts !== undefined),
  )
  if (!switched.ok) return switched
  const now = yield* readPowerLimit()
  if (!now.ok || now.value?.watts === watts) return now
  return refused(`a limit of ${watts ?? 'no'} watts reads back as ${now.value?.watts ?? 'none'}`)
}
