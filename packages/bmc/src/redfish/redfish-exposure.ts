import {
  parseNetworkProtocol,
  type NetworkProtocol,
} from '@brickyard/redfish/resources/network-protocol'
import { err, ok } from '@brickyard/std/result'
import type { ExposureReader, OpenWay } from '../exposure.ts'
import { named, type RedfishSession } from './redfish-session.ts'

/** The ways that a BMC says it listens by (`ManagerNetworkProtocol`); one that does not say has none told. */
export function createRedfishExposure(session: RedfishSession): ExposureReader {
  return {
    async read() {
      const manager = await session.manager()
      if (!manager.ok) return manager
      const untold = {
        anonymousLogins: undefined,
        nullUsers: undefined,
        cipherZeroOffered: undefined,
      }
      const path = manager.value.value.networkProtocol
      if (path === undefined) return ok({ ...untold, open: [] })
      const answer = await session.client.get(path)
      if (!answer.ok && answer.error.status !== 404) return err(named(answer.error, undefined))
      const open = answer.ok ? openWays(parseNetworkProtocol(answer.value.body)) : []
      return ok({ ...untold, open })
    },
  }
}

/** A service that is off listens by none of its versions. */
function openWays(says: NetworkProtocol): OpenWay[] {
  const ways: readonly (readonly [OpenWay, boolean])[] = [
    ['ipmi', says.ipmi === true],
    ['snmp-v1', says.snmp !== false && says.snmpV1 === true],
    ['snmp-v2c', says.snmp !== false && says.snmpV2c === true],
    ['telnet', says.telnet === true],
    ['http', says.http === true],
  ]
  return ways.flatMap(([way, open]) => (open ? [way] : []))
}
