import { SiteName, TenantName } from '@brickyard/model/names'
import type { FleetSnapshot, SiteOffer, SledOffer } from '@brickyard/placement/fleet'
import { assert } from '@brickyard/std/assert'
import type { AgentLinks, LinkState } from '../agent-link/links.ts'
import { declarationOf, factsOf } from '../fleet/sled-view.ts'
import type { Tx } from '../store/hub-store.ts'
import { listSleds, type SledRow } from '../store/sled-queries.ts'
import { allSites } from '../store/sites.ts'

/** Sectors of a disk whose site did not say: nearly all are of this size. */
const SECTOR_BYTES_ASSUMED = 512

const LINKS: Readonly<Record<LinkState, SiteOffer['link']>> = {
  connected: 'up',
  away: 'down',
  'never-seen': 'never',
}

/** The fleet as placement looks at it. `only`: just these sleds, as SITE/SLED. */
export async function fleetSnapshot(
  tx: Tx,
  links: AgentLinks,
  only?: readonly string[],
): Promise<FleetSnapshot> {
  const sites = await allSites(tx, { owner: undefined })
  const sleds = await listSleds(tx, { owner: undefined }, {})
  const wanted = only === undefined ? undefined : new Set(only)
  return {
    sites: sites.map((site): SiteOffer => {
      const name = SiteName.parse(site.name)
      assert(name.ok, `${site.name} was checked when the site was declared`)
      return {
        name: name.value,
        labels: {},
        link: LINKS[links.state(site.name)],
        // Not yet declared per site: the careful answer refuses a second tenant.
        isolation: 'none',
        sleds: sleds
          .filter((sled) => sled.site === site.name)
          .filter((sled) => wanted === undefined || wanted.has(`${sled.site}/${sled.name}`))
          .map(sledOffer),
      }
    }),
  }
}

function sledOffer(row: SledRow): SledOffer {
  const declared = declarationOf(row)
  const facts = factsOf(row)
  const tenant = row.tenant === null ? undefined : TenantName.parse(row.tenant)
  const state = row.state as SledOffer['state']
  // Bound here already, whether or not its site has heard of it.
  const reserved = row.assignment !== null && state === 'ready'
  const model = declared.model ?? facts?.model ?? undefined
  return {
    name: declared.name,
    state: reserved ? 'reserved' : state,
    stateReason: reserved ? `for deployment ${row.deployment}` : (row.state_reason ?? undefined),
    architecture: declared.architecture,
    firmwareMode: declared.firmwareMode,
    secureBoot: declared.secureBoot,
    model,
    labels: declared.labels,
    nics: declared.macs.length,
    tenant: tenant?.ok === true ? tenant.value : undefined,
    inventory:
      facts === undefined
        ? undefined
        : {
            memoryBytes: facts.memoryBytes ?? 0,
            disks: facts.disks.map((disk) => ({
              bytes: disk.bytes,
              sectorBytes: disk.sectorBytes ?? SECTOR_BYTES_ASSUMED,
            })),
          },
  }
}
