import type { BmcDeclaration, IpmiDeclaration } from '@brickyard/model/rack'
import { assert } from '@brickyard/std/assert'
import type { Bmc } from './bmc.ts'
import { createIpmiBmc } from './ipmi/ipmi-bmc.ts'
import { createIpmiSession, type BmcPorts, type BmcTiming } from './ipmi/ipmi-session.ts'
import { createRedfishBmc } from './redfish/redfish-bmc.ts'
import { createRedfishSession, type RedfishPorts } from './redfish/redfish-session.ts'

/**
 * A connection to the BMC of `declaration`. Nothing is sent until the first call; a session is
 * opened then, kept, and closed when idle. `bmcKey` (Kg) is for an IPMI BMC that asks for it.
 */
export function connectBmc(
  declaration: IpmiDeclaration,
  password: string,
  ports: BmcPorts,
  timing?: Partial<BmcTiming>,
  bmcKey?: string,
): Bmc
export function connectBmc(
  declaration: BmcDeclaration,
  password: string,
  ports: BmcPorts & RedfishPorts,
  timing?: Partial<BmcTiming>,
  bmcKey?: string,
): Bmc
export function connectBmc(
  declaration: BmcDeclaration,
  password: string,
  ports: BmcPorts & Partial<RedfishPorts>,
  timing?: Partial<BmcTiming>,
  bmcKey?: string,
): Bmc {
  switch (declaration.protocol) {
    case 'ipmi':
      return createIpmiBmc(
        createIpmiSession(declaration, password, ports, timing, bmcKey),
        ports.clock,
      )
    case 'redfish': {
      const { http, clock, redfishSessions } = ports
      assert(http !== undefined, 'a Redfish BMC is reached by the Http port')
      return createRedfishBmc(
        createRedfishSession(declaration, password, { http, clock, redfishSessions }),
      )
    }
  }
}
