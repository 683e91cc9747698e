import { Mac } from '@brickyard/model/mac'
import { booleanOf, fieldOf, listOf, numberOf, textOf, type JsonObject } from '../loose-json.ts'
import { statusOf, type Status } from './status.ts'

/** `EthernetInterface` of a system (its NICs) or a manager (the BMC's own port). */
export interface EthernetInterface {
  readonly id: string | undefined
  readonly name: string | undefined
  /** The address burnt in, else the one in use. */
  readonly mac: Mac | undefined
  readonly enabled: boolean | undefined
  readonly link: string | undefined
  readonly speedMbps: number | undefined
  readonly ipv4: readonly string[]
  readonly dhcp: boolean | undefined
  readonly vlan: number | undefined
  readonly hostName: string | undefined
  readonly uefiPath: string | undefined
  readonly status: Status
}

export function parseEthernetInterface(body: JsonObject): EthernetInterface {
  const mac = Mac.parse(textOf(body['PermanentMACAddress']) ?? textOf(body['MACAddress']) ?? '')
  const vlanOn = booleanOf(fieldOf(body, 'VLAN', 'VLANEnable'))
  return {
    id: textOf(body['Id']),
    name: textOf(body['Name']),
    mac: mac.ok ? mac.value : undefined,
    enabled: booleanOf(body['InterfaceEnabled']),
    link: textOf(body['LinkStatus']),
    speedMbps: numberOf(body['SpeedMbps']),
    ipv4: listOf(body['IPv4Addresses']).flatMap((one) => textOf(fieldOf(one, 'Address')) ?? []),
    dhcp: booleanOf(fieldOf(body, 'DHCPv4', 'DHCPEnabled')),
    vlan: vlanOn === true ? numberOf(fieldOf(body, 'VLAN', 'VLANId')) : undefined,
    hostName: textOf(body['HostName']),
    uefiPath: textOf(body['UefiDevicePath']),
    status: statusOf(body),
  }
}
