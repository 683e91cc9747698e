import type { Udp, UdpAddress, UdpBind, UdpSocket } from '@brickyard/runtime/udp'

interface SharedSocket {
  readonly socket: Promise<UdpSocket>
  readonly takers: Set<(datagram: Uint8Array, from: UdpAddress) => void>
  readonly listeners: Set<(error: Error) => void>
  users: number
}

/**
 * One socket for all networks that come in by the same device and port: those behind relays do. Each
 * user hears every datagram; the socket closes with its last user.
 */
export function sharePorts(udp: Udp): Udp {
  const open = new Map<string, SharedSocket>()

  function shared(bind: UdpBind): SharedSocket {
    const key = `${bind.interface ?? ''}:${bind.port}`
    const held = open.get(key)
    if (held !== undefined) return held
    const made: SharedSocket = {
      takers: new Set(),
      listeners: new Set(),
      users: 0,
      socket: (async () => {
        try {
          const socket = await udp.bind(bind)
          socket.onDatagram((datagram, from) => {
            for (const take of made.takers) take(datagram, from)
          })
          socket.onError((error) => {
            for (const listen of made.listeners) listen(error)
          })
          return { ...socket, close: () => (open.delete(key), socket.close()) }
        } catch (error) {
          open.delete(key)
          throw error
        }
      })(),
    }
    open.set(key, made)
    return made
  }

  return {
    async bind(bind) {
      const held = shared(bind)
      const socket = await held.socket
      const own: {
        take?: (datagram: Uint8Array, from: UdpAddress) => void
        listen?: (error: Error) => void
      } = {}
      held.users++
      let closed = false
      return {
        local: socket.local,
        send: (datagram, to) => {
          if (!closed) socket.send(datagram, to)
        },
        onDatagram(take) {
          if (own.take !== undefined) held.takers.delete(own.take)
          own.take = take
          held.takers.add(take)
        },
        onError(listen) {
          if (own.listen !== undefined) held.listeners.delete(own.listen)
          own.listen = listen
          held.listeners.add(listen)
        },
        close() {
          if (closed) return
          closed = true
          if (own.take !== undefined) held.takers.delete(own.take)
          if (own.listen !== undefined) held.listeners.delete(own.listen)
          held.users--
          if (held.users === 0) socket.close()
        },
      }
    },
  }
}
