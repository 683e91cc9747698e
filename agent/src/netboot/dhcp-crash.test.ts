import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import { migrate } from '@brickyard/runtime/store'
import { storeDisk, type StoreDisk } from '@brickyard/sim/crashing-store'
import { describe, expect, it } from 'vitest'
import {
  ip,
  NETWORK,
  requestFrom,
  silentLog,
  standingClock,
  startDhcp,
  strangerMac,
  US,
} from './dhcp-rig.ts'
import { createLeaseStore, LEASE_TABLES } from './lease-store.ts'

const CLIENTS = 12
const pool = { first: ip('10.98.0.100'), last: ip('10.98.0.119') }
const pools = { unknown: pool }
const network = { ...NETWORK, pool: { first: ip('10.98.0.20'), last: ip('10.98.0.29') }, pools }

/** One life of the server on a disk that outlives it. */
async function life(disk: StoreDisk) {
  const store = disk.open()
  const { clock, move } = standingClock()
  const leases = createLeaseStore({ store, clock, log: silentLog })
  const rig = await startDhcp({ network, clock, leases })
  return { ...rig, move }
}

/**
 * DISCOVER and REQUEST of each client, and who was acknowledged what before the power went, after
 * the `nth` commit. What the server does from then on nobody sees.
 */
async function boots(
  disk: StoreDisk,
  nth = Infinity,
): Promise<{ acknowledged: Map<Mac, Ipv4>; died: boolean }> {
  const { hear, sent, move } = await life(disk)
  let seen: number | undefined
  const untrap = disk.afterCommit(nth, () => {
    seen = sent.length
    disk.crash()
  })
  for (let n = 0; n < CLIENTS; n++) {
    const mac = strangerMac(n)
    hear(67, requestFrom(mac, { messageType: 'discover' }, { xid: n }))
    const requestedAddress = sent.findLast(({ packet }) => packet?.xid === n)?.packet?.yiaddr
    hear(
      67,
      requestFrom(mac, { messageType: 'request', requestedAddress, serverId: US }, { xid: n }),
    )
    // Every third client has a commit of its own.
    if (n % 3 === 0) move(5)
  }
  move(50)
  const died = untrap()
  if (!died) disk.crash()
  const acknowledged = new Map<Mac, Ipv4>()
  for (const { packet } of sent.slice(0, seen)) {
    if (packet?.options.messageType !== 'ack') continue
    acknowledged.set(strangerMac(packet.xid), packet.yiaddr)
  }
  return { acknowledged, died }
}

describe('a server that dies', () => {
  it('after any of its commits forgets no address it acknowledged, and gives it to nobody else', async () => {
    let deaths = 0
    for (let nth = 1; nth < CLIENTS; nth++) {
      const disk = storeDisk()
      migrate(disk.open(), [LEASE_TABLES])
      disk.crash()
      const { acknowledged, died } = await boots(disk, nth)
      if (died) deaths++
      const { hear, sent, move } = await life(disk)
      for (let n = 100; n < 120; n++) {
        hear(67, requestFrom(strangerMac(n), { messageType: 'discover' }))
      }
      const offered = new Set(sent.map(({ packet }) => packet?.yiaddr))
      for (const [mac, address] of acknowledged) {
        expect(offered.has(address)).toBe(false)
        sent.length = 0
        hear(67, requestFrom(mac, { messageType: 'request', requestedAddress: address }))
        move(10)
        expect(sent[0]?.packet).toMatchObject({ yiaddr: address, options: { messageType: 'ack' } })
      }
    }
    expect(deaths).toBeGreaterThan(3)
  })

  it('with its leases damaged knows them again from the clients that hold them', async () => {
    const disk = storeDisk()
    migrate(disk.open(), [LEASE_TABLES])
    disk.crash()
    const { acknowledged } = await boots(disk)
    expect(acknowledged.size).toBe(CLIENTS)
    const store = disk.open()
    store.tx((sql) => sql.run('ALTER TABLE lease DROP COLUMN client_key'))
    disk.crash()
    const { hear, sent, move, server } = await life(disk)
    expect(server.leases()).toEqual([])
    for (const [mac, ciaddr] of acknowledged) {
      hear(67, requestFrom(mac, { messageType: 'request' }, { ciaddr }))
    }
    move(50)
    expect(sent.map(({ packet }) => packet?.yiaddr)).toEqual([...acknowledged.values()])
  })
})
