import { booleanOf, fieldOf, type JsonObject } from '../loose-json.ts'

/** `ManagerNetworkProtocol`: by which ways the BMC listens; undefined is what it does not tell. */
export interface NetworkProtocol {
  readonly http: boolean | undefined
  readonly ipmi: boolean | undefined
  readonly telnet: boolean | undefined
  readonly snmp: boolean | undefined
  readonly snmpV1: boolean | undefined
  readonly snmpV2c: boolean | undefined
}

export const parseNetworkProtocol = (body: JsonObject): NetworkProtocol => ({
  http: enabled(body, 'HTTP'),
  ipmi: enabled(body, 'IPMI'),
  telnet: enabled(body, 'Telnet'),
  snmp: enabled(body, 'SNMP'),
  snmpV1: booleanOf(fieldOf(body['SNMP'], 'EnableSNMPv1')),
  snmpV2c: booleanOf(fieldOf(body['SNMP'], 'EnableSNMPv2c')),
})

const enabled = (body: JsonObject, name: string): boolean | undefined =>
  booleanOf(fieldOf(body[name], 'ProtocolEnabled'))
