import type { Bmc } from '../bmc.ts'
import { createRedfishBoot } from './redfish-boot.ts'
import { createRedfishIdentify } from './redfish-identify.ts'
import { createRedfishInventory } from './redfish-inventory.ts'
import { createRedfishPower } from './redfish-power.ts'
import type { RedfishSession } from './redfish-session.ts'

/** All capabilities of a Redfish BMC over one kept session. */
export function createRedfishBmc(session: RedfishSession): Bmc {
  const identify = createRedfishIdentify(session)
  return {
    power: createRedfishPower(session),
    boot: createRedfishBoot(session),
    identify: { light: (seconds) => identify.light(seconds) },
    inventory: createRedfishInventory(session),
    async close() {
      await identify.close()
      await session.close()
    },
  }
}
