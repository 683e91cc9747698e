import { encodeLogin, handoverContext } from '@brickyard/model/sealed-login'
import { sledName } from '@brickyard/sim/rack-plan'
import { boxKeys, sealBox } from '@brickyard/std/sealed-box'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedFleet, type SimulatedFleet } from './simulated-fleet.ts'
import { SITE_PIN } from './simulated-site.ts'

const SLED = sledName(1)
const PEER = { address: '10.9.9.9', port: 1 }
const OFFLINE = boxKeys(new Uint8Array(32).fill(7))
const FACTORY = { name: 'ADMIN', password: 'tag-4711', privilege: 'administrator' } as const

async function readyFleet(seed: string): Promise<SimulatedFleet> {
  const fleet = await simulatedFleet({
    seed,
    sledsPerSite: 1,
    declare: ({ document }) => ({
      ...document,
      bmcPasswords: { recoveryKey: OFFLINE.publicKey, rotateAtIntake: false },
    }),
  })
  await fleet.until('ready', async () => (await fleet.sledState(SLED)).state === 'ready')
  return fleet
}

const bmcOf = ({ site }: SimulatedFleet) => {
  const bmc = site.rack.slot(SLED)?.bmc
  if (bmc === undefined) throw new Error('no BMC')
  return bmc
}

async function needsPerson(fleet: SimulatedFleet): Promise<string[]> {
  const { items } = await fleet.hub.ask(fleet.hub.client.attention())
  return items.map(({ what }) => what)
}

/** Types a login on the sled's page; gives what the page then says. */
async function type(fleet: SimulatedFleet, login: { user: string; password: string }) {
  let cookie = ''
  const send = async (path: string, form?: Record<string, string>): Promise<Response> => {
    const { agent } = fleet.site
    if (agent === undefined) throw new Error('the agent is dead')
    const init =
      form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form).toString() }
    const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' }
    const asked = agent.sitePage(new Request(`http://site.test${path}`, { ...init, headers }), PEER)
    let response: Response | undefined
    void Promise.resolve(asked).then((value) => (response = value))
    await fleet.world.clock.runUntil(() => response !== undefined, Minutes(2))
    if (response === undefined) throw new Error('no answer')
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return response
  }
  await send('/sign-in', { name: 'Ann Lee', pin: SITE_PIN })
  const page = await (await send(`/sleds/${SLED}`)).text()
  const token = /name="token" value="([0-9a-f]+)"/.exec(page)?.[1] ?? ''
  await send(`/sleds/${SLED}/login`, { ...login, token })
  return await (await send(`/sleds/${SLED}`)).text()
}

const refused = (fleet: SimulatedFleet): number =>
  fleet.site.log.lines.filter(({ message }) => message === 'a BMC refused a login').length

describe('a BMC whose users somebody deleted', () => {
  it('is told of at once, tried seldom, and a person is sent when it stays so', async () => {
    const fleet = await readyFleet('deleted')
    bmcOf(fleet).setUsers([FACTORY])
    await fleet.world.clock.advance(Minutes(2))
    expect(await needsPerson(fleet)).toContainEqual(
      expect.stringContaining('every login known here is refused'),
    )
    expect((await fleet.sledState(SLED)).state).toBe('ready')
    await fleet.world.clock.advance(Minutes(60))
    // One try of the one login in ten minutes and no more: no lockout is brought about by us.
    expect(refused(fleet)).toBeLessThanOrEqual(7)
    expect(await fleet.sledState(SLED)).toMatchObject({
      state: 'held',
      reason: expect.stringMatching(/^work order .* by site$/) as string,
    })
    const orders = await needsPerson(fleet)
    expect(orders).toContain('a work order is open on sled-01')
    // Somebody made the user again, far from here: the technician may stay at home.
    const given = { name: 'brickyard', password: fleet.site.rack.bmcPassword(SLED) }
    bmcOf(fleet).setUsers([{ ...given, privilege: 'administrator' }])
    await fleet.world.clock.advance(Minutes(15))
    expect(await needsPerson(fleet)).not.toContain('a work order is open on sled-01')
    // Nobody had begun: the sled is inspected and free again by itself.
    expect(await fleet.sledState(SLED)).toMatchObject({
      state: 'ready',
      reason: 'inspected and powered off',
    })
  })

  it('lets us in again by the login from the pull-tag, typed at the rack', async () => {
    const fleet = await readyFleet('pull-tag')
    bmcOf(fleet).setUsers([FACTORY])
    await fleet.world.clock.advance(Minutes(2))
    const wrong = await type(fleet, { user: 'ADMIN', password: 'tag-4712' })
    expect(wrong).toContain('the BMC refused it')
    expect(await type(fleet, { user: 'ADMIN', password: 'tag-4711' })).toContain('try again in')
    await fleet.world.clock.advance(Seconds(61))
    expect(await type(fleet, { user: 'ADMIN', password: 'tag-4711' })).toContain('the BMC took it')
    await fleet.world.clock.advance(Minutes(5))
    const needs = await needsPerson(fleet)
    expect(needs.filter((text) => text.includes('refused'))).toEqual([])
    const { power } = await fleet.hub.ask(fleet.hub.client.sleds.get(fleet.siteName(), SLED))
    expect(power).toBe('off')
    const { items } = await fleet.hub.ask(
      fleet.hub.client.events.list({ kind: 'sled.login-given' }),
    )
    expect(items[0]?.body).toEqual({ sled: SLED, user: 'ADMIN', by: 'Ann Lee' })
    expect(Buffer.from(fleet.site.disk.copy()).includes('tag-4711')).toBe(false)
    // What was typed at the rack survives the agent, and is changed like any login that was given.
    fleet.site.crash()
    await fleet.start()
    const act = await fleet.hub.ask(
      fleet.hub.client.sleds.rotateCredentials(fleet.siteName(), SLED),
    )
    await fleet.until('rotated', async () => {
      const { state } = await fleet.hub.ask(fleet.hub.client.acts.get(act.id))
      return state === 'done'
    })
    expect(
      bmcOf(fleet)
        .users()
        .map(({ name }) => name),
    ).toEqual(['brickyard-a'])
  })

  it('lets us in by a login that was handed over through the hub, which could not read it', async () => {
    const fleet = await simulatedFleet({
      seed: 'handed',
      sledsPerSite: 1,
      prepare: (rack) => rack.slot(SLED)?.bmc.setUsers([FACTORY]),
    })
    const { client } = fleet.hub
    await fleet.world.clock.advance(Minutes(5))
    expect((await fleet.sledState(SLED)).state).toBe('seen')
    const { sealingKey } = await fleet.hub.ask(client.sites.get(fleet.siteName()))
    const give = async (box: string) => {
      const act = await fleet.hub.ask(client.sleds.giveLogin(fleet.siteName(), SLED, box))
      await fleet.world.clock.advance(Seconds(10))
      return await fleet.hub.ask(client.acts.get(act.id))
    }
    const sealed = (context: string, seed: number): string => {
      const login = encodeLogin({ user: FACTORY.name, password: FACTORY.password })
      const box = sealBox(sealingKey ?? '', context, login, new Uint8Array(32).fill(seed))
      if (!box.ok) throw new Error(box.error)
      return box.value
    }
    // A box that was made for another sled opens for no other.
    const moved = await give(sealed(handoverContext(fleet.siteName(), 'sled-99'), 1))
    expect(moved).toMatchObject({ state: 'failed' })
    const context = handoverContext(fleet.siteName(), SLED)
    expect(await give(sealed(context, 2))).toMatchObject({ state: 'done' })
    expect(await give(sealed(context, 3))).toMatchObject({ state: 'done' })
    await fleet.until('ready', async () => (await fleet.sledState(SLED)).state === 'ready')
    const { items } = await fleet.hub.ask(client.events.list({ kind: 'sled.login-given' }))
    expect(items.map(({ body }) => body)).toEqual([{ sled: SLED, user: 'ADMIN', by: 'op' }])
    const told = JSON.stringify(fleet.hub.journal(fleet.siteName()).events)
    expect(told.includes(FACTORY.password)).toBe(false)
  })

  it('is let alone when only one login is lost: the other one known is used', async () => {
    const fleet = await readyFleet('half')
    const { client } = fleet.hub
    const act = await fleet.hub.ask(client.sleds.rotateCredentials(fleet.siteName(), SLED))
    await fleet.until('rotated', async () => {
      const { state } = await fleet.hub.ask(client.acts.get(act.id))
      return state === 'done'
    })
    const given = { name: 'brickyard', password: fleet.site.rack.bmcPassword(SLED) }
    bmcOf(fleet).setUsers([{ ...given, privilege: 'administrator' }])
    await fleet.world.clock.advance(Minutes(5))
    const needs = await needsPerson(fleet)
    expect(needs.filter((text) => text.includes('refused'))).toEqual([])
    expect(refused(fleet)).toBe(1)
    const { power } = await fleet.hub.ask(client.sleds.get(fleet.siteName(), SLED))
    expect(power).toBe('off')
  })
})
