/**
 * The language of procedures: a guide for a person as plain data, a list of steps in order. A
 * procedure travels as JSON; the work order keeps the very text it was opened with.
 */
import type { PowerState, PowerVerb } from '@brickyard/model/operation'

/** What the machine can find out by itself at the site. */
export const CHECK_NAMES = ['free-of-work', 'safe-to-pull', 'serial-in-slot'] as const
/**
 * `free-of-work`: nobody's work is on the sled. `safe-to-pull`: free of work and its power was
 * read as off. `serial-in-slot`: the BMC at the slot's address reports the serial entered earlier.
 */
export type CheckName = (typeof CHECK_NAMES)[number]

/** Serials a person reads from labels. */
export const SERIAL_NAMES = ['removed', 'inserted'] as const
export type SerialName = (typeof SERIAL_NAMES)[number]

export interface Procedure {
  /** A name such as `replace-a-sled`. */
  readonly id: string
  /** Grows with every change of a step. */
  readonly version: number
  readonly title: string
  /** What a person needs to know and to have before they start. */
  readonly before: string
  readonly steps: readonly Step[]
}

interface StepText {
  /** Unique within the procedure. */
  readonly id: string
  readonly title: string
  /** What to do, in the words of the person who does it. */
  readonly text: string
  /**
   * After this many seconds without an end the step is overdue and somebody should ask what is
   * the matter. It is not ended by itself: a person may stand in front of an open rack.
   */
  readonly deadlineSeconds: number
  /**
   * When given, a person may go on although the machine cannot find out, by saying what they saw.
   * The work order then ends as not verified. Never possible against a check that failed.
   */
  readonly cannotVerify?: string | undefined
}

/** A person does something and says so. */
export interface InstructStep extends StepText {
  readonly kind: 'instruct'
}

/** A person answers a question; only yes goes on. */
export interface ConfirmStep extends StepText {
  readonly kind: 'confirm'
  readonly question: string
}

/** The machine turns the sled's identify light on or off. */
export interface IdentifyLightStep extends StepText {
  readonly kind: 'identify-light'
  readonly light: 'on' | 'off'
}

/** The machine finds something out, again and again until it holds. */
export interface CheckStep extends StepText {
  readonly kind: 'check'
  readonly check: CheckName
  /** The serial to compare with, for `serial-in-slot`. */
  readonly serial?: SerialName | undefined
  /** Seconds between two attempts. */
  readonly againSeconds: number
  /** An earlier step a person may go back to when the check fails, e.g. to correct a serial. */
  readonly backTo?: string | undefined
}

/** The machine sends a power verb and waits until the power state is read as wanted. */
export interface PowerStep extends StepText {
  readonly kind: 'power'
  readonly verb: PowerVerb
  readonly until: Exclude<PowerState, 'unknown'>
}

/** A person types the serial on a label. */
export interface EnterSerialStep extends StepText {
  readonly kind: 'enter-serial'
  readonly into: SerialName
  /**
   * `expected`: it must be the serial the site knows for this place, where it knows one.
   * `new`: it must differ from the one removed.
   */
  readonly must: 'expected' | 'new'
}

export type Step =
  | InstructStep
  | ConfirmStep
  | IdentifyLightStep
  | CheckStep
  | PowerStep
  | EnterSerialStep
