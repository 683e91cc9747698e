import type { BmcInventory } from '@brickyard/bmc/inventory'
import type { ComponentVerdict } from '@brickyard/firmware/judge'
import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
import type { SledState } from '@brickyard/model/sled-lifecycle'
import type { SledFacts } from '@brickyard/protocol/events'

/** What the site knows of one sled. Plain JSON; times are wall clock, for people. */
export interface SledRecord {
  readonly name: SledName
  readonly state: SledState
  /** Why it is in this state. */
  readonly reason: string
  readonly sinceMs: number
  /** When this state must have ended; null for a state that may last. */
  readonly deadlineAtMs: number | null
  readonly power: PowerState
  /** When the power was last read; null before the first reading. */
  readonly powerAtMs: number | null
  readonly facts: SledFacts | null
  /** What its BMC said of itself when it was last asked. */
  readonly bmc: BmcInventory | null
  /** What its firmware was judged to be at the last inspection. */
  readonly verdicts: readonly ComponentVerdict[]
  /** Serials of its disks at the last inspection: what a release must find and wipe. */
  readonly diskSerials: readonly string[]
  /** True from the first write of a tenant's image until a proven wipe. Never placed while true. */
  readonly dirty: boolean
  /** The assignment whose OS it carries or is being given. */
  readonly assignment: string | null
  /** Its BMC is to get a new login, not before a time (wall clock). Absent: nothing asks for one. */
  readonly rotation?: { readonly due: boolean; readonly notBeforeMs: number } | undefined
  /** Letters of a password that its BMC takes, where that is less than usual. */
  readonly bmcPasswordChars?: number | undefined
  /** Somebody gave it to us: a declaration as adopted is over. Not said of a sled that nobody gave. */
  readonly adoptionReleased?: boolean
}

export const newSledRecord = (name: SledName, nowMs: number): SledRecord => ({
  name,
  state: 'seen',
  reason: 'declared in the rack document',
  sinceMs: nowMs,
  deadlineAtMs: null,
  power: 'unknown',
  powerAtMs: null,
  facts: null,
  bmc: null,
  verdicts: [],
  diskSerials: [],
  dirty: false,
  assignment: null,
})
