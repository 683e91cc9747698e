import { saysAny } from '@brickyard/redfish/message'
import type { VendorManner } from './manner.ts'

/** Supermicro X11 and later. */
export const SUPERMICRO: VendorManner = {
  vendor: 'Supermicro',
  // X11 up to 1.23 looks for its own address in it.
  wantsReferer: true,
  patience: () => undefined,
  explain(said) {
    if (saysAny(said, 'OemLicenseNotPassed')) {
      return 'the BMC lacks the licence for this (SFT-OOB-LIC or SFT-DCMS-SINGLE)'
    }
    if (saysAny(said, 'OemFirmwareAlreadyInUpdateMode', 'OemBiosUpdateIsInProgress')) {
      // It stays so after an update that failed.
      return 'the BMC is still in update mode; if no update runs, it must be reset first'
    }
    return undefined
  },
}
