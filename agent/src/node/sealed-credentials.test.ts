import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SledName } from '@brickyard/model/names'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { migrate } from '@brickyard/runtime/store'
import { boxKeys, openBox, sealBox } from '@brickyard/std/sealed-box'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SITE_MIGRATIONS } from '../store/migrations.ts'
import { readSiteKey, sealedCredentials } from './sealed-credentials.ts'

const SLED = 'sled-01' as SledName
const KEY = new Uint8Array(32).fill(7)

function openStore() {
  const store = openNodeStore({ path: ':memory:', durable: false })
  migrate(store, SITE_MIGRATIONS)
  return store
}

describe('sealed credentials', () => {
  it('give back what was sealed, and hold no plain text', () => {
    const store = openStore()
    const credentials = sealedCredentials(store, KEY)
    expect(credentials.set(SLED, 'a secret word').ok).toBe(true)
    expect(credentials.bmcPassword(SLED)).toEqual({ ok: true, value: 'a secret word' })
    const row = store.read((sql) =>
      sql.get<{ sealed: Uint8Array }>('SELECT sealed FROM credential'),
    )
    expect(Buffer.from(row?.sealed ?? []).includes('secret')).toBe(false)
  })

  it('open under no other key and for no other sled', () => {
    const store = openStore()
    sealedCredentials(store, KEY).set(SLED, 'x')
    const other = sealedCredentials(store, new Uint8Array(32).fill(8)).bmcPassword(SLED)
    expect(!other.ok && other.error).toContain('another key')
    store.tx((sql) => sql.run("UPDATE credential SET sled = 'sled-02'"))
    expect(sealedCredentials(store, KEY).bmcPassword('sled-02' as SledName).ok).toBe(false)
  })

  it('seal records of other tables for one sled alone, and open what is sealed for the site', () => {
    const credentials = sealedCredentials(openStore(), KEY)
    const sealed = credentials.seal(SLED, 'a secret word')
    expect(Buffer.from(sealed).includes('secret')).toBe(false)
    expect(credentials.open(SLED, sealed)).toEqual({ ok: true, value: 'a secret word' })
    expect(credentials.open('sled-02' as SledName, sealed).ok).toBe(false)
    const { publicKey, privateKey } = boxKeys(credentials.boxSecret())
    const box = sealBox(publicKey, 'here', Uint8Array.of(1), new Uint8Array(32).fill(9))
    expect(box.ok && openBox(privateKey, 'here', box.value).ok).toBe(true)
    expect(credentials.boxSecret()).not.toEqual(KEY)
  })

  it('say how to set a password that is missing, and refuse an empty one', () => {
    const credentials = sealedCredentials(openStore(), KEY)
    const missing = credentials.bmcPassword(SLED)
    expect(!missing.ok && missing.error).toContain('"brickyard-agent credential set sled-01"')
    expect(credentials.set(SLED, '').ok).toBe(false)
  })
})

describe('the site key', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'site-key-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is made once, for its owner alone, and read again', () => {
    const path = join(folder, 'site.key')
    const made = readSiteKey(path, undefined, true)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readSiteKey(path, undefined, false)).toEqual(made)
  })

  it('comes from the credential of the unit where there is one', () => {
    writeFileSync(join(folder, 'site-key'), 'k'.repeat(40))
    const key = readSiteKey('/nowhere', folder, false)
    expect(key.ok && key.value.length).toBe(32)
    writeFileSync(join(folder, 'site-key'), 'short')
    expect(readSiteKey('/nowhere', folder, false).ok).toBe(false)
    expect(readSiteKey('/nowhere', undefined, false).ok).toBe(false)
  })
})
