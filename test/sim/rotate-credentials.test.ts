import type { Operation } from '@brickyard/api/schemas'
import { decodeLogin, recoveryContext, type BmcLogin } from '@brickyard/model/sealed-login'
import { fakeCredentials } from '@brickyard/sim/fake-credentials'
import { BMC_USER, sledName } from '@brickyard/sim/rack-plan'
import { err } from '@brickyard/std/result'
import { boxKeyId, boxKeys, openBox } from '@brickyard/std/sealed-box'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedFleet, type SimulatedFleet } from './simulated-fleet.ts'

const SLED = sledName(1)
const OFFLINE = boxKeys(new Uint8Array(32).fill(7))
const OWN_SEAL = fakeCredentials(() => err('not asked'))
/** More commits than a rotation has; a trap beyond the last one does not spring. */
const COMMITS_MAX = 40

async function fleetWith(seed: string, rotateAtIntake: boolean): Promise<SimulatedFleet> {
  const fleet = await simulatedFleet({
    seed,
    sledsPerSite: 1,
    declare: ({ document }) => ({
      ...document,
      bmcPasswords: { recoveryKey: OFFLINE.publicKey, rotateAtIntake },
    }),
  })
  return fleet
}

const isReady = async (fleet: SimulatedFleet): Promise<boolean> =>
  (await fleet.sledState(SLED)).state === 'ready'

async function rotations(fleet: SimulatedFleet): Promise<Operation[]> {
  const { items } = await fleet.hub.ask(fleet.hub.client.operations.list({ sled: SLED }))
  return items.filter(({ kind }) => kind === 'rotate-credentials')
}

/** Who may log in at the BMC, with passwords: what no agent can see. */
const onBmc = ({ site }: SimulatedFleet): BmcLogin[] =>
  (site.rack.slot(SLED)?.bmc.users() ?? []).map(({ name, password }) => ({ user: name, password }))

/** The login that the site would use if it were started on its disk as it lies there now. */
function knownAtSite({ site }: SimulatedFleet): BmcLogin {
  const row = site.disk
    .peek()
    .read((sql) =>
      sql.get<{ sealed: Uint8Array }>(`SELECT sealed FROM bmc_login WHERE standing = 'using'`),
    )
  if (row === undefined) return { user: BMC_USER, password: site.rack.bmcPassword(SLED) }
  const text = OWN_SEAL.open(SLED, row.sealed)
  const login = text.ok ? decodeLogin(Buffer.from(text.value)) : text
  if (!login.ok) throw new Error(login.error)
  return login.value
}

/** What whoever holds the offline key can open of what the hub keeps. */
async function recoverable(fleet: SimulatedFleet): Promise<BmcLogin[]> {
  const { items } = await fleet.hub.ask(
    fleet.hub.security.sleds.sealedLogins(fleet.siteName(), SLED),
  )
  return items.map(({ box }) => {
    const opened = openBox(OFFLINE.privateKey, recoveryContext(fleet.siteName(), SLED), box)
    const login = opened.ok ? decodeLogin(opened.value) : opened
    if (!login.ok) throw new Error(login.error)
    return login.value
  })
}

async function rotated(fleet: SimulatedFleet, count: number): Promise<Operation> {
  await fleet.until(
    `rotation ${count} is over`,
    async () => {
      const all = await rotations(fleet)
      return all.length >= count && all.every(({ state }) => state !== 'running')
    },
    Minutes(30),
  )
  return (await rotations(fleet))[0] as Operation
}

describe('the login of a BMC', () => {
  it('is changed once the sled was inspected, and the one that was given works no more', async () => {
    const fleet = await fleetWith('intake', true)
    await fleet.until('ready', () => isReady(fleet))
    expect(await rotated(fleet, 1)).toMatchObject({ state: 'done', requestedBy: 'site' })
    const [login, ...others] = onBmc(fleet)
    expect(others).toEqual([])
    expect(login?.user).toBe('brickyard-a')
    expect(login?.password).toHaveLength(20)
    expect(knownAtSite(fleet)).toEqual(login)
    expect((await recoverable(fleet))[0]).toEqual(login)
    // The site goes on with it: power is read, and nothing is done twice.
    await fleet.world.clock.advance(Minutes(10))
    expect(await rotations(fleet)).toHaveLength(1)
    expect(await isReady(fleet)).toBe(true)
  })

  it('is in clear neither in a journal, nor in a log, nor in the hub’s store', async () => {
    const fleet = await fleetWith('clear', true)
    await fleet.until('ready', () => isReady(fleet))
    await rotated(fleet, 1)
    const secrets = [
      ...onBmc(fleet).map(({ password }) => password),
      fleet.site.rack.bmcPassword(SLED),
    ]
    const told = [
      JSON.stringify(fleet.site.journal().events),
      JSON.stringify(fleet.site.log.lines),
      JSON.stringify(fleet.hub.log.lines),
      JSON.stringify(fleet.hub.journal(fleet.siteName()).events),
      Buffer.from(fleet.site.disk.copy()).toString('latin1'),
    ].join('\n')
    for (const secret of secrets) expect(told.includes(secret)).toBe(false)
    const { items } = await fleet.hub.ask(
      fleet.hub.client.events.list({ kind: 'sled.login-sealed' }),
    )
    expect(items[0]?.body).not.toHaveProperty('box')
  })

  it('is not touched before the hub keeps the new one', async () => {
    const fleet = await fleetWith('dark', true)
    await fleet.until(
      'discovered',
      async () => (await fleet.sledState(SLED)).state === 'discovered',
    )
    fleet.cutUplink(true)
    const before = onBmc(fleet)
    await fleet.world.clock.advance(Minutes(60))
    expect(onBmc(fleet)).toEqual(before)
    const [waiting] = fleet.site.agent?.state()?.site.running.values() ?? []
    expect(waiting).toMatchObject({ kind: 'rotate-credentials', stage: 'await-hub' })
    const told = fleet.site.journal().events.findLast(({ kind }) => kind === 'operation.changed')
    expect(told?.body).toContain('"the hub to keep the sealed login, and the sled to be free"')
    fleet.cutUplink(false)
    await rotated(fleet, 1)
    expect(onBmc(fleet)).not.toEqual(before)
  })

  it('is changed again after a release', async () => {
    const fleet = await fleetWith('release', true)
    await fleet.until('ready', () => isReady(fleet))
    await rotated(fleet, 1)
    const first = onBmc(fleet)
    const made = await fleet.deploy('run', 1)
    await fleet.until('in use', async () => (await fleet.deployment(made.id)).state === 'in-use')
    await fleet.hub.ask(fleet.hub.client.deployments.release(made.id))
    await fleet.until('ready', () => isReady(fleet))
    expect(await rotated(fleet, 2)).toMatchObject({ state: 'done' })
    expect(onBmc(fleet)).toHaveLength(1)
    expect(onBmc(fleet)[0]?.user).toBe('brickyard-b')
    expect(onBmc(fleet)).not.toEqual(first)
  })

  it('is never changed without a recovery key', async () => {
    const fleet = await simulatedFleet({ seed: 'no-key', sledsPerSite: 1 })
    await fleet.until('ready', () => isReady(fleet))
    await fleet.world.clock.advance(Minutes(10))
    expect(await rotations(fleet)).toEqual([])
    const { client } = fleet.hub
    const act = await fleet.hub.ask(client.sleds.rotateCredentials(fleet.siteName(), SLED))
    await fleet.world.clock.advance(Seconds(10))
    expect(await fleet.hub.ask(client.acts.get(act.id))).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('recovery key') as string,
    })
  })

  it('is sealed to no other recovery key than the first, unless the appliance was told', async () => {
    const fleet = await fleetWith('pinned', true)
    const { hub, site } = fleet
    await fleet.until('ready', () => isReady(fleet))
    await rotated(fleet, 1)
    const before = onBmc(fleet)
    const theirs = boxKeys(new Uint8Array(32).fill(66))
    const bmcPasswords = { recoveryKey: theirs.publicKey }
    await hub.ask(
      hub.client.sites.putRack(fleet.siteName(), { ...site.rack.plan.document, bmcPasswords }),
    )
    await fleet.world.clock.advance(Minutes(2))
    const rotate = async () => {
      const act = await hub.ask(hub.client.sleds.rotateCredentials(fleet.siteName(), SLED))
      await fleet.world.clock.advance(Minutes(2))
      return await hub.ask(hub.client.acts.get(act.id))
    }
    const asked = await rotate()
    expect(asked.state).toBe('failed')
    expect(asked.reason).toContain(`recovery-key accept ${boxKeyId(theirs.publicKey)}`)
    const { items } = await hub.ask(hub.client.attention())
    expect(items.map(({ what }) => what)).toContainEqual(
      expect.stringContaining('recovery-key: the rack document names recovery key'),
    )
    expect(onBmc(fleet)).toEqual(before)
    // As "brickyard-agent recovery-key accept" does.
    const accept = `UPDATE meta SET value = ? WHERE key = 'recovery_key'`
    site.disk.peek().tx((sql) => sql.run(accept, theirs.publicKey))
    expect((await rotate()).state).toBe('done')
    expect(onBmc(fleet)).not.toEqual(before)
  })

  it(
    'is known to the site and to the offline key, whatever commit the agent is killed after',
    { timeout: 300_000 },
    async () => {
      const fleet = await fleetWith('killed', false)
      const { site, world, hub } = fleet
      await fleet.until('ready', () => isReady(fleet))
      let sprung = 0
      for (let k = 1; k <= COMMITS_MAX; k++) {
        const known = (): void =>
          expect([k, onBmc(fleet)]).toEqual([k, expect.arrayContaining([knownAtSite(fleet)])])
        const act = await hub.ask(hub.client.sleds.rotateCredentials(fleet.siteName(), SLED))
        const trap = site.disk.afterCommit(k, () => {
          known()
          site.crash()
          world.clock.after(Seconds(5), () => void site.start())
        })
        const operation = await rotated(fleet, k)
        if (trap()) sprung++
        await fleet.until('the agent lives', () => site.running)
        expect([k, operation.state, operation.act]).toEqual([k, 'done', act.id])
        known()
        const open = await recoverable(fleet)
        const unknown = onBmc(fleet).filter(
          ({ password }) => !open.some((one) => one.password === password),
        )
        expect([k, unknown]).toEqual([k, []])
        expect([k, onBmc(fleet).length]).toEqual([k, 1])
      }
      expect(sprung).toBeGreaterThan(12)
      expect(await fleet.settledJournal()).toMatchObject({
        missing: 0,
        lost: 0,
        twice: 0,
        wrong: 0,
      })
    },
  )
})
