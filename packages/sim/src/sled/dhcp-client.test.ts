import { decodePacket, type DhcpPacket, encodePacket } from '@brickyard/dhcp/packet'
import { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../seeded-random.ts'
import { virtualClock } from '../virtual-clock.ts'
import { virtualNetwork } from '../virtual-network.ts'
import { acquireLease } from './dhcp-client.ts'

const ip = (text: string): Ipv4 => text as Ipv4
const ADDRESS = ip('10.98.0.70')
const SERVER = ip('10.98.0.66')
const PROXY = ip('10.98.0.1')
const PXE = { vendorClass: 'PXEClient:Arch:00007:UNDI:003016', clientArchitectures: [7] }

/** A link with a server of addresses and, if wanted, a proxy that is the quicker of the two. */
async function link(withProxy: boolean) {
  const clock = virtualClock()
  const random = seededRandom('dhcp-client')
  const network = virtualNetwork(clock, random)
  /** Answers each DISCOVER and REQUEST that `reply` has something to say to. */
  const serve = async (
    address: Ipv4,
    reply: (asked: DhcpPacket) => Partial<DhcpPacket> | undefined,
    delayMs: number,
  ): Promise<void> => {
    const host = network.host(address)
    host.attach({ interface: 'eth0', segment: 'a', address })
    const socket = await host.udp.bind({ address: '0.0.0.0', port: 67, broadcast: true })
    socket.onDatagram((bytes) => {
      const decoded = decodePacket(bytes)
      const said = decoded.ok ? reply(decoded.value.packet) : undefined
      if (!decoded.ok || said === undefined) return
      const packet: DhcpPacket = { ...decoded.value.packet, op: 'reply', ...said }
      clock.after(delayMs, () =>
        socket.send(encodePacket(packet), { address: '255.255.255.255', port: 68 }),
      )
    })
  }
  await serve(
    SERVER,
    ({ options: { messageType } }) => ({
      yiaddr: ADDRESS,
      options: { messageType: messageType === 'discover' ? 'offer' : 'ack', serverId: SERVER },
    }),
    500,
  )
  const proxied = { messageType: 'offer', serverId: PROXY, bootFileName: 'a.efi' } as const
  if (withProxy) {
    const offer = { siaddr: PROXY, options: proxied }
    await serve(PROXY, ({ options }) => (options.messageType === 'discover' ? offer : undefined), 0)
  }
  const client = network.host('client')
  client.attach({ interface: 'eth0', segment: 'a' })
  return { ports: { clock, random, udp: client.udp }, clock }
}

async function lease(withProxy: boolean, identity: object) {
  const { ports, clock } = await link(withProxy)
  const leasing = acquireLease(ports, 'eth0', '02:00:00:00:00:01' as Mac, identity)
  await clock.advance(10_000)
  const got = await leasing
  if (!got.ok) throw new Error(got.error)
  return got.value
}

describe('a sled’s DHCP client', () => {
  it('takes the address from its server and what to boot from a proxy', async () => {
    expect(await lease(true, PXE)).toMatchObject({
      address: ADDRESS,
      serverId: SERVER,
      nextServer: PROXY,
      bootFile: 'a.efi',
    })
  })

  it('takes the address alone where there is no proxy, or nothing to boot', async () => {
    expect(await lease(false, PXE)).toMatchObject({ address: ADDRESS, bootFile: '' })
    expect(await lease(true, {})).toMatchObject({ address: ADDRESS, bootFile: '' })
  })
})
