import { stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rackOf, tellFleet } from '../../../test/console/fixtures/fleet.ts'
import { hubRig, PASSWORD, type HubRig } from '../../../test/console/fixtures/hub-rig.ts'
import { value } from '../../../test/console/fixtures/value.ts'
import { yardRig, type YardRig } from './yard-rig.ts'

describe('yard against a hub', () => {
  let hub: HubRig
  let yard: YardRig

  beforeAll(async () => {
    hub = await hubRig()
    const declared = { name: 'tower-17', displayName: 'Tower 17', rack: rackOf('tower-17', 17) }
    await tellFleet(await hub.site(declared), 'tower-17')
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

  it('says that there is no such site, in place of an empty list', async () => {
    for (const words of ['sled list', 'operation list', 'events']) {
      const ran = await yard.run(`${words} --site nowhere`)
      expect([ran.exit, ran.err.split('\n')[0]]).toEqual([3, "there is no site 'nowhere'"])
    }
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
