import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/**
 * Who the BMC says it is and sits in. Texts are the maker's, trimmed; undefined when absent or
 * empty. Placeholders (`To be filled by O.E.M.`) are passed on: judging them is the caller's.
 */
export interface BmcInventory {
  readonly manufacturer: string | undefined
  readonly model: string | undefined
  readonly partNumber: string | undefined
  /** Product serial: the sled's own. */
  readonly serial: string | undefined
  readonly chassisSerial: string | undefined
  readonly boardManufacturer: string | undefined
  readonly boardModel: string | undefined
  readonly boardSerial: string | undefined
  readonly assetTag: string | undefined
  /** The system GUID in the three byte orders in use; compare all with SMBIOS and DHCP option 97. */
  readonly guid:
    | { readonly canonical: string; readonly swapped: string; readonly asSent: string }
    | undefined
  /** BMC firmware, e.g. `9.08`; `unknown` where the BMC does not say. */
  readonly bmcVersion: string
  /** IANA enterprise number of the BMC's maker; IPMI alone tells it. */
  readonly bmcManufacturerId: number | undefined
  readonly bmcProductId: number | undefined
  /** Parts of the inventory that could not be read, with the reason. */
  readonly damaged: readonly string[]
}

export interface InventoryReader {
  read(): Promise<Result<BmcInventory, BmcFault>>
}
