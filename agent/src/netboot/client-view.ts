import { ipxeFacts } from '@brickyard/dhcp/options/ipxe-features'
import type { DhcpPacket } from '@brickyard/dhcp/packet'
import { relayAgentFacts } from '@brickyard/dhcp/options/relay-agent'
import { Mac } from '@brickyard/model/mac'
import { isIpxe, type NetbootClient } from '@brickyard/netboot/choose-loader'
import { toHex } from '@brickyard/std/hex'
import { printable } from './report.ts'

const ETHERNET = 1

/** The client's MAC; undefined for anything that is no Ethernet. */
export function macOf(packet: DhcpPacket): Mac | undefined {
  if (packet.hardwareType !== ETHERNET) return undefined
  const mac = Mac.fromBytes(packet.chaddr)
  return mac.ok ? mac.value : undefined
}

/**
 * The client's UUID (option 97); undefined for the all-zero and all-one ones that firmware without
 * a UUID sends, which would make different machines look like one.
 */
export function uuidOf(packet: DhcpPacket): string | undefined {
  const uuid = packet.options.clientUuid
  return uuid === undefined || /^[0-]+$|^[f-]+$/.test(uuid) ? undefined : uuid
}

/** The options that decide how a client is booted. */
export const netbootClientOf = ({ options }: DhcpPacket): NetbootClient => ({
  architectures: options.clientArchitectures ?? [],
  vendorClass: options.vendorClass,
  userClasses: options.userClasses ?? [],
  hasIpxeFeatures: options.ipxeFeatures !== undefined,
  speaksHttps: options.ipxeFeatures !== undefined && ipxeFacts(options.ipxeFeatures).https,
})

/** What a client said of itself, as a witness of who stands where. Every text is bounded. */
export function clientFacts(packet: DhcpPacket): Record<string, string | null> {
  const { vendorClass, hostName, relayAgent } = packet.options
  const relay = relayAgentFacts(relayAgent ?? new Uint8Array())
  const hex = (bytes: Uint8Array | undefined): string | null =>
    bytes === undefined ? null : toHex(bytes)
  return {
    vendorClass: vendorClass === undefined ? null : printable(vendorClass),
    hostName: hostName === undefined ? null : printable(hostName),
    uuid: uuidOf(packet) ?? null,
    circuitId: hex(relay.circuitId),
    remoteId: hex(relay.remoteId),
    stage: stageOf(packet),
  }
}

const stageOf = (packet: DhcpPacket): 'ipxe' | 'firmware' | 'system' => {
  const client = netbootClientOf(packet)
  if (isIpxe(client)) return 'ipxe'
  return /^(PXE|HTTP)Client/.test(client.vendorClass ?? '') ? 'firmware' : 'system'
}
