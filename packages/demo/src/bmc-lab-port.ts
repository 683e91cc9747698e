import { nodeUdp } from '@brickyard/runtime/node/udp'
import type { UdpSocket } from '@brickyard/runtime/udp'
import type { NetworkHost } from '@brickyard/sim/virtual-network'

/** Consoles served at once through one lab port; the oldest makes room. */
const CLIENTS_MAX = 16

/**
 * A real UDP port of this machine that leads to one simulated BMC, so that `ipmitool` can talk to it.
 * Each outside client gets a socket of its own on the simulated network, as behind a NAT.
 */
export async function openBmcLabPort(
  inside: NetworkHost,
  bmc: { readonly address: string; readonly port: number },
): Promise<{ readonly port: number; close(): void }> {
  const outside = await nodeUdp.bind({ address: '127.0.0.1', port: 0 })
  const clients = new Map<string, Promise<UdpSocket>>()
  const clientSocket = (address: string, port: number): Promise<UdpSocket> => {
    const key = `${address}:${port}`
    const held = clients.get(key)
    if (held !== undefined) return held
    const opening = inside.udp.bind({ address: '0.0.0.0', port: 0 }).then((socket) => {
      socket.onDatagram((datagram) => outside.send(datagram, { address, port }))
      return socket
    })
    clients.set(key, opening)
    const [oldest] = clients.keys()
    if (clients.size > CLIENTS_MAX && oldest !== undefined) {
      void clients.get(oldest)?.then((socket) => socket.close())
      clients.delete(oldest)
    }
    return opening
  }
  outside.onDatagram((datagram, from) => {
    void clientSocket(from.address, from.port).then((socket) => socket.send(datagram, bmc))
  })
  outside.onError(() => undefined)
  return {
    port: outside.local.port,
    close() {
      outside.close()
      for (const socket of clients.values()) void socket.then((open) => open.close())
    },
  }
}
