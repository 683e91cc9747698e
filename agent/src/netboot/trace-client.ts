import type { DhcpPacket } from '@brickyard/dhcp/packet'
import { relayAgentFacts } from '@brickyard/dhcp/options/relay-agent'
import { Ipv4 } from '@brickyard/model/ipv4'
import type { BootClient } from '@brickyard/netboot/boot-trace-events'
import { toHex } from '@brickyard/std/hex'
import { netbootClientOf, uuidOf } from './client-view.ts'
import { printable } from './report.ts'

/** Lists in a packet are cut after so many: firmware names one to three. */
const LISTED_MAX = 8
/** Bytes of a circuit id that are shown; Cisco's has six, others a port name. */
const CIRCUIT_BYTES_MAX = 32

/** What a client said of itself, bounded and printable, as a trace keeps it. */
export function bootClientOf(packet: DhcpPacket): BootClient {
  const { options, ciaddr, giaddr } = packet
  const { architectures, vendorClass, userClasses, hasIpxeFeatures, speaksHttps } =
    netbootClientOf(packet)
  const circuit =
    options.relayAgent === undefined ? undefined : relayAgentFacts(options.relayAgent).circuitId
  return {
    architectures: architectures.slice(0, LISTED_MAX),
    vendorClass: vendorClass === undefined ? undefined : printable(vendorClass),
    userClasses: userClasses.slice(0, LISTED_MAX).map(printable),
    hasIpxeFeatures,
    ...(hasIpxeFeatures && { speaksHttps }),
    uuid: uuidOf(packet) ?? null,
    hostName: options.hostName === undefined ? null : printable(options.hostName),
    requestedAddress: options.requestedAddress ?? null,
    chosenServer: options.serverId ?? null,
    ownAddress: ciaddr === Ipv4.ANY ? null : ciaddr,
    relay: giaddr === Ipv4.ANY ? null : giaddr,
    circuitId: circuit === undefined ? null : toHex(circuit.subarray(0, CIRCUIT_BYTES_MAX)),
  }
}
