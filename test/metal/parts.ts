import type { Checks } from './checks.ts'
import { claimBond } from './bond-sled.ts'
import { claimDiscs } from './disc-sleds.ts'
import { claimHttps } from './https-sled.ts'
import { claimArm64, claimSecureBoot } from './late-sleds.ts'
import { claimProxy, claimRelayHop } from './paths.ts'
import { claimConsole } from './console-sled.ts'
import type { Rig } from './rig.ts'
import { claimOwnLoader, claimSigned } from './signed-sled.ts'
import type { RigSite } from './site.ts'

/** A check of the suite that can be run alone: `npm run metal -- --only NAME,NAME`. */
export interface MetalPart {
  readonly name: string
  /** Said when it begins. */
  readonly what: string
  /** Declares its own sleds beside `rig.rackSleds`, of which there are none when it runs alone. */
  run(rig: Rig, site: RigSite, checks: Checks): Promise<void>
}

/** For it iPXE is built first (own-loader.ts). */
export const OWN_LOADER_PART: MetalPart = {
  name: 'own-loader',
  what: "sleds whose loader checks the operator's signatures itself",
  run: claimOwnLoader,
}

/** What runs on the suite's site after the two sleds of the rack, one after the other. */
export const LATE_PARTS: readonly MetalPart[] = [
  { name: 'secure-boot', what: 'a sled with Secure Boot', run: claimSecureBoot },
  { name: 'console', what: 'a sled at its serial port', run: claimConsole },
  { name: 'arm64', what: 'a sled of another architecture', run: claimArm64 },
  { name: 'relay', what: 'a sled behind a relay', run: claimRelayHop },
  { name: 'proxy', what: 'a sled beside another DHCP server', run: claimProxy },
  { name: 'bond', what: 'a sled with two NICs on a switch that speaks LACP', run: claimBond },
  { name: 'disc', what: 'sleds that boot from discs, with no DHCP', run: claimDiscs },
  { name: 'https', what: 'a sled that boots by HTTPS alone', run: claimHttps },
  { name: 'signed', what: 'a sled that gets a signed installer or none', run: claimSigned },
  OWN_LOADER_PART,
]

/** The whole life of the rack's two sleds, and the same by the floor. */
export const RACK_PARTS = ['life', 'floor'] as const

const ONLY = '--only'

export const PART_NAMES: readonly string[] = [...RACK_PARTS, ...LATE_PARTS.map(({ name }) => name)]

/** The parts that a command line asks for, all where it names none; the error names those there are. */
export function partsAsked(words: readonly string[]): ReadonlySet<string> {
  const at = words.indexOf(ONLY)
  if (at < 0) return new Set(PART_NAMES)
  const asked = (words[at + 1] ?? '').split(',').filter((name) => name !== '')
  const unknown = asked.filter((name) => !PART_NAMES.includes(name))
  if (asked.length > 0 && unknown.length === 0) return new Set(asked)
  throw new Error(`${ONLY} ${words[at + 1] ?? ''}: expected some of ${PART_NAMES.join(',')}`)
}
