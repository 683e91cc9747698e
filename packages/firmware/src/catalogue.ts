/** The firmware catalogue: what its entries mean. The data and its JSON schemas are in firmware-catalog/. */
import type { ComponentKind, FirmwareInventory } from './inventory.ts'
import type { SchemeId } from './version.ts'

export interface Catalogue {
  readonly releases: readonly Release[]
  readonly rules: readonly Rule[]
  readonly baselines: readonly Baseline[]
  readonly advisories: readonly Advisory[]
}

/** One version of the firmware of one component, as its vendor published it. */
export interface Release {
  /** `hpe/ilo-5/3.11`. */
  readonly id: string
  readonly vendor: string
  readonly component: ComponentKind
  /** The version as people write it. */
  readonly version: string
  /** Every spelling in which a BMC, BIOS or tool reports it. The first is the one to compare by. */
  readonly literals: readonly [string, ...string[]]
  readonly releasedOn?: string | undefined
  readonly criticality: 'unknown' | 'low' | 'medium' | 'high' | 'critical'
  /** Without it the entry is metadata only: recognised and compared, never flashed. */
  readonly artifact?: Artifact | undefined
  /** Never to be chosen; still recognised. */
  readonly blocked?: { readonly reason: string; readonly since: string } | undefined
  /** Ids of the advisories it settles. */
  readonly fixes: readonly string[]
  readonly evidence: readonly [Evidence, ...Evidence[]]
}

export interface Artifact {
  readonly fileName: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly sourceUrl: string
  readonly redistributable: boolean
}

/** Where a fact comes from. */
export interface Evidence {
  readonly url: string
  /** Commit, where the address is a repository. */
  readonly commit?: string | undefined
  /** What stands there. */
  readonly note: string
  /** The day somebody read it; undefined when nobody has. */
  readonly seenOn?: string | undefined
}

/** Which components a line of releases is for. */
export interface Rule {
  /** `hpe/ilo-5`. */
  readonly id: string
  readonly component: ComponentKind
  readonly match: Match
  readonly scheme: SchemeId
  /** Ids of its releases, from the oldest to the newest. */
  readonly releases: readonly [string, ...string[]]
  /** Inventories in which exactly one component must match. */
  readonly matches: readonly [FirmwareInventory, ...FirmwareInventory[]]
  /** Inventories, near misses, in which nothing may match. */
  readonly mustNotMatch: readonly [FirmwareInventory, ...FirmwareInventory[]]
}

export const CONDITION_FIELDS = [
  'system.manufacturer',
  'system.model',
  'system.boardManufacturer',
  'system.boardModel',
  'component.name',
  'component.vendor',
  'component.version',
  'component.ipmiManufacturer',
  'component.ipmiProduct',
] as const
export type ConditionField = (typeof CONDITION_FIELDS)[number]

/** Any one of these groups, and all conditions of that group, must hold. */
export type Match = readonly [MatchGroup, ...MatchGroup[]]
export type MatchGroup = readonly [Condition, ...Condition[]]

/** One thing that must hold; letter case and blanks around do not count. */
export interface Condition {
  readonly field: ConditionField
  readonly test: 'equals' | 'starts-with' | 'contains'
  /** Any one of these. */
  readonly values: readonly [string, ...string[]]
}

/** A set of versions that belong together. */
export interface Baseline {
  readonly id: string
  readonly name: string
  /** Grows with every change. */
  readonly generation: number
  readonly components: readonly { readonly rule: string; readonly release: string }[]
  /** Sites where the set was proven; none: it may only be tried in the first ring. */
  readonly qualifiedOn: readonly {
    readonly site: string
    readonly sled: string
    readonly when: string
    readonly result: 'passed' | 'failed'
    readonly by: string
  }[]
}

export type Affected =
  /** Releases of the rule before `fixedIn`; without it all of them, until known better. */
  | { readonly rule: string; readonly fixedIn?: string | undefined }
  /** Components that no rule covers; whether their version is affected is not known. */
  | { readonly component: ComponentKind; readonly match: Match }

export interface Advisory {
  readonly id: string
  readonly cve: readonly string[]
  readonly title: string
  /** Empty for a flaw of a protocol: no version is free of it, only the mitigation helps. */
  readonly affected: readonly Affected[]
  /** Known to have been used in attacks. */
  readonly exploited: 'yes' | 'no' | 'unknown'
  readonly mitigation: string
  readonly evidence: readonly [Evidence, ...Evidence[]]
}
