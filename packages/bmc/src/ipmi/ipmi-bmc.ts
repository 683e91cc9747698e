import type { Bmc } from '../bmc.ts'
import { createIpmiBoot } from './ipmi-boot.ts'
import { createIpmiIdentify } from './ipmi-identify.ts'
import { createIpmiInventory } from './ipmi-inventory.ts'
import { createIpmiPower } from './ipmi-power.ts'
import type { IpmiSession } from './ipmi-session.ts'

/** All capabilities of an IPMI BMC over one kept session. */
export const createIpmiBmc = (session: IpmiSession): Bmc => ({
  power: createIpmiPower(session),
  boot: createIpmiBoot(session),
  identify: createIpmiIdentify(session),
  inventory: createIpmiInventory(session),
  close: () => session.close(),
})
