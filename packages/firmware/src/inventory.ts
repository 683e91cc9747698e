/** What was found running on a sled, as an inspection reports it. */

/** Kinds of component whose firmware the catalogue knows or will know. */
export const COMPONENT_KINDS = [
  'bmc',
  'bios',
  'cpld',
  'nic',
  'hba',
  'raid',
  'drive',
  'psu',
  'sled-controller',
  'power-shelf',
] as const
export type ComponentKind = (typeof COMPONENT_KINDS)[number]

export interface FirmwareInventory {
  readonly system: {
    readonly manufacturer?: string | undefined
    readonly model?: string | undefined
    readonly boardManufacturer?: string | undefined
    readonly boardModel?: string | undefined
  }
  readonly components: readonly FirmwareComponent[]
}

export interface FirmwareComponent {
  readonly kind: ComponentKind
  /** As the component calls itself, e.g. `iLO 5`. */
  readonly name?: string | undefined
  readonly vendor?: string | undefined
  /** Exactly as reported; may well be empty or a placeholder. */
  readonly version: string
  /** True when only the leading numbers are known, as from IPMI: 1.71 may well be 1.71.11. */
  readonly versionTruncated?: boolean | undefined
  /** IANA enterprise number of IPMI Get Device ID, in decimal. */
  readonly ipmiManufacturer?: string | undefined
  /** Product number of IPMI Get Device ID, in decimal. */
  readonly ipmiProduct?: string | undefined
}
