import type { Udp, UdpSocket } from '@brickyard/runtime/udp'

/** Every sled hears every broadcast answer and takes its own, as on a real wire. */
export function sharedPort(socket: UdpSocket): Udp {
  const hearers = new Set<(bytes: Uint8Array, from: { address: string; port: number }) => void>()
  socket.onDatagram((bytes, from) => {
    for (const hear of hearers) hear(bytes, from)
  })
  return {
    bind: async () => {
      let hear: ((bytes: Uint8Array, from: { address: string; port: number }) => void) | undefined
      return {
        local: socket.local,
        send: (bytes, to) => socket.send(bytes, to),
        onDatagram(take) {
          hear = take
          hearers.add(take)
        },
        onError: () => undefined,
        close: () => {
          if (hear !== undefined) hearers.delete(hear)
        },
      }
    },
  }
}
