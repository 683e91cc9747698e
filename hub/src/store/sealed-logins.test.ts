import type { SledName } from '@brickyard/model/names'
import Database from 'better-sqlite3'
import { SqliteDialect } from 'kysely'
import { expect, it } from 'vitest'
import { openHubStore } from './hub-store.ts'
import { listSealedLogins, putSealedLogin } from './sealed-logins.ts'

it('the newest sealed logins of each sled are kept, and those of another sled are let alone', async () => {
  const store = await openHubStore(new SqliteDialect({ database: new Database(':memory:') }))
  const put = (sled: string, event: number) =>
    store.write((tx) => {
      const body = { sled: sled as SledName, operation: `op-${event}`, keyId: 'k', user: 'u' }
      return putSealedLogin(tx, 'edge', { ...body, box: `box ${event}` }, 1000 + event, event)
    })
  await put('sled-02', 1)
  for (let event = 2; event <= 12; event++) await put('sled-01', event)
  const boxes = (sled: string) =>
    store.read(async (tx) => (await listSealedLogins(tx, 'edge', sled)).map(({ box }) => box))
  expect(await boxes('sled-01')).toEqual([12, 11, 10, 9, 8, 7, 6, 5].map((n) => `box ${n}`))
  expect(await boxes('sled-02')).toEqual(['box 1'])
  await store.close()
})
