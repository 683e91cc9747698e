import type { Clock } from '@brickyard/runtime/clock'
import type { Bmc } from '../bmc.ts'
import { createIpmiAccounts } from './ipmi-accounts.ts'
import { createIpmiBoot } from './ipmi-boot.ts'
import { createIpmiConsole } from './ipmi-console.ts'
import { createIpmiExposure } from './ipmi-exposure.ts'
import { createIpmiIdentify } from './ipmi-identify.ts'
import { createIpmiInventory } from './ipmi-inventory.ts'
import { createIpmiLog } from './ipmi-log.ts'
import { createIpmiPowerLimit } from './ipmi-power-limit.ts'
import { createIpmiPower } from './ipmi-power.ts'
import { createIpmiRestart } from './ipmi-restart.ts'
import { createIpmiRestorePolicy } from './ipmi-restore-policy.ts'
import { createIpmiSensors, createSensorRecords } from './ipmi-sensors.ts'
import type { IpmiSession } from './ipmi-session.ts'

/** All capabilities of an IPMI BMC over one kept session. */
export function createIpmiBmc(session: IpmiSession, clock: Clock): Bmc {
  const records = createSensorRecords(session, clock)
  return {
    power: createIpmiPower(session),
    boot: createIpmiBoot(session),
    identify: createIpmiIdentify(session),
    inventory: createIpmiInventory(session),
    exposure: createIpmiExposure(session, clock),
    sensors: createIpmiSensors(session, clock, records),
    log: createIpmiLog(session, clock, records),
    console: createIpmiConsole(session, clock),
    accounts: createIpmiAccounts(session, clock),
    powerLimit: createIpmiPowerLimit(session, clock),
    restorePolicy: createIpmiRestorePolicy(session),
    restart: createIpmiRestart(session, clock),
    close: () => session.close(),
  }
}
