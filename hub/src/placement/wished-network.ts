import type { DeploymentCreate, PlacementPreview } from '@brickyard/api/schemas'
import type { NetworkWish } from '@brickyard/model/network-wish'
import type { RackDocument } from '@brickyard/model/rack'
import { checkNetworkWish } from '@brickyard/netboot/check-network-wish'
import { networkConfig } from '@brickyard/netboot/network-config'
import { readNetworkWish, wishOfSled } from '@brickyard/netboot/read-network-wish'
import type { Assignment } from '@brickyard/protocol/assignment'
import { assert } from '@brickyard/std/assert'
import type { Problem } from '@brickyard/std/problem'
import { err, ok, type Result } from '@brickyard/std/result'
import { declarationOf } from '../fleet/sled-view.ts'
import type { Tx } from '../store/hub-store.ts'
import { findSled } from '../store/sled-queries.ts'
import { checkAddresses, type AddressedSite } from './check-addresses.ts'

/** Network-configs that a preview shows: the first few tell whether all are right. */
const CONFIGS_SHOWN_MAX = 8

type Placed = readonly { readonly site: string; readonly sled: string }[]

/** The network that a request asks for, in full; a problem names its field in the request. */
export function wishedNetwork({
  network,
  count,
}: DeploymentCreate): Result<NetworkWish | undefined, Problem[]> {
  if (network === undefined) return ok(undefined)
  const read = readNetworkWish(network)
  const problems = read.ok ? checkNetworkWish(read.value, { sleds: count }) : read.error
  if (problems.length === 0 && read.ok) return ok(read.value)
  return err(
    problems.map(({ field, ...rest }) => ({
      ...rest,
      field: field === 'network' ? field : `network.${field}`,
    })),
  )
}

/** NICs that a sled has to have for it. */
export const nicsFor = (wish: NetworkWish): number =>
  Math.max(...wish.nics.map(({ nic }) => nic + 1))

/** Why these sleds cannot have their addresses, from the racks and deployments of their sites. */
export async function addressProblems(
  tx: Tx,
  tenant: string,
  wish: NetworkWish,
  placed: Placed,
): Promise<Problem[]> {
  const sites: AddressedSite[] = []
  for (const name of new Set(placed.map(({ site }) => site))) {
    const row = await tx
      .selectFrom('sites')
      .select('rack')
      .where('name', '=', name)
      .executeTakeFirstOrThrow()
    const rows = await tx
      .selectFrom('assignments')
      .innerJoin('deployments', 'deployments.id', 'assignments.deployment')
      .select(['deployment', 'document', 'tenant'])
      .where('site', '=', name)
      .where('state', '!=', 'released')
      .execute()
    const rack = row.rack === null ? undefined : (JSON.parse(row.rack) as RackDocument)
    const held = rows.flatMap(({ deployment, document, tenant: of }) => {
      const { network } = JSON.parse(document) as Assignment
      const who = of === tenant ? `deployment ${deployment}` : 'another tenant'
      return network === undefined ? [] : [{ who, network }]
    })
    sites.push({ name, rack, held })
  }
  return checkAddresses(wish, placed, sites)
}

/** What the first sleds would find as `network-config`. */
export async function networkConfigs(
  tx: Tx,
  wish: NetworkWish | undefined,
  placed: Placed,
): Promise<PlacementPreview['networkConfigs']> {
  if (wish === undefined) return []
  const configs: PlacementPreview['networkConfigs'] = []
  for (const [index, { site, sled }] of placed.slice(0, CONFIGS_SHOWN_MAX).entries()) {
    const row = await findSled(tx, { owner: undefined }, site, sled)
    assert(row !== undefined, `${site}/${sled} was chosen and is declared`)
    const { macs } = declarationOf(row)
    const config = networkConfig(wishOfSled(wish, index), { index: 0, macs })
    assert(
      config.ok,
      `the network of ${site}/${sled} was checked: ${config.ok ? '' : config.error}`,
    )
    configs.push({ site, sled, text: config.value })
  }
  return configs
}
