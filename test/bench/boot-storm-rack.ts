import type { SiteName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import { planRack } from '@brickyard/sim/rack-plan'
import { seededRandom } from '@brickyard/sim/seeded-random'

export const STORM_SLEDS = 48

/** A site of 48 sleds whose provisioning network is on `device`. */
export function stormRack(device: string): RackDocument {
  const random = seededRandom('boot-storm')
  const plan = planRack({
    site: 'storm' as SiteName,
    siteNumber: 0,
    sledCount: STORM_SLEDS,
    random,
    firmwareMode: () => 'uefi',
  })
  const networks = plan.document.networks
    .filter(({ role }) => role === 'provisioning')
    .map((network) => ({ ...network, interface: device }))
  const sleds = plan.document.sleds.map(({ bmc: _none, ...sled }) => sled)
  return { ...plan.document, networks, sleds }
}

/** The MAC of the n-th sled, as `planRack` gives it. */
export const stormMac = (n: number): string => `02:19:00:${n.toString(16).padStart(2, '0')}:00:00`
