import type { Udp, UdpAddress, UdpSocket } from '@brickyard/runtime/udp'
import { toHex } from '@brickyard/std/hex'

type Hear = (bytes: Uint8Array, from: UdpAddress) => void

/** Where the client's hardware address stands in a DHCP packet (RFC 2131 §2). */
const CHADDR_AT = 28
const MAC_BYTES = 6
const macIn = (bytes: Uint8Array): string => toHex(bytes.subarray(CHADDR_AT, CHADDR_AT + MAC_BYTES))

/**
 * One real socket for all sleds. Answers are sorted by the hardware address each sled asked with, as
 * its own NIC would do, so that the sleds are not what is measured.
 */
export function sharedPort(socket: UdpSocket): Udp {
  const hearers = new Map<string, Hear>()
  socket.onDatagram((bytes, from) => hearers.get(macIn(bytes))?.(bytes, from))
  return {
    bind: async () => {
      let hear: Hear = () => undefined
      let mac: string | undefined
      return {
        local: socket.local,
        send(bytes, to) {
          if (mac === undefined) {
            mac = macIn(bytes)
            hearers.set(mac, (answer, from) => hear(answer, from))
          }
          socket.send(bytes, to)
        },
        onDatagram(take) {
          hear = take
        },
        onError: () => undefined,
        close: () => {
          if (mac !== undefined) hearers.delete(mac)
        },
      }
    },
  }
}
