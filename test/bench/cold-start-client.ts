/**
 * The sled's side of the cold start: asks for an address every EVERY_MS from before the server is
 * there, and prints the monotonic time in nanoseconds of the first OFFER.
 */
import { decodePacket, encodePacket } from '@brickyard/dhcp/packet'
import { Ipv4 } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import { nodeUdp } from '@brickyard/runtime/node/udp'

/** A fraction of what is measured; a sled itself asks every four seconds. */
const EVERY_MS = 5
const XID = 0x0c01d57a

const mac = Mac.parse(process.argv[2] ?? '')
if (!mac.ok) throw new Error(mac.error)
const discover = encodePacket({
  op: 'request',
  hardwareType: 1,
  hops: 0,
  xid: XID,
  secs: 0,
  broadcast: true,
  ciaddr: Ipv4.ANY,
  yiaddr: Ipv4.ANY,
  siaddr: Ipv4.ANY,
  giaddr: Ipv4.ANY,
  chaddr: Mac.toBytes(mac.value),
  serverName: '',
  bootFile: '',
  options: {
    messageType: 'discover',
    vendorClass: 'PXEClient:Arch:00007:UNDI:003016',
    clientArchitectures: [7],
    maxMessageSizeBytes: 1472,
  },
})
const socket = await nodeUdp.bind({ address: '0.0.0.0', port: 68, broadcast: true })
socket.onDatagram((bytes) => {
  const at = process.hrtime.bigint()
  const decoded = decodePacket(bytes)
  if (!decoded.ok || decoded.value.packet.xid !== XID) return
  if (decoded.value.packet.options.messageType !== 'offer') return
  process.stdout.write(`offer ${at}\n`, () => process.exit(0))
})
const ask = (): void => socket.send(discover, { address: '255.255.255.255', port: 67 })
ask()
setInterval(ask, EVERY_MS)
console.log('asking')
