import { zstdDecompressSync } from 'node:zlib'
import { sledName } from '@brickyard/sim/rack-plan'
import { virtualPdus, type VirtualPdu } from '@brickyard/sim/virtual-pdu'
import { boxKeys } from '@brickyard/std/sealed-box'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedFleet } from './simulated-fleet.ts'

const SLED = sledName(1)
const PDU = { name: 'pdu-a', kind: 'apc-rpdu2', address: '10.0.9.60' }
const OFFLINE = boxKeys(new Uint8Array(32).fill(7))
const TENANTS = { name: 'tenant', password: 'theirs', privilege: 'administrator' } as const

/** A regain takes about so many. */
const COMMITS_MAX = 14

interface Site {
  /** With a recovery key its logins are rotated. */
  readonly recovery?: boolean
  /** Whether the sled comes up by itself when its feed comes back. */
  readonly comesUp?: boolean
}

/** A sled that is ready, and fed by an outlet that the site switches; then a tenant deletes our user. */
async function robbedFleet(seed: string, { recovery = true, comesUp = true }: Site = {}) {
  const made: VirtualPdu[] = []
  const fleet = await simulatedFleet({
    seed,
    sledsPerSite: 1,
    declare: ({ document }) => ({
      ...document,
      pdus: [PDU],
      ...(recovery
        ? { bmcPasswords: { recoveryKey: OFFLINE.publicKey, rotateAtIntake: false } }
        : {}),
      sleds: document.sleds.map((sled) => ({ ...sled, feeds: [{ pdu: 'pdu-a', outlet: '7' }] })),
    }),
    pdus: (clock, rack) => {
      const { snmp, add } = virtualPdus(clock)
      const onSwitch = (_outlet: string, on: boolean): void => {
        rack.feed(SLED, on)
        if (on && comesUp) rack.slot(SLED)?.sled.host.apply('on')
      }
      const about = { kind: 'apc-rpdu2', address: PDU.address, outlets: ['7'] } as const
      made.push(add({ ...about, secret: 'community', onSwitch }))
      return { snmp, secret: 'community' }
    },
  })
  await fleet.until('ready', async () => (await fleet.sledState(SLED)).state === 'ready')
  const [pdu] = made
  const content = fleet.site.rack.slot(SLED)
  if (pdu === undefined || content === undefined) throw new Error('the site is not whole')
  const { client } = fleet.hub
  content.bmc.setUsers([TENANTS])
  return {
    fleet,
    pdu,
    ...content,
    async operations(kind: string) {
      const { items } = await fleet.hub.ask(client.operations.list({ sled: SLED }))
      return items.filter((one) => one.kind === kind)
    },
    async isOver(kind: string) {
      return (await this.operations(kind)).some(({ endedAtMs }) => endedAtMs !== null)
    },
    async needs() {
      const { items } = await fleet.hub.ask(client.attention())
      return items.map(({ what }) => what)
    },
    users: () => content.bmc.users().map(({ name }) => name),
  }
}

describe('a BMC whose users a tenant deleted, on a sled that is fed by outlets', () => {
  it('is regained without a person, and its login for once is replaced at once', async () => {
    const site = await robbedFleet('regained')
    const { fleet } = site
    await fleet.until('regained', () => site.isOver('regain-bmc'), Minutes(60))
    expect((await site.operations('regain-bmc'))[0]).toMatchObject({
      state: 'done',
      requestedBy: 'site',
    })
    expect(site.pdu.commands).toEqual(['7 off', '7 on'])
    const once = site.bmc.users().find(({ name }) => name === 'brickyard-a')
    expect(once?.password).toHaveLength(16)
    await fleet.until('rotated', () => site.isOver('rotate-credentials'), Minutes(30))
    expect((await site.operations('rotate-credentials'))[0]).toMatchObject({ state: 'done' })
    // Its own account is proven and sealed; that for once is off. The tenant's stays: it is not ours.
    expect(site.users()).toEqual(['tenant', 'brickyard-b'])
    await fleet.world.clock.advance(Minutes(15))
    expect(await fleet.sledState(SLED)).toMatchObject({ state: 'ready' })
    expect((await site.needs()).filter((text) => /refused|work order/.test(text))).toEqual([])
    const { power } = await fleet.hub.ask(fleet.hub.client.sleds.get(fleet.siteName(), SLED))
    expect(power).toBe('off')
    // The password for once is in no journal and lies nowhere in the clear.
    const secret = once?.password ?? 'none'
    expect(JSON.stringify(fleet.hub.journal(fleet.siteName()).events).includes(secret)).toBe(false)
    expect(Buffer.from(fleet.site.disk.copy()).includes(secret)).toBe(false)
  })

  it('is kept by the login for once where no recovery key is declared', async () => {
    const site = await robbedFleet('regained-plain', { recovery: false })
    const { fleet } = site
    await fleet.until('regained', () => site.isOver('regain-bmc'), Minutes(60))
    await fleet.world.clock.advance(Minutes(15))
    expect(await site.operations('rotate-credentials')).toEqual([])
    expect(site.users()).toEqual(['tenant', 'brickyard-a'])
    expect((await site.needs()).filter((text) => text.includes('refused'))).toEqual([])
  })

  it('is left to a person when the sled boots its disk and never its installer', async () => {
    const site = await robbedFleet('disk-first')
    const { fleet, sled } = site
    // Something that boots was left on its disk, and its boot order puts that first.
    sled.hardware.disks[0]?.write(0, zstdDecompressSync(fleet.image.served))
    await fleet.until('given up', () => site.isOver('regain-bmc'), Minutes(120))
    const [regain] = await site.operations('regain-bmc')
    expect(regain).toMatchObject({ state: 'failed' })
    expect(regain?.reason).toContain('the sled never called back')
    expect(site.pdu.commands).toEqual(['7 off', '7 on', '7 off', '7 on'])
    await fleet.world.clock.advance(Seconds(30))
    expect(await site.needs()).toContain('a work order is open on sled-01')
    expect(await fleet.sledState(SLED)).toMatchObject({ state: 'held' })
    // Not again by itself: a person is on the way.
    await fleet.world.clock.advance(Minutes(60))
    expect(await site.operations('regain-bmc')).toHaveLength(1)
  })

  it('is left to a person when the sled stays off', async () => {
    const site = await robbedFleet('stays-off', { comesUp: false })
    await site.fleet.until('given up', () => site.isOver('regain-bmc'), Minutes(120))
    await site.fleet.world.clock.advance(Seconds(30))
    expect(await site.needs()).toContain('a work order is open on sled-01')
  })

  it('is regained whatever commit the agent is killed after', { timeout: 300_000 }, async () => {
    const site = await robbedFleet('regain-killed', { recovery: false })
    const { fleet } = site
    const underWay = () =>
      [...(fleet.site.agent?.state()?.site.running.values() ?? [])].some(
        ({ kind }) => kind === 'regain-bmc',
      )
    let sprung = 0
    for (let k = 1; k <= COMMITS_MAX; k++) {
      site.bmc.setUsers([TENANTS])
      await fleet.until(`regain ${k} begins`, async () => underWay(), Minutes(60))
      const trap = fleet.site.disk.afterCommit(k, () => {
        fleet.site.crash()
        fleet.world.clock.after(Seconds(5), () => void fleet.site.start())
      })
      const ended = async () =>
        (await site.operations('regain-bmc')).filter(({ endedAtMs }) => endedAtMs !== null)
      await fleet.until(`regain ${k} ends`, async () => (await ended()).length === k, Minutes(90))
      if (trap()) sprung++
      expect([k, (await ended()).map(({ state }) => state)]).toEqual([k, Array(k).fill('done')])
      expect([k, site.users()]).toEqual([k, ['tenant', `brickyard-${k % 2 === 1 ? 'a' : 'b'}`]])
      expect((await fleet.sledState(SLED)).state).toBe('ready')
    }
    expect(sprung).toBe(COMMITS_MAX)
  })
})
