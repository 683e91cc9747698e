import type { SledName } from '@brickyard/model/names'
import { migrate } from '@brickyard/runtime/store'
import { storeDisk, type StoreDisk } from '@brickyard/sim/crashing-store'
import { describe, expect, it } from 'vitest'
import {
  NETWORK,
  requestFrom,
  silentLog,
  SLED,
  SLED_MAC,
  standingClock,
  startDhcp,
  strangerMac,
} from './dhcp-rig.ts'
import { createLeaseStore, LEASE_TABLES } from './lease-store.ts'

/** A sled of the rack without an address of its own, as the one that runs at the first of the pool. */
const POOL_MAC = strangerMac(7)
const RUNNING_MAC = strangerMac(8)
const SLEDS = new Map([
  [SLED_MAC, SLED],
  [POOL_MAC, { ...SLED, name: 'sled-02' as SledName, address: undefined }],
])
const LEASE_MS = NETWORK.leaseSeconds * 1000
const discover = (mac = POOL_MAC) => requestFrom(mac, { messageType: 'discover' })

function damagedDisk(): StoreDisk {
  const disk = storeDisk()
  const store = disk.open()
  migrate(store, [LEASE_TABLES])
  store.tx((sql) => sql.run('ALTER TABLE lease DROP COLUMN client_key'))
  disk.crash()
  return disk
}

/** A server on that disk after so much time, beside a machine that answers at the first of the pool. */
async function life(disk: StoreDisk, laterMs = 0) {
  const { clock, move } = standingClock()
  move(laterMs)
  const leases = createLeaseStore({ store: disk.open(), clock, log: silentLog })
  const taken = new Map([['10.98.0.100', RUNNING_MAC]])
  const rig = await startDhcp({
    clock,
    leases,
    directory: { sledFor: ({ mac }) => SLEDS.get(mac) },
    neighbours: { macOf: (address) => taken.get(address) },
  })
  const offers = () => rig.sent.flatMap(({ packet }) => packet?.yiaddr ?? [])
  return { ...rig, move, offers }
}

describe('a server whose leases were damaged', () => {
  it('offers a sled no address of the pool at which somebody answers', async () => {
    const { hear, move, offers, told } = await life(damagedDisk())
    hear(67, discover())
    expect(offers()).toEqual([])
    move(1000)
    expect(offers()).toEqual(['10.98.0.101'])
    expect(told('dhcp.address-in-use')).toMatchObject([
      { body: { address: '10.98.0.100', mac: RUNNING_MAC } },
    ])
  })

  it('gives a sled its reserved address at once', async () => {
    const { hear, offers } = await life(damagedDisk())
    hear(67, discover(SLED_MAC))
    expect(offers()).toEqual(['10.98.0.11'])
  })

  it('looks for as long as a lease may last, over a restart as well', async () => {
    const disk = damagedDisk()
    await life(disk)
    disk.crash()
    const again = await life(disk, LEASE_MS / 2)
    again.hear(67, discover())
    again.move(1000)
    expect(again.offers()).toEqual(['10.98.0.101'])
    disk.crash()
    const later = await life(disk, LEASE_MS + 1000)
    later.hear(67, discover())
    // No longer than a commit: that the squatter's rest is over is saved.
    later.move(50)
    expect(later.offers()).toEqual(['10.98.0.101'])
  })

  it('that were not, lets no sled wait', async () => {
    const disk = storeDisk()
    migrate(disk.open(), [LEASE_TABLES])
    const { hear, offers } = await life(disk)
    hear(67, discover())
    expect(offers()).toEqual(['10.98.0.100'])
  })
})
