import type { SiteName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import { planRack, type RackPlan } from '@brickyard/sim/rack-plan'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { STORM_SLEDS } from './boot-storm-rack.ts'

/** What every BMC of this bench has. */
export const BMC_PASSWORD = 'bench-bmc'

/** The sleds of the boot storm, with BMCs and two networks. */
export const memoryPlan = (): RackPlan =>
  planRack({
    site: 'memory' as SiteName,
    siteNumber: 0,
    sledCount: STORM_SLEDS,
    random: seededRandom('memory'),
  })

/** As the agent is told of it, on two devices of its own. */
export function memoryRack(devices: {
  readonly provisioning: string
  readonly management: string
}): RackDocument {
  const { document } = memoryPlan()
  const networks = document.networks.map((network) => ({
    ...network,
    interface: devices[network.role],
  }))
  return { ...document, networks }
}
