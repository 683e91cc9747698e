import type { AddressReservation, PortDeclaration, RackDocument } from '@brickyard/model/rack'

/**
 * The rack document with every address that is kept for a place kept for the ports that lead there:
 * what DHCP hears of a place is the port (option 82). One reservation for each port; a place with two
 * ports gives its address to the first that asks.
 */
export function reserveByPlace(rack: RackDocument): RackDocument {
  const { networks, ports = [] } = rack
  if (!networks.some(({ reservations }) => reservations?.some(hasPlace))) return rack
  const resolved = networks.map((network) => {
    const { reservations } = network
    if (reservations === undefined) return network
    return { ...network, reservations: reservations.flatMap((one) => atPorts(one, ports)) }
  })
  return { ...rack, networks: resolved }
}

const hasPlace = ({ place }: AddressReservation): boolean => place !== undefined

function atPorts(
  { place, ...rest }: AddressReservation,
  ports: readonly PortDeclaration[],
): AddressReservation[] {
  if (place === undefined) return [rest]
  const { address, mac, clientId, circuitId } = rest
  const isKnownOtherwise = [mac, clientId, circuitId].some((known) => known !== undefined)
  const there = ports.filter((port) => port.place === place)
  return [
    ...(isKnownOtherwise ? [rest] : []),
    ...there.map((port) => ({ address, circuitId: port.circuitId, remoteId: port.remoteId })),
  ]
}
