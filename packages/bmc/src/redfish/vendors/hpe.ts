import { saysAny } from '@brickyard/redfish/message'
import { Seconds } from '@brickyard/std/units'
import type { VendorManner } from './manner.ts'

/** "Not while the system is in POST", which takes some minutes on large machines. */
const IN_POST = ['UnableToModifyDuringSystemPOST']
const WRONG_STATE = ['InvalidOperationForSystemState']

/** iLO 5 and later. */
export const HPE: VendorManner = {
  vendor: 'HPE',
  patience({ said }, doing) {
    const bootWork = doing === 'boot' || doing === 'bios'
    if (bootWork && saysAny(said, ...IN_POST)) return { pauseMs: Seconds(15), triesMax: 20 }
    return saysAny(said, ...WRONG_STATE) ? { pauseMs: Seconds(10), triesMax: 6 } : undefined
  },
  // It takes a form with the session's key in it, and does not tell what became of the image.
  pushFormOfItsOwn: true,
  // The task of a system ROM ends within half a minute: it is staged, and applied by the next reboot.
  // Ids are numbers that say nothing; the name tells.
  isStaged: (name) => /\brom\b|programmable logic/i.test(name),
}
