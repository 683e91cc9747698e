/** A work order: one run of a procedure by a person at the rack. All of it is JSON. */
import type { PowerState, PowerVerb } from '@brickyard/model/operation'
import type { CheckName, Procedure, SerialName } from './procedure.ts'

export interface WorkOrder {
  readonly id: string
  /** The text it was opened with; a newer version of the procedure does not change it. */
  readonly procedure: Procedure
  readonly subject: WorkOrderSubject
  readonly openedBy: string
  readonly openedAtMs: number
  readonly status: WorkOrderStatus
  /** Index of the step to do; the number of steps when all are done. */
  readonly at: number
  /** When the present step began. */
  readonly sinceMs: number
  /** The present step took longer than it should; somebody was told. */
  readonly overdue: boolean
  /** What the machine tries in this step; undefined where it is a person's turn. */
  readonly attempt?: Attempt | undefined
  /** Attempts begun in this work order, so that a late outcome is never taken for a newer one. */
  readonly attempts: number
  readonly serials: Readonly<Partial<Record<SerialName, string>>>
  /** What happened, oldest first. */
  readonly records: readonly StepRecord[]
}

export interface WorkOrderSubject {
  /** The sled's name within its site. */
  readonly sled: string
  /** Where it is, in words: `cage a, slot 7`. */
  readonly place: string
  /** The serial known for the place, when one is known. */
  readonly expectedSerial?: string | undefined
}

export type WorkOrderStatus =
  | { readonly kind: 'open' }
  /** `verified` is false when any step went on without the machine being able to find out. */
  | { readonly kind: 'done'; readonly verified: boolean; readonly atMs: number }
  | { readonly kind: 'cancelled'; readonly reason: string; readonly atMs: number }

/** The machine's part of a step: tried again until it holds. */
export interface Attempt {
  /** The running attempt, or the last one when `running` is false. */
  readonly number: number
  readonly running: boolean
  /** When the attempt began, or ended when it is not running. */
  readonly sinceMs: number
  /**
   * How the last one that came to an end went: it was found not to hold (`fail`), or it could not
   * be done or found out (`unavailable`). Only the latter lets a person go on by word.
   */
  readonly trouble?:
    | { readonly outcome: 'fail' | 'unavailable'; readonly detail: string }
    | undefined
}

export interface StepRecord {
  readonly step: string
  readonly atMs: number
  readonly by: string
  readonly outcome: 'done' | 'cannot-verify' | 'went-back'
  /** What was seen: a check's finding, a serial, or a person's words. */
  readonly detail: string
}

export type WorkOrderEvent =
  /** A person did an instruct step. */
  | { readonly kind: 'done'; readonly step: string; readonly by: string }
  /** A person answered a confirm step. */
  | { readonly kind: 'answer'; readonly step: string; readonly by: string; readonly yes: boolean }
  | { readonly kind: 'serial'; readonly step: string; readonly by: string; readonly text: string }
  /** A person goes on without proof, saying what they saw. */
  | {
      readonly kind: 'cannot-verify'
      readonly step: string
      readonly by: string
      readonly saw: string
    }
  /** A person goes back to the step that a failed check names. */
  | { readonly kind: 'back'; readonly step: string; readonly by: string }
  | { readonly kind: 'cancel'; readonly by: string; readonly reason: string }
  /** How an effect ended. For `power`, `pass` means that the wanted state was read back. */
  | {
      readonly kind: 'outcome'
      readonly step: string
      readonly attempt: number
      readonly outcome: 'pass' | 'fail' | 'unavailable'
      readonly detail: string
    }
  | { readonly kind: 'tick' }

/** Something to do for a step; its end comes back as an `outcome` with the same step and attempt. */
export type WorkOrderTask =
  | { readonly kind: 'identify-light'; readonly light: 'on' | 'off' }
  | {
      readonly kind: 'power'
      readonly verb: PowerVerb
      readonly until: Exclude<PowerState, 'unknown'>
    }
  | {
      readonly kind: 'check'
      readonly check: CheckName
      /** The serial to look for, as entered. */
      readonly serial?: string | undefined
    }

export type WorkOrderEffect =
  | {
      readonly kind: 'attempt'
      readonly step: string
      readonly attempt: number
      readonly task: WorkOrderTask
    }
  /** To be written in the journal. */
  | { readonly kind: 'tell'; readonly event: WorkOrderNews; readonly detail: string }

export type WorkOrderNews =
  | 'opened'
  | 'step-done'
  | 'not-verified'
  | 'overdue'
  | 'done'
  | 'cancelled'

export interface Stepped {
  readonly state: WorkOrder
  readonly effects: readonly WorkOrderEffect[]
  /** Why the event was refused, for the person who sent it; nothing changed then. */
  readonly refused?: string | undefined
}

/** Serials and remarks are typed by hand; more than this is no serial and no remark. */
export const SERIAL_CHARS_MAX = 64
export const REMARK_CHARS_MAX = 500
