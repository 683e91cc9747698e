import type { LeaseChange } from '@brickyard/dhcp/lease-machine'
import type { Lease } from '@brickyard/dhcp/lease-table'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { migrate, type Store } from '@brickyard/runtime/store'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLeaseStore, LEASE_TABLES, type LeaseStore } from './lease-store.ts'

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}

/** A clock that stands until it is moved. */
function standingClock(startWallMs: number) {
  let [wall, monotonic] = [startWallMs, 5000]
  const due: { atMs: number; work: () => void }[] = []
  const clock: Clock = {
    wallMs: () => wall,
    monotonicMs: () => monotonic,
    after(delayMs, work) {
      const entry = { atMs: monotonic + delayMs, work }
      due.push(entry)
      return { cancel: () => void due.splice(due.indexOf(entry), 1) }
    },
  }
  const move = (ms: number): void => {
    wall += ms
    monotonic += ms
    for (const entry of due.filter(({ atMs }) => atMs <= monotonic)) {
      due.splice(due.indexOf(entry), 1)
      entry.work()
    }
  }
  return { clock, move }
}

const save = (last: number, expiresAtMs: number, state: Lease['state'] = 'bound'): LeaseChange => ({
  kind: 'save',
  lease: { address: `10.98.0.${last}` as Ipv4, key: `hw:1:${last}`, state, expiresAtMs },
})

describe('lease store', () => {
  let store: Store
  let commits: number
  let leases: LeaseStore
  let time: ReturnType<typeof standingClock>

  beforeEach(() => {
    const real = openNodeStore({ path: ':memory:', durable: false })
    migrate(real, [LEASE_TABLES])
    commits = 0
    store = {
      read: (work) => real.read(work),
      tx(work) {
        commits++
        return real.tx(work)
      },
      close: () => real.close(),
    }
    time = standingClock(1_000_000)
    leases = createLeaseStore({ store, clock: time.clock, log: silent })
  })

  it('lets nobody go before the commit, and many with one', () => {
    const order: string[] = []
    for (const last of [1, 2, 3]) {
      leases.commit('a', [save(last, 9000)], (saved) => order.push(`${last}:${saved}`))
    }
    expect([commits, order]).toEqual([0, []])
    time.move(2)
    // Others joined it meanwhile, and more may come.
    expect(commits).toBe(0)
    time.move(1)
    expect([commits, order]).toEqual([1, ['1:true', '2:true', '3:true']])
    time.move(100)
    expect(commits).toBe(1)
  })

  it('keeps one client alone waiting for 2 ms, and many in a row for 10 ms', () => {
    const settledAtMs: number[] = []
    const ask = (last: number): void => {
      leases.commit('a', [save(last, 9000)], () => settledAtMs.push(time.clock.monotonicMs()))
    }
    const beganMs = time.clock.monotonicMs()
    ask(1)
    time.move(2)
    expect(settledAtMs).toEqual([beganMs + 2])
    for (let n = 0; n < 12; n++) {
      ask(2 + n)
      time.move(1)
    }
    expect(commits).toBe(2)
    expect(new Set(settledAtMs.slice(1))).toEqual(new Set([beganMs + 12]))
  })

  it('gathers longer on a slow disk, within bounds', () => {
    const real = store.tx
    store.tx = (work) => {
      time.move(500)
      return real(work)
    }
    leases.commit('a', [save(1, 9000)], () => undefined)
    leases.flush()
    store.tx = real
    let settled = 0
    leases.commit('a', [save(2, 9000)], () => settled++)
    time.move(9)
    expect(settled).toBe(0)
    time.move(1)
    expect(settled).toBe(1)
  })

  it('commits a full group at once, and answers it in pieces that a relay has room for', () => {
    const settled: number[] = []
    for (let n = 0; n < 256; n++) leases.commit('a', [save(n % 200, 9000)], () => settled.push(n))
    expect([commits, settled.length]).toEqual([1, 16])
    for (let piece = 1; piece < 16; piece++) time.move(1)
    expect(settled).toEqual(Array.from({ length: 256 }, (_, n) => n))
  })

  it('answers the whole group at once when the agent stops', () => {
    let settled = 0
    for (let n = 0; n < 100; n++) leases.commit('a', [save(n, 9000)], () => settled++)
    leases.flush()
    expect([commits, settled]).toEqual([1, 100])
  })

  it('tells everybody of the group when it could not be saved, and goes on', () => {
    const real = store.tx
    store.tx = () => {
      throw new Error('disk full')
    }
    const order: boolean[] = []
    leases.commit('a', [save(1, 9000)], (saved) => order.push(saved))
    leases.flush()
    store.tx = real
    leases.commit('a', [save(2, 9000)], (saved) => order.push(saved))
    leases.flush()
    expect(order).toEqual([false, true])
    expect(leases.load('a', 60)).toHaveLength(1)
  })

  it('brings leases back in order of expiry, on the clock of this run', () => {
    leases.commit('a', [save(1, 65_000), save(2, 35_000, 'declined')], () => undefined)
    leases.commit('b', [save(9, 65_000)], () => undefined)
    leases.flush()
    time.move(10_000)
    expect(leases.load('a', 3600)).toEqual([
      { address: '10.98.0.2', key: 'hw:1:2', state: 'declined', expiresAtMs: 35_000 },
      { address: '10.98.0.1', key: 'hw:1:1', state: 'bound', expiresAtMs: 65_000 },
    ])
  })

  it('gives no lease longer than a lease time, nor a negative one, when the wall clock jumped', () => {
    leases.commit('a', [save(1, 65_000)], () => undefined)
    leases.flush()
    const left = (startWallMs: number): number => {
      const later = standingClock(startWallMs)
      const [lease] = createLeaseStore({ store, clock: later.clock, log: silent }).load('a', 60)
      return (lease?.expiresAtMs ?? 0) - 5000
    }
    expect(left(0)).toBe(60_000)
    expect(left(1_050_000)).toBe(10_000)
    expect(left(9_000_000)).toBe(0)
  })

  it('sets a damaged table aside for people, says so, and begins another', () => {
    leases.commit('a', [save(1, 65_000)], () => undefined)
    leases.flush()
    store.tx((sql) => sql.run('ALTER TABLE lease RENAME COLUMN state TO other'))
    const reasons: (string | undefined)[] = []
    const trouble = (reason: string | undefined): void => void reasons.push(reason)
    const again = createLeaseStore({ store, clock: time.clock, log: silent, trouble })
    expect(again.load('a', 60)).toEqual([])
    expect(reasons).toEqual([expect.stringContaining('set aside as lease_damaged_1000000')])
    const kept = store.read((sql) => sql.all('SELECT address FROM lease_damaged_1000000'))
    expect(kept).toEqual([{ address: '10.98.0.1' }])
    again.commit('a', [save(2, 65_000)], () => undefined)
    again.flush()
    expect(again.load('a', 60)).toHaveLength(1)
  })

  it('passes over rows that make no sense', () => {
    leases.commit('a', [save(1, 65_000)], () => undefined)
    leases.flush()
    store.tx((sql) => {
      sql.run(`INSERT INTO lease VALUES ('a', 'no address', 'hw:1:2', 'bound', 5)`)
    })
    expect(leases.load('a', 60).map(({ address }) => address)).toEqual(['10.98.0.1'])
  })

  it('forgets and replaces', () => {
    leases.commit('a', [save(1, 65_000), save(2, 65_000)], () => undefined)
    leases.commit('a', [{ kind: 'forget', address: '10.98.0.1' as Ipv4 }], () => undefined)
    leases.commit('a', [save(2, 99_000, 'declined')], () => undefined)
    leases.flush()
    expect(leases.load('a', 3600)).toMatchObject([{ address: '10.98.0.2', state: 'declined' }])
  })
})
