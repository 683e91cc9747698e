/** Keeps a sled's light on while somebody works on it: IPMI lets it end after 255 seconds. */
import type { WorkOrder } from '@brickyard/procedures/work-order'
import { Minutes } from '@brickyard/std/units'

/** Well before the 255 seconds are over, and seldom enough for a slow BMC. */
const RELIGHT_MS = Minutes(3)

export interface Beam {
  /** When the light was last switched on; undefined while it is not to be on. */
  readonly litMs: number | undefined
  readonly relight: boolean
}

/** Whether the light is to be switched on again now. */
export function beamOf(order: WorkOrder, before: Beam | undefined, nowMs: number): Beam {
  if (!isLit(order)) return { litMs: undefined, relight: false }
  const litMs = before?.litMs ?? nowMs
  return nowMs - litMs >= RELIGHT_MS ? { litMs: nowMs, relight: true } : { litMs, relight: false }
}

/** On from the step that proved it on, until the step that turns it off is there. */
function isLit({ procedure, records, at, status }: WorkOrder): boolean {
  if (status.kind !== 'open') return false
  const lights = procedure.steps.slice(0, at + 1).filter(({ kind }) => kind === 'identify-light')
  const last = lights.at(-1)
  if (last?.kind !== 'identify-light' || last.light !== 'on') return false
  return records.some(({ step, outcome }) => step === last.id && outcome === 'done')
}
