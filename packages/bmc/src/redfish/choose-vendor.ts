import type { Manager } from '@brickyard/redfish/resources/service-manager'
import type { ServiceRoot } from '@brickyard/redfish/resources/service-root'
import { AMI } from './vendors/ami.ts'
import { DELL } from './vendors/dell.ts'
import { HPE } from './vendors/hpe.ts'
import { LENOVO } from './vendors/lenovo.ts'
import { STANDARD, type VendorManner } from './vendors/manner.ts'
import { SUPERMICRO } from './vendors/supermicro.ts'

const MANNERS: readonly (readonly [RegExp, VendorManner])[] = [
  [/^ami\b|american megatrends|megarac/i, AMI],
  [/\bdell\b|idrac/i, DELL],
  [/^hpe?\b|hewlett|\bilo\b/i, HPE],
  [/\blenovo\b|^xcc\b|xclarity/i, LENOVO],
  [/supermicro|super micro|^smc\b/i, SUPERMICRO],
]

/**
 * Whose manners a service has, by what it says of itself: its vendor, its OEM parts, its product, its
 * manager. What is written on the sled counts only where the service says nothing of a maker at all:
 * there are "Dell Inc." sleds with AMI's BMC in them.
 */
export function chooseVendor(
  root: ServiceRoot,
  manager: Manager | undefined,
  sledMaker: string | undefined,
): VendorManner {
  const said = [root.vendor, ...root.oem, root.product, manager?.manufacturer, manager?.model]
  for (const word of [...said, manager?.id]) {
    const known = MANNERS.find(([pattern]) => word !== undefined && pattern.test(word))
    if (known !== undefined) return known[1]
  }
  const saysMaker = root.vendor ?? root.oem[0] ?? manager?.manufacturer
  const bySled = MANNERS.find(([pattern]) => sledMaker !== undefined && pattern.test(sledMaker))
  return (saysMaker === undefined ? bySled?.[1] : undefined) ?? STANDARD
}
