import { saysAny } from '@brickyard/redfish/message'
import { Seconds } from '@brickyard/std/units'
import type { VendorManner } from './manner.ts'

/** Job messages: applied, but shown by the inventory only after the host's next start. */
const APPLIED_AT_NEXT_START = ['PR19', 'JCP001', 'RED057']
/** SYS518: "iDRAC is not ready"; RED014: a job is being made. */
const NOT_READY = ['SYS518', 'RED014']
/** SUP029: "unable to find any firmware updates that are applicable". */
const NOTHING_APPLICABLE = ['SUP029']
/** JCP052: a job that makes no progress until the iDRAC is reset. */
const STUCK_JOB = ['JCP052']

/** Until then an update to an older version ends well and changes nothing. */
const SKIPS_DOWNGRADES_BEFORE = '7.20.30.50'

function isOlder(version: string, than: string): boolean {
  const [ours, theirs] = [version.split('.').map(Number), than.split('.').map(Number)]
  const at = theirs.findIndex((part, n) => part !== (ours[n] ?? 0))
  return at >= 0 && (ours[at] ?? 0) < (theirs[at] ?? 0)
}

/** Versions that an older iDRAC 7 or 8 must not pass over. */
const OWN_STEPS = ['1.66.65', '2.10.10.10']

/** iDRAC 8, 9 and 10. */
export const DELL: VendorManner = {
  vendor: 'Dell',
  patience(fault, doing) {
    if (saysAny(fault.said, ...NOT_READY)) return { pauseMs: Seconds(10), triesMax: 6 }
    // An iDRAC 10 answers 409 to a power-on for up to 60 s after a power-off.
    const settling = doing === 'power' && fault.status === 409
    return settling ? { pauseMs: Seconds(5), triesMax: 13 } : undefined
  },
  // An iDRAC 10 names a job some seconds before it exists. A purged task looks the same: what is not
  // there after this time has vanished, and only the running version tells what became of it.
  taskAppearsWithinMs: Seconds(60),
  isNothingToUpdate: ({ said }) => saysAny(said, ...NOTHING_APPLICABLE),
  isStaged: (_name, { messages }) => saysAny(messages, ...APPLIED_AT_NEXT_START),
  unsafeStep(from, to) {
    const step = OWN_STEPS.find((version) => isOlder(from, version))
    return step === undefined || to === step
      ? undefined
      : `an iDRAC of version ${from} must take ${step} next; another version may leave it dead`
  },
  explainUnchanged: (bmcVersion) =>
    bmcVersion !== undefined && isOlder(bmcVersion, SKIPS_DOWNGRADES_BEFORE)
      ? `an iDRAC older than ${SKIPS_DOWNGRADES_BEFORE} passes over older versions in silence`
      : undefined,
  explain: (said) =>
    saysAny(said, ...STUCK_JOB) ? 'the job makes no progress until the iDRAC is reset' : undefined,
}
