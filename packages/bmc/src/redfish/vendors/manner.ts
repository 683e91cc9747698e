import type { RedfishFault } from '@brickyard/redfish/fault'
import type { RedfishMessage } from '@brickyard/redfish/message'
import type { TaskOutcome } from '@brickyard/redfish/task-machine'

/** What a call is about, for manners that differ by it. */
export type Doing = 'power' | 'boot' | 'bios' | 'update' | 'other'

/** How long a refusal is waited out that passes by itself. */
export interface Patience {
  readonly pauseMs: number
  readonly triesMax: number
}

/**
 * In what a maker's Redfish differs from the standard. Each quirk lives in its maker's file alone, and
 * is proved there by a test against a virtual BMC that has it.
 */
export interface VendorManner {
  readonly vendor: string
  /** How long to wait out `fault`; undefined: it is final. */
  readonly patience: (fault: RedfishFault, doing: Doing) => Patience | undefined
  /** Boot overrides are written to, and read from, the system's settings resource. */
  readonly bootBySettings?: boolean
  /** A task's path may be given this long before the task is there. */
  readonly taskAppearsWithinMs?: number
  /** What messages mean, in words that help; undefined: what the service says is enough. */
  readonly explain?: (said: readonly RedfishMessage[]) => string | undefined
  /** Why the BMC's own firmware may not go from one version to another at once. */
  readonly unsafeStep?: (from: string, to: string | undefined) => string | undefined
  /** Why an update that ended well changed nothing, by the version of the BMC's own firmware. */
  readonly explainUnchanged?: (bmcVersion: string | undefined) => string | undefined
  /** The push URI is claimed before an image is sent, and given back afterwards. */
  readonly claimsPush?: boolean
  /** It takes a push only from a page of its own, by what Referer says. */
  readonly wantsReferer?: boolean
  /** Its `HttpPushUri` takes a form that is not Redfish's. */
  readonly pushFormOfItsOwn?: boolean
  /** The refusal of an update says that there is nothing newer in it. */
  readonly isNothingToUpdate?: (fault: RedfishFault) => boolean
  /** An update that ended well waits for a reboot of the host before it runs. */
  readonly isStaged?: (name: string, outcome: TaskOutcome) => boolean
}

/** The standard, and nothing else. */
export const STANDARD: VendorManner = { vendor: 'standard', patience: () => undefined }
