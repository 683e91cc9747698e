import type { Bmc } from '../bmc.ts'
import { createRedfishAccounts } from './redfish-accounts.ts'
import { createRedfishBios } from './redfish-bios.ts'
import { createRedfishBoot } from './redfish-boot.ts'
import { createRedfishExposure } from './redfish-exposure.ts'
import { createRedfishEvents } from './redfish-events.ts'
import { createRedfishFirmware } from './redfish-firmware.ts'
import { createRedfishIdentify } from './redfish-identify.ts'
import { createRedfishInventory } from './redfish-inventory.ts'
import { createRedfishLog } from './redfish-log.ts'
import { createRedfishPowerLimit } from './redfish-power-limit.ts'
import { createRedfishPower } from './redfish-power.ts'
import { createRedfishSecureBoot } from './redfish-secure-boot.ts'
import { createRedfishSensors } from './redfish-sensors.ts'
import { createRedfishRestart } from './redfish-restart.ts'
import { createRedfishRestorePolicy } from './redfish-restore-policy.ts'
import type { RedfishSession } from './redfish-session.ts'
import { createRedfishVirtualMedia } from './redfish-virtual-media.ts'

/** All capabilities of a Redfish BMC over one kept session. Redfish itself has no console. */
export function createRedfishBmc(session: RedfishSession): Bmc {
  const identify = createRedfishIdentify(session)
  return {
    power: createRedfishPower(session),
    boot: createRedfishBoot(session),
    identify: { light: (seconds) => identify.light(seconds) },
    inventory: createRedfishInventory(session),
    exposure: createRedfishExposure(session),
    sensors: createRedfishSensors(session),
    log: createRedfishLog(session),
    accounts: createRedfishAccounts(session),
    powerLimit: createRedfishPowerLimit(session),
    restorePolicy: createRedfishRestorePolicy(session),
    bios: createRedfishBios(session),
    secureBoot: createRedfishSecureBoot(session),
    restart: createRedfishRestart(session),
    virtualMedia: createRedfishVirtualMedia(session),
    events: createRedfishEvents(session),
    firmware: createRedfishFirmware(session),
    async close() {
      await identify.close()
      await session.close()
    },
  }
}
