/**
 * Firmware found at inspection, judged at the site with the catalogue the agent carries: no hub and
 * no network needed.
 */
import type { Catalogue } from '@brickyard/firmware/catalogue'
import type { FirmwareComponent, FirmwareInventory } from '@brickyard/firmware/inventory'
import { judgeFirmware, type ComponentVerdict } from '@brickyard/firmware/judge'

/** What the installer read on the sled itself; texts as the firmware gives them, '' unknown. */
export interface HostFirmwareFacts {
  readonly maker: string
  readonly model: string
  readonly boardMaker?: string | undefined
  readonly boardModel?: string | undefined
  readonly biosVendor: string
  readonly biosVersion: string
  readonly biosDate: string
  /** `major.minor` of SMBIOS type 0, where the kernel gives it. */
  readonly biosRelease?: string | undefined
}

/** What the BMC said of itself: IPMI Get Device ID and the FRU's product fields, or Redfish. */
export interface BmcFirmwareFacts {
  readonly bmcVersion: string
  /** By IPMI only. */
  readonly bmcManufacturerId: number | undefined
  readonly bmcProductId: number | undefined
  readonly manufacturer?: string | undefined
  readonly model?: string | undefined
  readonly boardManufacturer?: string | undefined
  readonly boardModel?: string | undefined
}

/** Either part may be missing: a sled that was never inspected, a BMC that did not answer. */
export interface Inspection {
  readonly host?: HostFirmwareFacts | undefined
  readonly bmc?: BmcFirmwareFacts | undefined
}

/** One verdict for each component found. */
export const judgeInspection = (
  catalogue: Catalogue,
  inspection: Inspection,
): readonly ComponentVerdict[] => judgeFirmware(catalogue, firmwareInventory(inspection))

/** The inspection in the catalogue's terms. What the host says of its maker stands before the BMC. */
export function firmwareInventory({ host, bmc }: Inspection): FirmwareInventory {
  const components: FirmwareComponent[] = []
  if (bmc !== undefined) components.push(bmcComponent(bmc))
  if (host !== undefined) components.push(biosComponent(host))
  return {
    system: {
      manufacturer: said(host?.maker, bmc?.manufacturer),
      model: said(host?.model, bmc?.model),
      boardManufacturer: said(host?.boardMaker, bmc?.boardManufacturer),
      boardModel: said(host?.boardModel, bmc?.boardModel),
    },
    components,
  }
}

/** The first that is not empty. */
const said = (...texts: (string | undefined)[]): string | undefined =>
  texts.find((text) => text !== undefined && text.trim() !== '')

/** IPMI has room for two numbers only (IPMI 2.0 §20.1): real boards say 3.10 for 3.10.17. */
function bmcComponent(bmc: BmcFirmwareFacts): FirmwareComponent {
  const { bmcVersion: version, bmcManufacturerId, bmcProductId } = bmc
  const named = { kind: 'bmc', name: 'BMC', version } as const
  if (bmcManufacturerId === undefined || bmcProductId === undefined) return named
  const ipmi = { ipmiManufacturer: String(bmcManufacturerId), ipmiProduct: String(bmcProductId) }
  return { ...named, versionTruncated: true, ...ipmi }
}

function biosComponent(host: HostFirmwareFacts): FirmwareComponent {
  return { kind: 'bios', name: 'BIOS', vendor: host.biosVendor, version: biosVersion(host) }
}

/**
 * HPE's SMBIOS gives the ROM family as version (`U46`) and the number beside it; together with the
 * date they make the text that Redfish reports (`U46 v1.80 (07/05/2023)`).
 */
function biosVersion({ biosVersion, biosRelease, biosDate }: HostFirmwareFacts): string {
  const isRomFamily = /^[A-Z]\d{2,3}$/.test(biosVersion.trim())
  if (!isRomFamily || biosRelease === undefined || !/^\d+\.\d+$/.test(biosRelease)) {
    return biosVersion
  }
  const date = /^\d\d\/\d\d\/\d{4}$/.test(biosDate) ? ` (${biosDate})` : ''
  return `${biosVersion.trim()} v${biosRelease}${date}`
}
