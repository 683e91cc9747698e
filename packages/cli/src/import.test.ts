import { writeFile } from 'node:fs/promises'
import type { RackDocument } from '@brickyard/model/rack'
import { decodeLogin, handoverContext } from '@brickyard/model/sealed-login'
import { boxKeyId, boxKeys, openBox } from '@brickyard/std/sealed-box'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rackOf, tellFleet } from '../../../test/console/fixtures/fleet.ts'
import { hubRig, PASSWORD, type HubRig } from '../../../test/console/fixtures/hub-rig.ts'
import type { ScriptedSite } from '../../../test/console/fixtures/scripted-site.ts'
import { yardRig, type YardRig } from './yard-rig.ts'

const KEYS = boxKeys(new Uint8Array(32).fill(5))
const LIST =
  'name,serial,user,password\n' +
  'sled-01,BW-1,ADMIN,tag-4711\n' +
  'sled-02,BW-2,ADMIN,"tag,4712"\n' +
  'sled-03,BW-3,,\n'

describe('yard sled import', () => {
  let hub: HubRig
  let site: ScriptedSite
  let yard: YardRig
  const taken: string[] = []

  beforeAll(async () => {
    hub = await hubRig()
    const declared = { name: 'tower-17', displayName: 'Tower 17', rack: rackOf('tower-17', 17) }
    site = await hub.site(declared, (act, from) => {
      if (act.act.kind !== 'give-login') return
      const bytes = openBox(KEYS.privateKey, handoverContext('tower-17', act.sled), act.act.box)
      const login = bytes.ok ? decodeLogin(bytes.value) : bytes
      if (login.ok) taken.push(`${act.sled} ${login.value.user} ${login.value.password}`)
      void from.tell('act.result', { act: act.id, ok: login.ok, reason: null })
    })
    await tellFleet(site, 'tower-17')
    yard = await yardRig()
    await yard.run(`login ${hub.url} --user admin`, { readInput: () => Promise.resolve(PASSWORD) })
    await writeFile(`${yard.folder}/list.csv`, LIST)
  })
  afterAll(async () => {
    await yard.close()
    await hub.close()
  })
  const rack = async (): Promise<RackDocument> => {
    const found = await hub.client.sites.rack('tower-17')
    if (!found.ok) throw new Error('no rack')
    return found.value as Partial<RackDocument> as RackDocument
  }

  it('hands nothing over before the site has told its key', async () => {
    const ran = await yard.run(`sled import tower-17 ${yard.folder}/list.csv --yes`)
    expect([ran.exit, ran.err]).toEqual([
      1,
      'tower-17 has told no key yet: is its agent running?\n',
    ])
    const sealingKey = KEYS.publicKey
    await site.tell('site.started', { agentVersion: '0.1.0', bootId: 'boot-2', sealingKey })
  })

  it('shows what it would do, and does nothing, until somebody says yes', async () => {
    const before = await rack()
    const dry = await yard.run(`sled import tower-17 ${yard.folder}/list.csv --dry-run`)
    expect(dry).toMatchInlineSnapshot(`
      {
        "err": "",
        "exit": 0,
        "out": "LINE  SLED     CHANGES      LOGIN
      2     sled-01  serial, bmc  ADMIN
      3     sled-02  serial, bmc  ADMIN
      4     sled-03  serial       -
      ",
      }
    `)
    const asked = await yard.run(`sled import tower-17 ${yard.folder}/list.csv`)
    expect(asked.exit).toBe(2)
    expect(await rack()).toEqual(before)
    expect(taken).toEqual([])
  })

  it('does nothing with a list that is wrong anywhere, and says where', async () => {
    await writeFile(`${yard.folder}/wrong.csv`, `${LIST}sled-04,BW-1,ADMIN,tag-4714\n`)
    const ran = await yard.run(`sled import tower-17 ${yard.folder}/wrong.csv --yes`)
    expect(ran.exit).toBe(2)
    expect(ran.err).toContain(
      "wrong.csv:5: serial is 'BW-1'; expected one that line 2 does not have",
    )
    expect(ran.err).not.toContain('4714')
    expect((await rack()).sleds[0]?.serial).toBeUndefined()
    expect(taken).toEqual([])
  })

  it('seals to no key but the one that somebody read off the appliance', async () => {
    const ran = await yard.run(
      `sled import tower-17 ${yard.folder}/list.csv --yes --sealing-key 0000000000000000`,
    )
    expect(ran.exit).toBe(4)
    expect(taken).toEqual([])
  })

  it('changes the rack and hands the logins to the site, which alone can read them', async () => {
    const key = boxKeyId(KEYS.publicKey)
    const ran = await yard.run(
      `sled import tower-17 ${yard.folder}/list.csv --yes --sealing-key ${key}`,
    )
    expect(ran.exit).toBe(0)
    expect(ran.out).toContain('tower-17/sled-02  sealed and taken')
    expect(ran.out).toContain('tower-17/sled-03  nothing to hand over')
    expect(ran.out + ran.err).not.toMatch(/tag.471/)
    expect(taken).toEqual(['sled-01 ADMIN tag-4711', 'sled-02 ADMIN tag,4712'])
    const { sleds } = await rack()
    expect(sleds.slice(0, 3).map(({ serial, bmc }) => [serial, bmc?.user])).toEqual([
      ['BW-1', 'ADMIN'],
      ['BW-2', 'ADMIN'],
      ['BW-3', 'brickyard'],
    ])
  })

  it('may be said again', async () => {
    const before = await hub.client.sites.get('tower-17')
    const ran = await yard.run(`sled import tower-17 ${yard.folder}/list.csv --yes`)
    expect(ran.exit).toBe(0)
    expect(ran.err).toContain('unchanged')
    const after = await hub.client.sites.get('tower-17')
    expect(after.ok && before.ok && after.value.wantedGeneration).toBe(
      before.ok && before.value.wantedGeneration,
    )
  })
})
