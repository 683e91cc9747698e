import { Seconds } from '@brickyard/std/units'

/** What is wrong with a virtual BMC's Redfish face. Change a field at any time. */
export interface RedfishFaults {
  /** Requests are taken and never answered. */
  silent: boolean
  /** Each answer comes so much later. */
  slowMs: number
  wrongPassword: boolean
  /** Answers are no JSON. */
  rubbish: boolean
  /** There is no session service: basic authentication only. */
  noSessions: boolean
  /** The path of a new session stands in the body alone. */
  sessionInBodyOnly: boolean
  /** `required`: a change without If-Match is refused (428). `empty`: an empty ETag that never matches. */
  etag: 'given' | 'none' | 'required' | 'empty' | 'weak'
  /** Optional fields are left out wherever the schema lets them. */
  sparse: boolean
  /** Power and Thermal are linked and not there. */
  deadOldForm: boolean
  /** Power is accepted, and nothing happens. */
  ignorePower: boolean
  /** So many power changes are refused with `powerFault`, then they work; counts down. */
  powerRefusals: number
  powerFault: RefusalKind
  /** Boot overrides are accepted and silently not kept. */
  bootReverts: boolean
  /** `Once` is accepted and becomes `Continuous`. */
  bootForgetsOnce: boolean
  /** So many boot changes are refused with `bootFault`, then they work; counts down. */
  bootRefusals: number
  bootFault: RefusalKind
  /** BIOS changes are accepted and silently not kept. */
  biosReverts: boolean
  restorePolicyReverts: boolean
  /** A restart of the BMC is accepted and nothing happens. */
  ignoreRestart: boolean
  /** How long a restart takes; a reset by command, an answer first. */
  restartMs: number
  /** The virtual drive has no actions: its medium is a property. */
  mediaByProperty: boolean
  /** Changes of Secure Boot are accepted and silently not kept. */
  secureBootReverts: boolean
  /** So many BIOS changes are refused as during POST, then they work; counts down. */
  biosRefusals: number
  /** So many reads are answered with 503 and Retry-After; counts down. */
  busyReads: number
  /** What becomes of an update. */
  update: UpdateCourse
  /** Parts behind the BMC cannot be updated after its own update until the host was started anew. */
  partsDeafAfterBmcUpdate: boolean
  /** It takes updates and lists no firmware. */
  listsNoFirmware: boolean
  /** The inventory shows a new version so long after it runs. */
  inventoryLateMs: number
  /** Updates to an older version end well and change nothing. */
  skipsDowngrades: boolean
  /** With which status tasks are answered: always 200, or 202 even when they are done. */
  taskStatus: 200 | 202
  /** After a power-off a power-on is refused (409) for so long. */
  powerSettlesMs: number
  /** The power reads as before for so long after it changed. */
  powerShowsMs: number
  /** After it went on the host is in POST for so long, and its boot device cannot be changed. */
  postMs: number
  /** A task can be asked for only so long after its path was given. */
  taskLateMs: number
}

/** Refusals as makers word them. */
export type RefusalKind =
  | 'conflict'
  | 'dell-sys518'
  | 'dell-red014'
  | 'hpe-in-post'
  | 'hpe-wrong-state'
  | 'already'
  | 'licence'
  | 'flash-mode'
  | 'nothing-to-update'
  | 'part-silent'

/**
 * `good`: the task ends and the new version runs. `staged`: it ends and waits for a reboot. `lies`:
 * it ends well and nothing changed. `vanishes`: it is gone before the first look, the update worked;
 * `vanishes-undone`: the same, and it did not. `fails`; `stuck`: it never ends; `new-first`: it stays
 * `New` for a while; `fails-and-works`: its task failed, and the new version runs; `drops-part`: the
 * part is no longer listed; `factory-reset`: the BMC has lost its accounts; `refused`: it is not even
 * begun.
 */
export type UpdateCourse =
  | 'fails-and-works'
  | 'drops-part'
  | 'factory-reset'
  | 'good'
  | 'staged'
  | 'lies'
  | 'vanishes'
  | 'vanishes-undone'
  | 'fails'
  | 'stuck'
  | 'new-first'
  | { readonly refused: RefusalKind }

export const noRedfishFaults = (): RedfishFaults => ({
  silent: false,
  slowMs: 0,
  wrongPassword: false,
  rubbish: false,
  noSessions: false,
  sessionInBodyOnly: false,
  etag: 'given',
  sparse: false,
  deadOldForm: false,
  ignorePower: false,
  powerRefusals: 0,
  powerFault: 'conflict',
  bootReverts: false,
  bootForgetsOnce: false,
  bootRefusals: 0,
  bootFault: 'conflict',
  biosReverts: false,
  restorePolicyReverts: false,
  ignoreRestart: false,
  restartMs: Seconds(60),
  mediaByProperty: false,
  secureBootReverts: false,
  biosRefusals: 0,
  busyReads: 0,
  partsDeafAfterBmcUpdate: false,
  listsNoFirmware: false,
  inventoryLateMs: 0,
  skipsDowngrades: false,
  taskStatus: 200,
  powerSettlesMs: 0,
  powerShowsMs: 0,
  postMs: 0,
  update: 'good',
  taskLateMs: 0,
})
