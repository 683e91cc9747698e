import type { Store } from '@brickyard/runtime/store'
import { describe, expect, it } from 'vitest'
import { storeDisk } from './crashing-store.ts'
import { createLife, LifeEnded } from './life.ts'
import { virtualClock } from './virtual-clock.ts'

const count = (store: Store): number =>
  store.read((sql) => Number(sql.get<{ n: number }>('SELECT count(*) AS n FROM t')?.n))

describe('a store whose process dies after its k-th commit', () => {
  it('keeps exactly what was committed, and the dead code can change nothing any more', async () => {
    const disk = storeDisk()
    const clock = virtualClock()
    const life = createLife()
    const store = life.store(disk.open())
    store.tx((sql) => sql.run('CREATE TABLE t (x INTEGER)'))
    disk.afterCommit(3, () => {
      disk.crash()
      life.end()
    })
    let timerRan = false
    life.clock(clock).after(10, () => {
      timerRan = true
    })
    const insert = (): void => {
      store.tx((sql) => sql.run('INSERT INTO t VALUES (1)'))
    }
    insert()
    insert()
    expect(insert).toThrow(LifeEnded)
    expect(insert).toThrow(LifeEnded)
    await clock.advance(20)
    expect(timerRan).toBe(false)
    expect(count(disk.open())).toBe(3)
    expect(disk.commits).toBe(4)
  })

  it('forgets a transaction that threw', () => {
    const disk = storeDisk()
    const store = disk.open()
    store.tx((sql) => sql.run('CREATE TABLE t (x INTEGER)'))
    expect(() =>
      store.tx((sql) => {
        sql.run('INSERT INTO t VALUES (1)')
        throw new Error('no')
      }),
    ).toThrow('no')
    store.close()
    expect(count(disk.open())).toBe(0)
  })

  it('is full when it was made small, and works on when room was made', () => {
    const disk = storeDisk()
    const store = disk.open()
    store.tx((sql) => sql.run('CREATE TABLE t (x BLOB)'))
    disk.setCapacity(32_768)
    const insert = (): void => {
      store.tx((sql) => sql.run('INSERT INTO t VALUES (?)', new Uint8Array(16_384)))
    }
    expect(() => {
      for (let n = 0; n < 10; n++) insert()
    }).toThrow(/full/)
    expect(count(store)).toBeGreaterThan(0)
    disk.setCapacity(undefined)
    insert()
  })
})
