import { stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  addImage,
  provisionUnderWay,
  rackOf,
  tellFleet,
} from '../../../test/console/fixtures/fleet.ts'
import { hubRig, PASSWORD, type HubRig } from '../../../test/console/fixtures/hub-rig.ts'
import type { ScriptedSite } from '../../../test/console/fixtures/scripted-site.ts'
import { value } from '../../../test/console/fixtures/value.ts'
import { yardRig, type YardRig } from './yard-rig.ts'

describe('yard against a hub', () => {
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
    await addImage(hub, 'debian-13')
    yard = await yardRig()
  })
  afterAll(async () => {
    await yard.close()
    await hub.close()
  })

  it('knows nobody before the login', async () => {
    expect(await yard.run('site list')).toMatchInlineSnapshot(`
      {
        "err": "You are not signed in: run yard login HUB.
      ",
        "exit": 5,
        "out": "",
      }
    `)
  })

  it('refuses a wrong password', async () => {
    const readInput = () => Promise.resolve('wrong\n')
    expect(await yard.run(`login ${hub.url} --user admin`, { readInput })).toMatchInlineSnapshot(`
      {
        "err": "user or password is wrong
      (wrong-login, request ID)
      ",
        "exit": 5,
        "out": "",
      }
    `)
  })

  it('signs in with a password from standard input and keeps the token to itself', async () => {
    const readInput = () => Promise.resolve(`${PASSWORD}\n`)
    expect(await yard.run(`login ${hub.url} --user admin`, { readInput })).toMatchInlineSnapshot(`
      {
        "err": "Signed in to HUB as admin (operator); kept in FOLDER/brickyard/session.json.
      ",
        "exit": 0,
        "out": "",
      }
    `)
    const kept = await stat(`${yard.folder}/brickyard/session.json`)
    expect(kept.mode & 0o777).toBe(0o600)
  })

  it('asks a person who it is, and cannot ask a pipe', async () => {
    const asked: string[] = []
    const ask = (question: string, hidden: boolean) => {
      asked.push(question)
      return Promise.resolve(hidden ? PASSWORD : 'admin')
    }
    expect((await yard.run(`login ${hub.url}`, { interactive: true, ask })).exit).toBe(0)
    expect(asked).toEqual(['User: ', 'Password of admin: '])
    expect((await yard.run(`login ${hub.url}`)).exit).toBe(2)
  })

  it('lists sites', async () => {
    expect(await yard.run('site list')).toMatchInlineSnapshot(`
      {
        "err": "",
        "exit": 0,
        "out": "SITE      LINK       LAST-SEEN             IN-USE  READY  SLEDS  WANTED  APPLIED  AGENT
      tower-17  connected  TIME-OF-THIS-RUN....  0       13     20     1       1        0.1.0
      ",
      }
    `)
  })

  it('shows a site', async () => {
    expect((await yard.run('site get tower-17')).out).toMatchInlineSnapshot(`
      "site                tower-17
      called              Tower 17
      owner               default
      link                connected
      last seen           TIME-OF-THIS-RUN....
      agent               0.1.0
      wanted generation   1
      held generation     1
      applied generation  1
      events waiting      0
      cages               cage-a
      networks            provisioning, management
      sleds               1 adopted, 1 failed, 1 held, 1 inspected, 1 missing, 1 quarantined, 13 ready, 1 seen
      "
    `)
  })

  it('prints the API’s own JSON', async () => {
    const { out, exit } = await yard.run('sled get tower-17/sled-02 -o json')
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toEqual(value(await hub.client.sleds.get('tower-17', 'sled-02')))
  })

  it('lists sleds by state', async () => {
    expect((await yard.run('sled list --site tower-17 --state failed')).out).toMatchInlineSnapshot(`
      "SLED              STATE   POWER  PLACE      GRADE     MODEL     SERIAL         ADDRESS      REASON
      tower-17/sled-10  failed  off    cage-a/13  probable  o19-half  BWTOWER171010  10.17.0.110  the write stopped at 43 %: power was lost
      "
    `)
  })

  it('shows a sled with its firmware and witnesses', async () => {
    expect((await yard.run('sled get tower-17/sled-10')).out).toMatchInlineSnapshot(`
      "sled        tower-17/sled-10
      state       failed
      reason      the write stopped at 43 %: power was lost
      since       TIME-OF-THIS-RUN....
      deadline    -
      power       off
      power read  TIME-OF-THIS-RUN....
      place       cage-a/13 (probable)
      maker       Brickworks
      model       o19-half
      serial      BWTOWER171010
      processor   AMD EPYC 4464P
      memory      64.0 GiB
      boots       x86_64 uefi
      macs        52:54:00:17:00:10
      address     10.17.0.110
      bmc         10.117.0.110
      deployment  -
      operation   -
      disk        /dev/nvme0n1 894.3 GiB
      firmware    bios 2.4.1: compliant, is the baseline
      firmware    bmc 1.08: behind, 1.12 is the baseline
      firmware    nic unknown: unknown, not in the catalogue
      witness     declaration: the rack document says so
      witness     bmc: its BMC answers with the declared serial
      "
    `)
  })

  it('tells what does not exist', async () => {
    expect(await yard.run('sled get tower-17/sled-99')).toMatchInlineSnapshot(`
      {
        "err": "there is no sled 'tower-17/sled-99'
      (not-found, request ID)
      ",
        "exit": 3,
        "out": "",
      }
    `)
  })

  it('makes a site once and hands its token alone to a pipe', async () => {
    const made = await yard.run('site create edge-1 --latitude 39.1 --longitude -77.5')
    expect(made.exit).toBe(0)
    expect(await yard.run('site create edge-1')).toMatchInlineSnapshot(`
      {
        "err": "there is a site 'edge-1'
      (site-exists, request ID)
      ",
        "exit": 4,
        "out": "",
      }
    `)
    expect(await yard.run('site enrol-token edge-1')).toMatchInlineSnapshot(`
      {
        "err": "Good once, for edge-1, until TIME-OF-THIS-RUN.....
      ",
        "exit": 0,
        "out": "by1.TOKEN
      ",
      }
    `)
  })

  it('puts a rack document and names what is wrong in one', async () => {
    const path = `${yard.folder}/rack.yaml`
    await writeFile(path, JSON.stringify(rackOf('edge-1', 31)))
    const put = await yard.run(`rack put edge-1 ${path}`)
    expect([put.exit, put.err]).toMatchInlineSnapshot(`
      [
        0,
        "Wanted of edge-1 with generation 1.
      ",
      ]
    `)
    await writeFile(path, 'site: edge-1\nnetworks: []\nsleds: []\n')
    expect(await yard.run(`rack put edge-1 ${path}`)).toMatchInlineSnapshot(`
      {
        "err": "the rack document is not right
        networks is []: Too small: expected array to have >=1 items
      (invalid, request ID)
      ",
        "exit": 2,
        "out": "",
      }
    `)
    expect((await yard.run('rack put edge-1 /no/such/file')).exit).toBe(2)
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

  it('says that there is no such site, in place of an empty list', async () => {
    for (const words of ['sled list', 'operation list', 'events']) {
      const ran = await yard.run(`${words} --site nowhere`)
      expect([ran.exit, ran.err.split('\n')[0]]).toEqual([3, "there is no site 'nowhere'"])
    }
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

  it('answers wrong words with 2 and an address where nobody listens with 6', async () => {
    expect((await yard.run('sled power tower-17/sled-02 explode')).exit).toBe(2)
    expect((await yard.run('sled get tower-17')).exit).toBe(2)
    expect((await yard.run('sled dance')).exit).toBe(2)
    expect((await yard.run('site list -o xml')).exit).toBe(2)
    expect((await yard.run('events --limit many')).exit).toBe(2)
    expect((await yard.run('deploy create')).exit).toBe(2)
    const env = { BRICKYARD_HUB: 'http://127.0.0.1:9', BRICKYARD_TOKEN: 'x' }
    expect((await yard.run('site list', { env })).exit).toBe(6)
  })

  it('sends a saved token to no other hub', async () => {
    const env = { XDG_CONFIG_HOME: yard.folder, BRICKYARD_HUB: 'http://127.0.0.1:9' }
    expect((await yard.run('site list', { env })).exit).toBe(5)
  })

  it('signs out', async () => {
    expect((await yard.run('logout')).exit).toBe(0)
    expect((await yard.run('site list')).exit).toBe(5)
  })
})
