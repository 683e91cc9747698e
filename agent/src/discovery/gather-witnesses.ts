/**
 * Turns what the site has seen into witnesses: who was where. Pure; the agent feeds it from its
 * lease table, its BMC readings and the rack document.
 *
 * A DHCP request and a BMC's answer come by an address, and only the declaration ties an address
 * to a place. That is enough for `probable`, never for `confirmed`.
 */
import type { SledName } from '@brickyard/model/names'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { SledDeclaration } from '@brickyard/model/rack'
import { gradePlace, type GradedPlace } from '@brickyard/open19/grade'
import { placeOf } from '@brickyard/open19/place'
import { isPlaceholderSerial } from '@brickyard/open19/placeholder-serial'
import type { Witness } from '@brickyard/open19/witness'
import { sameSerial } from '@brickyard/procedures/serial'
import { Minutes } from '@brickyard/std/units'

/** A BMC is read every half minute; one that has been silent this long bears no witness any more. */
export const BMC_WITNESS_MS = Minutes(5)

/** A DHCP client that was answered. Times are the agent's monotonic clock. */
export interface DhcpSighting {
  readonly mac: Mac
  readonly network: string
  readonly address: Ipv4
  readonly atMs: number
  /** End of the lease: until then it counts. */
  readonly expiresAtMs: number
}

/** What answered at the address at which a sled's BMC is declared. */
export interface BmcSighting {
  /** The sled whose declared BMC address was asked. */
  readonly asked: SledName
  readonly serial: string | undefined
  readonly atMs: number
}

export interface Sightings {
  readonly dhcp: readonly DhcpSighting[]
  readonly bmcs: readonly BmcSighting[]
}

/** Every witness the sightings give, for all sleds together. */
export function gatherWitnesses(
  sleds: readonly SledDeclaration[],
  sightings: Sightings,
): readonly Witness[] {
  return [
    ...sleds.map(declared),
    ...sightings.dhcp.flatMap((sighting) => dhcpWitness(sleds, sighting) ?? []),
    ...sightings.bmcs.flatMap((sighting) => bmcWitness(sleds, sighting) ?? []),
  ]
}

/** The graded place of every declared sled. */
export function gradeSleds(
  sleds: readonly SledDeclaration[],
  sightings: Sightings,
  nowMs: number,
): ReadonlyMap<SledName, GradedPlace> {
  const witnesses = gatherWitnesses(sleds, sightings)
  const grade = ({ name, position }: SledDeclaration): GradedPlace =>
    gradePlace({ sled: name, declared: placeOf(position), witnesses, nowMs })
  return new Map(sleds.map((sled) => [sled.name, grade(sled)]))
}

const declared = ({ name, position }: SledDeclaration): Witness => ({
  kind: 'declaration',
  sled: name,
  place: placeOf(position),
  detail: 'the rack document says so',
  atMs: 0,
})

function dhcpWitness(
  sleds: readonly SledDeclaration[],
  { mac, network, address, atMs, expiresAtMs }: DhcpSighting,
): Witness | undefined {
  const sled = sleds.find(({ macs, bmc }) => macs.includes(mac) || bmc?.mac === mac)
  if (sled === undefined) return undefined
  const detail = `${mac} got ${address} on ${network}`
  return {
    kind: 'dhcp',
    sled: sled.name,
    place: placeOf(sled.position),
    detail,
    atMs,
    expiresAtMs,
  }
}

/** Whose serial answered at the place of the sled that was asked. Placeholders bear no witness. */
function bmcWitness(
  sleds: readonly SledDeclaration[],
  { asked, serial, atMs }: BmcSighting,
): Witness | undefined {
  const there = sleds.find(({ name }) => name === asked)
  if (there === undefined || serial === undefined || isPlaceholderSerial(serial)) return undefined
  const owner = sleds.find((sled) => sled.serial !== undefined && sameSerial(sled.serial, serial))
  const nobodyExpected = owner === undefined && there.serial === undefined
  const expected = there.serial === undefined ? 'none was declared' : `${there.serial} is declared`
  return {
    kind: 'bmc-identity',
    sled: nobodyExpected ? there.name : owner?.name,
    place: placeOf(there.position),
    detail: `its BMC reports serial ${serial}; ${expected}`,
    atMs,
    expiresAtMs: atMs + BMC_WITNESS_MS,
  }
}
