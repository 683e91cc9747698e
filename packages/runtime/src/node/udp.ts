import dgram from 'node:dgram'
import { lookup } from 'node:dns'
import { isIPv4 } from 'node:net'
import { MiB } from '@brickyard/std/units'
import type { Udp, UdpAddress, UdpBind, UdpSocket } from '../udp.ts'

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
  async bind(wanted) {
    if (wanted.peer !== undefined) return await bindForPeer(wanted, wanted.peer)
    const socket = await bound(wanted, false)
    if (wanted.broadcast === true) socket.setBroadcast(true)
    return wrap(socket)
  },
}

const bound = ({ address, port, fd }: UdpBind, reuseAddr: boolean): Promise<dgram.Socket> =>
  new Promise((resolve, reject) => {
    const socket = dgram.createSocket({ type: 'udp4', reuseAddr, lookup: lookupNames })
    const refuse = (cause: Error): void => {
      const where = fd === undefined ? `${address}:${port}` : `descriptor ${fd}`
      reject(new Error(`cannot bind UDP ${where}: ${cause.message}`, { cause }))
    }
    socket.once('error', refuse)
    socket.once('listening', () => {
      socket.off('error', refuse)
      try {
        socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
      } catch {
        // The kernel's limit is lower: its own default stays.
      }
      resolve(socket)
    })
    if (fd === undefined) socket.bind(port, address)
    else socket.bind({ fd })
  })

/**
 * Two sockets on one port. What the peer sends comes to the one that is connected to it, which looks
 * up no route for a datagram; all else comes to the other, so that nobody is refused by ICMP.
 */
async function bindForPeer(wanted: UdpBind, peer: UdpAddress): Promise<UdpSocket> {
  const others = wrap(await bound(wanted, true))
  let direct: dgram.Socket
  try {
    direct = await connected({ ...wanted, port: others.local.port }, peer)
  } catch (error) {
    others.close()
    throw error
  }
  const own = wrap(direct)
  let closed = false
  return {
    local: others.local,
    send(datagram, to) {
      if (to.port !== peer.port || to.address !== peer.address) others.send(datagram, to)
      else if (!closed) direct.send(datagram)
    },
    onDatagram(take) {
      for (const each of [own, others]) each.onDatagram(take)
    },
    onError(take) {
      for (const each of [own, others]) each.onError(take)
    },
    close() {
      closed = true
      for (const each of [own, others]) each.close()
    },
  }
}

async function connected(wanted: UdpBind, { address, port }: UdpAddress): Promise<dgram.Socket> {
  const socket = await bound(wanted, true)
  try {
    // With an error where it failed, though its type says otherwise.
    await new Promise<void>((resolve, reject) => {
      socket.connect(port, address, (error?: Error) => (error ? reject(error) : resolve()))
    })
    return socket
  } catch (cause) {
    socket.close()
    throw new Error(`cannot reach UDP ${address}:${port}: ${(cause as Error).message}`, { cause })
  }
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
      // A datagram may come from there (RFC 768: nobody to answer); Node throws on the way back.
      if (to.port === 0) return onError(new Error(`cannot send to ${to.address}: it has no port`))
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
