import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrate } from '../store.ts'
import { openNodeStore } from './store.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brickyard-store-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the store', () => {
  it('keeps nothing of a transaction that throws', () => {
    const store = openNodeStore({ path: ':memory:', durable: true })
    migrate(store, ['CREATE TABLE t (n INTEGER) STRICT'])
    expect(() =>
      store.tx((sql) => {
        sql.run('INSERT INTO t VALUES (1)')
        throw new Error('half way')
      }),
    ).toThrow('half way')
    expect(store.read((sql) => sql.all('SELECT n FROM t'))).toEqual([])
    store.close()
  })

  it('migrates forward only, once, and refuses a store from a newer release', () => {
    const path = join(folder, 'a.db')
    const first = openNodeStore({ path, durable: true })
    migrate(first, ['CREATE TABLE a (n INTEGER) STRICT'])
    migrate(first, ['CREATE TABLE a (n INTEGER) STRICT', 'CREATE TABLE b (n INTEGER) STRICT'])
    first.close()
    const second = openNodeStore({ path, durable: true })
    expect(() => migrate(second, ['CREATE TABLE a (n INTEGER) STRICT'])).toThrow('newer release')
    second.close()
  })

  it('keeps 2 MiB of its pages in memory, however large it grows', () => {
    const store = openNodeStore({ path: join(folder, 'a.db'), durable: true })
    expect(store.read((sql) => sql.get('PRAGMA cache_size'))).toEqual({ cache_size: -2048 })
    store.close()
  })

  it('at its cap refuses writes and goes on reading', () => {
    const store = openNodeStore({ path: join(folder, 'cap.db'), durable: true, bytesMax: 65536 })
    migrate(store, ['CREATE TABLE t (b BLOB) STRICT'])
    store.tx((sql) => sql.run('INSERT INTO t VALUES (?)', new Uint8Array(1000)))
    expect(() =>
      store.tx((sql) => sql.run('INSERT INTO t VALUES (?)', new Uint8Array(100_000))),
    ).toThrow(/full/)
    expect(store.read((sql) => sql.all('SELECT length(b) AS n FROM t'))).toEqual([{ n: 1000 }])
    store.close()
  })
})
