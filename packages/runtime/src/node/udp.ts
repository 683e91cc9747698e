import dgram from 'node:dgram'
import { lookup } from 'node:dns'
import { isIPv4 } from 'node:net'
import { MiB } from '@brickyard/std/units'
import type { Udp, UdpSocket } from '../udp.ts'

/** Bursts of 48 sleds asking at once must not be lost in the kernel while we commit. */
const RECEIVE_BUFFER_BYTES = MiB(4)

type Lookup = NonNullable<dgram.SocketOptions['lookup']>

/**
 * An address needs no resolver. Node's own looks one up all the same, a turn of the loop later: each
 * datagram would pay for it, and the last one before `close` would never leave.
 */
const lookupNames: Lookup = (host, options, found) => {
  if (isIPv4(host)) found(null, host, 4)
  else lookup(host, options, found)
}

export const nodeUdp: Udp = {
  bind: ({ address, port, fd, broadcast }) =>
    new Promise<UdpSocket>((resolve, reject) => {
      const socket = dgram.createSocket({ type: 'udp4', reuseAddr: false, lookup: lookupNames })
      const refuse = (cause: Error): void => {
        const where = fd === undefined ? `${address}:${port}` : `descriptor ${fd}`
        reject(new Error(`cannot bind UDP ${where}: ${cause.message}`, { cause }))
      }
      socket.once('error', refuse)
      socket.once('listening', () => {
        socket.off('error', refuse)
        if (broadcast === true) socket.setBroadcast(true)
        try {
          socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
        } catch {
          // The kernel's limit is lower: its own default stays.
        }
        resolve(wrap(socket))
      })
      if (fd === undefined) socket.bind(port, address)
      else socket.bind({ fd })
    }),
}

function wrap(socket: dgram.Socket): UdpSocket {
  const local = socket.address()
  let closed = false
  let onError = (_error: Error): void => undefined
  socket.on('error', (error) => onError(error))
  return {
    local: { address: local.address, port: local.port },
    send(datagram, to) {
      if (closed) return
      socket.send(datagram, to.port, to.address, (error) => {
        if (error !== null && !closed) onError(error)
      })
    },
    onDatagram(take) {
      socket.on('message', (datagram, from) =>
        take(datagram, { address: from.address, port: from.port }),
      )
    },
    onError(take) {
      onError = take
    },
    close() {
      if (closed) return
      closed = true
      socket.close()
    },
  }
}
