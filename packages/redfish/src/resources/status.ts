import { fieldOf, textOf } from '../loose-json.ts'

/** `Status` (DSP0268): both words as the service says them, undefined where it does not. */
export interface Status {
  readonly health: 'ok' | 'warning' | 'critical' | undefined
  /** `Enabled`, `Absent`, `StandbyOffline`, `UnavailableOffline` … */
  readonly state: string | undefined
}

const HEALTHS = { OK: 'ok', Warning: 'warning', Critical: 'critical' } as const

/** Health and state; the health of all below (`HealthRollup`) where the resource has none itself. */
export function statusOf(body: unknown): Status {
  const status = fieldOf(body, 'Status')
  const health = textOf(fieldOf(status, 'Health')) ?? textOf(fieldOf(status, 'HealthRollup'))
  const known = Object.entries(HEALTHS).find(
    ([word]) => word.toLowerCase() === health?.toLowerCase(),
  )
  return { health: known?.[1], state: textOf(fieldOf(status, 'State')) }
}

/** Whether the service says that there is nothing in this place (an empty bay, a missing supply). */
export const isAbsent = ({ state }: Status): boolean => state?.toLowerCase() === 'absent'
