import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  addImage,
  provisionUnderWay,
  rackOf,
  tellFleet,
} from '../../../test/console/fixtures/fleet.ts'
import { hubRig, type HubRig } from '../../../test/console/fixtures/hub-rig.ts'
import type { ScriptedSite } from '../../../test/console/fixtures/scripted-site.ts'
import { value } from '../../../test/console/fixtures/value.ts'
import { yardRig, type YardRig } from './yard-rig.ts'

describe('what yard wishes of a site', () => {
  let hub: HubRig
  let site: ScriptedSite
  let yard: YardRig
  /** What the site answers to acts; undefined answers nothing. */
  let actAnswer: { ok: boolean; reason: string | null } | undefined = { ok: true, reason: null }

  beforeAll(async () => {
    hub = await hubRig()
    const declared = { name: 'tower-17', displayName: 'Tower 17', rack: rackOf('tower-17', 17) }
    site = await hub.site(declared, (act, from) => {
      if (actAnswer !== undefined) void from.tell('act.result', { act: act.id, ...actAnswer })
    })
    await tellFleet(site, 'tower-17')
    await hub.client.sites.create({ name: 'edge-1' })
    await hub.client.sites.putRack('edge-1', rackOf('edge-1', 31))
    await addImage(hub, 'debian-13')
    yard = await yardRig({ BRICKYARD_HUB: hub.url, BRICKYARD_TOKEN: hub.token })
  })
  afterAll(async () => {
    await yard.close()
    await hub.close()
  })

  it('asks before it cuts a sled off, and not without a person', async () => {
    expect(await yard.run('sled power tower-17/sled-02 off')).toMatchInlineSnapshot(`
      {
        "err": "Power off of tower-17/sled-02 cuts off what runs on it. Do it? Say --yes when nobody can be asked.
      ",
        "exit": 2,
        "out": "",
      }
    `)
    const no = { interactive: true, ask: () => Promise.resolve('n') }
    expect((await yard.run('sled power tower-17/sled-02 off', no)).exit).toBe(1)
    expect(site.acts).toEqual([])
  })

  it('waits until a power verb was read back', async () => {
    actAnswer = { ok: true, reason: null }
    const done = await yard.run('sled power tower-17/sled-02 cycle --yes --wait')
    expect(done).toMatchInlineSnapshot(`
      {
        "err": "",
        "exit": 0,
        "out": "act      act-ID
      sled     tower-17/sled-02
      wanted   power
      state    done
      reason   -
      expires  TIME-OF-THIS-RUN....
      ",
      }
    `)
    expect(site.acts.at(-1)?.act).toEqual({ kind: 'power', verb: 'cycle' })
  })

  it('switches a sled by its feeds where that is asked for', async () => {
    const asked = await yard.run('sled power tower-17/sled-02 off --via feed')
    expect(asked.err).toContain('cuts off the sled and its BMC')
    expect((await yard.run('sled power tower-17/sled-02 off --via feed --yes')).exit).toBe(0)
    expect(site.acts.at(-1)?.act).toEqual({ kind: 'power', verb: 'off', via: 'feed' })
    const wrong = await yard.run('sled power tower-17/sled-02 on --via magic')
    expect(wrong.exit).toBe(2)
    expect(wrong.err).toContain('bmc, feed')
  })

  it('fails with the reason of the site', async () => {
    actAnswer = { ok: false, reason: 'its BMC refused: insufficient privilege' }
    expect(await yard.run('sled identify tower-17/sled-02 --wait')).toMatchInlineSnapshot(`
      {
        "err": "identify of tower-17/sled-02 failed: its BMC refused: insufficient privilege
      ",
        "exit": 1,
        "out": "act      act-ID
      sled     tower-17/sled-02
      wanted   identify
      state    failed
      reason   its BMC refused: insufficient privilege
      expires  TIME-OF-THIS-RUN....
      ",
      }
    `)
  })

  it('waits for the end of the operation, and tells its steps', async () => {
    actAnswer = undefined
    const operation = { ...provisionUnderWay(2, null), id: 'op-look', kind: 'inspect' as const }
    let looks = 0
    const sleep = async (): Promise<void> => {
      const act = site.acts.at(-1)
      if (act === undefined) throw new Error('no act came')
      const told = { ...operation, act: act.id }
      if (++looks === 1) await site.tell('operation.changed', { operation: told })
      if (looks !== 3) return
      const endedAtMs = Date.now()
      await site.tell('operation.changed', { operation: { ...told, state: 'done', endedAtMs } })
      await site.tell('act.result', { act: act.id, ok: true, reason: null })
    }
    const done = await yard.run('sled inspect tower-17/sled-02 --wait', { sleep })
    expect(looks).toBe(3)
    expect(done).toMatchInlineSnapshot(`
      {
        "err": "set-next-boot: done (read back: network once)
      power-cycle: done (read back: on)
      wipe: done (/dev/nvme0n1 discarded)
      write: running (412 MiB of 968 MiB)
      ",
        "exit": 0,
        "out": "act        act-ID
      sled       tower-17/sled-02
      wanted     inspect
      state      done
      reason     -
      operation  op-look
      expires    TIME-OF-THIS-RUN....
      ",
      }
    `)
  })

  it('gives up in time and says that the wish goes on', async () => {
    actAnswer = undefined
    const late = await yard.run('sled inspect tower-17/sled-02 --wait --timeout 0s')
    expect([late.exit, late.err]).toMatchInlineSnapshot(`
      [
        7,
        "Gave up waiting for inspect of tower-17/sled-02; it goes on without us.
      ",
      ]
    `)
  })

  it('shows why a deployment was refused', async () => {
    const ran = await yard.run('deploy create --image debian-13 --count 40 --name too-many')
    expect(ran).toMatchInlineSnapshot(`
      {
        "err": "too-many refused: 40 sleds wanted, 13 of 40 fit. In the way: the site is out of reach (20 sleds); the sled is not ready (7 sleds). It would work without "the site is out of reach" and "the sled is not ready" and "the sled has not been inspected" (then 40 fit).
      ",
        "exit": 1,
        "out": "deployment  dep-ID
      name        too-many
      state       refused
      reason      -
      image       debian-13
      wanted      40
      placement   40 sleds wanted, 13 of 40 fit. In the way: the site is out of reach (20 sleds); the sled is not ready (7 sleds). It would work without "the site is out of reach" and "the sled is not ready" and "the sled has not been inspected" (then 40 fit).

      REFUSED           RULE        REASON
      edge-1            site-link   its agent has never been heard
      tower-17/sled-07  sled-state  it is held (held by maria: a fan is replaced)
      tower-17/sled-08  sled-state  it is missing (its BMC has not answered for 20 minutes)
      tower-17/sled-10  sled-state  it is failed (the write stopped at 43 %: power was lost)
      tower-17/sled-11  sled-state  it is quarantined (its serial changed without a work order)
      tower-17/sled-12  sled-state  it is adopted (it ran before we came)
      tower-17/sled-13  sled-state  it is inspected (inspected, waiting to be powered off)
      tower-17/sled-20  sled-state  it is seen
      ",
      }
    `)
  })

  it('follows a deployment until its sleds are in use, then gives them back', async () => {
    // The site takes up the assignment once it has been told of it, and is soon done.
    const look = async (): Promise<void> => {
      const found = value(await hub.client.deployments.list()).items
      const assigned = found.find(({ name }) => name === 'web')?.assignments[0]
      if (assigned === undefined) return void setTimeout(() => void look(), 20)
      const n = Number(assigned.sled.slice(-2))
      const operation = provisionUnderWay(n, assigned.id)
      await site.tell('operation.changed', { operation })
      const ended = { ...operation, state: 'done' as const, endedAtMs: Date.now() }
      await site.tell('operation.changed', { operation: ended })
    }
    void look()
    const where = '--sled tower-17/sled-16'
    const ran = await yard.run(`deploy create --image debian-13 --name web ${where} --wait`)
    expect([ran.exit, ran.out]).toMatchInlineSnapshot(`
      [
        0,
        "deployment  dep-ID
      name        web
      state       in-use
      reason      -
      image       debian-13
      wanted      1
      placement   1 sled wanted, 1 of 1 fit.

      SLED              STATE   HOSTNAME  REASON
      tower-17/sled-16  in-use  sled-1
      ",
      ]
    `)
    const list = await yard.run('deploy list')
    expect(list.out).toMatchInlineSnapshot(`
      "DEPLOYMENT            NAME      STATE    IN-USE  WANTED  IMAGE      CREATED               BY
      dep-ID  web       in-use   1       1       debian-13  TIME-OF-THIS-RUN....  admin
      dep-ID  too-many  refused  0       40      debian-13  TIME-OF-THIS-RUN....  admin
      "
    `)
    const [web] = value(await hub.client.deployments.list()).items
    expect((await yard.run(`deploy release ${web?.id}`)).exit).toBe(2)
    const released = await yard.run(`deploy release ${web?.id} --yes`)
    expect([released.exit, released.out]).toMatchInlineSnapshot(`
      [
        0,
        "deployment  dep-ID
      name        web
      state       releasing
      reason      -
      image       debian-13
      wanted      1
      placement   1 sled wanted, 1 of 1 fit.

      SLED              STATE      HOSTNAME  REASON
      tower-17/sled-16  releasing  sled-1
      ",
      ]
    `)
  })

  it('watches an operation to its end', async () => {
    const operation = { ...provisionUnderWay(4, null), id: 'op-watched' }
    await site.tell('operation.changed', { operation })
    const reason = 'the write stopped: power was lost'
    setTimeout(() => {
      const ended = { ...operation, state: 'failed' as const, reason, endedAtMs: Date.now() }
      void site.tell('operation.changed', { operation: ended })
    }, 50)
    const ran = await yard.run('operation watch op-watched')
    expect([ran.exit, ran.err]).toMatchInlineSnapshot(`
      [
        1,
        "set-next-boot: done (read back: network once)
      power-cycle: done (read back: on)
      wipe: done (/dev/nvme0n1 discarded)
      write: running (412 MiB of 968 MiB)
      provision of tower-17/sled-04 failed: the write stopped: power was lost
      ",
      ]
    `)
    const list = await yard.run('operation list --sled sled-04')
    expect(list.out).toMatchInlineSnapshot(`
      "OPERATION   SLED              KIND       STATE   STEP   DONE  BEGAN                 BY     REASON
      op-watched  tower-17/sled-04  provision  failed  write        TIME-OF-THIS-RUN....  admin  the write stopped: power was lost
      "
    `)
  })

  it('shows events, newest first', async () => {
    const ran = await yard.run('events --site tower-17 --kind sled.state --limit 2')
    expect(ran.out).toMatchInlineSnapshot(`
      "AT                    SITE      SEQ  SLED     KIND        TEXT
      TIME-OF-THIS-RUN....  tower-17  96   sled-19  sled.state  sled-19 is ready: inspected, powered off
      TIME-OF-THIS-RUN....  tower-17  91   sled-18  sled.state  sled-18 is ready: inspected, powered off
      "
    `)
  })
})
