import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SledName } from '@brickyard/model/names'
import { rackOf } from '../../../test/console/fixtures/fleet.ts'
import { hubRig, PASSWORD, type HubRig } from '../../../test/console/fixtures/hub-rig.ts'
import { tellBmc } from '../../../test/console/fixtures/bmc.ts'
import { yardRig, type YardRig } from './yard-rig.ts'

const SLED = 'sled-01' as SledName

describe('yard sled, about its BMC', () => {
  let hub: HubRig
  let yard: YardRig
  const acts: { readonly act: unknown }[] = []

  beforeAll(async () => {
    hub = await hubRig()
    const declared = { name: 'tower-17', displayName: 'Tower 17', rack: rackOf('tower-17', 17) }
    const site = await hub.site(declared, (act, from) => {
      acts.push(act)
      void from.tell('act.result', { act: act.id, ok: true, reason: null })
    })
    await tellBmc(site, SLED)
    yard = await yardRig()
    const readInput = () => Promise.resolve(`${PASSWORD}\n`)
    await yard.run(`login ${hub.url} --user admin`, { readInput })
  })
  afterAll(async () => {
    await yard.close()
    await hub.close()
  })

  it('shows sensors with value, limits and age, and what gives no reading as unknown', async () => {
    expect((await yard.run('sled sensors tower-17/sled-01')).out).toMatchInlineSnapshot(`
      "BMC          a little flaky: 36 of 40 readings answered, most within 2.1 s
      path         on a port of its own
      reliability  88 of 100
      draws        184 W

      SENSOR      KIND          HEALTH   VALUE                                  LIMITS    READ
      Fan 1       fan           ok       5400 RPM                               <<600     TIME-OF-THIS-RUN....
      Fan 2       fan           unknown  no reading: the BMC says it is absent            TIME-OF-THIS-RUN....
      PSU 1       power supply  ok?      present                                          TIME-OF-THIS-RUN....  stale
      CPU Temp    temperature   ok       62.5 °C                                >>95      TIME-OF-THIS-RUN....
      Inlet Temp  temperature   warning  41 °C                                  >38 >>42  TIME-OF-THIS-RUN....
      "
    `)
    expect((await yard.run('sled sensors tower-17/sled-02')).out).toContain('No sensor was read')
  })

  it('shows what is open on a BMC, and its settings', async () => {
    expect((await yard.run('sled findings tower-17/sled-01')).out).toMatchInlineSnapshot(`
      "score        45 of 100
      looked over  TIME-OF-THIS-RUN....
      BMC          a little flaky: 36 of 40 readings answered, most within 2.1 s

      SEVERITY  FINDING                                                      WHAT TO DO
      critical  it takes sessions of cipher suite 0, which need no password  Switch cipher suite 0 off in its LAN settings.
      warning   its login is the maker’s default                             Rotate its credentials.

      SETTING               FOUND     WANTED     STATE  DETAIL
      power restore policy  stay-off  as-before  set    read back
      "
    `)
    const none = await yard.run('sled findings tower-17/sled-02')
    expect(none.out).toBe('Nobody has looked over this BMC yet.\n')
  })

  it('shows the event log of a BMC, newest first', async () => {
    expect((await yard.run('sled log tower-17/sled-01')).out).toMatchInlineSnapshot(`
      "READ                  BMC SAYS              ENTRY  HEALTH    TEXT
      TIME-OF-THIS-RUN....  -                     -      warning   it was cleared: 18 entries are gone
      TIME-OF-THIS-RUN....  TIME-OF-THIS-RUN....  18     critical  PSU 1: input lost
      TIME-OF-THIS-RUN....  TIME-OF-THIS-RUN....  17     ok        Fan 1: reading returned above the lower critical limit
      "
    `)
    expect((await yard.run('sled log tower-17/sled-02')).out).toContain('says nothing yet')
  })

  it('releases an adoption only when somebody is sure', async () => {
    const asked = await yard.run('sled release-adoption tower-17/sled-01')
    expect([asked.exit, acts]).toEqual([2, []])
    const sure = await yard.run('sled release-adoption tower-17/sled-01 --yes --wait')
    expect(sure.exit).toBe(0)
    expect(acts.map(({ act }) => act)).toEqual([{ kind: 'release-adoption' }])
  })

  it('asks for a restart of the BMC', async () => {
    acts.length = 0
    expect((await yard.run('sled restart-bmc tower-17/sled-01 --wait')).exit).toBe(0)
    expect(acts.map(({ act }) => act)).toEqual([{ kind: 'restart-bmc' }])
  })
})
