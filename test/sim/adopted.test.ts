import type { SledName } from '@brickyard/model/names'
import { sledName } from '@brickyard/sim/rack-plan'
import { Hours } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedFleet } from './simulated-fleet.ts'

/** IPMI commands that change something, by network function and command (IPMI 2.0 table H). */
const WRITES: ReadonlySet<string> = new Set([
  '0/2', // chassis control
  '0/6', // power restore policy
  '0/8', // boot options
  '6/64', // channel access
  '6/67', // user access
  '6/69', // user name
  '6/71', // user password
  '6/2', // cold reset
  '6/3', // warm reset
  '10/71', // clear SEL
  '12/1', // LAN configuration
  '44/4', // DCMI power limit
])

const DECLARED = sledName(1)
const RUNNING = sledName(2)
const OURS = sledName(3)

/** Virtual hours take real seconds; on a busy machine many. */
const RUN_TIMEOUT_MS = 180_000

describe('a server that ran before us', () => {
  it(
    'is watched, and no write reaches its BMC until its adoption is released',
    async () => {
      const writes = new Map<SledName, string[]>()
      const fleet = await simulatedFleet({
        seed: 'adopted',
        sledsPerSite: 3,
        onBmcCommand(sled, { netFn, command }) {
          const what = `${netFn}/${command}`
          if (WRITES.has(what)) writes.set(sled, [...(writes.get(sled) ?? []), what])
        },
        prepare(rack) {
          rack.slot(RUNNING)?.sled.host.apply('on')
        },
        declare: ({ document }) => ({
          ...document,
          profiles: [{ restorePolicy: 'turn-on' }],
          sleds: document.sleds.map((sled) =>
            sled.name === DECLARED ? { ...sled, adopted: true } : sled,
          ),
        }),
      })
      const { hub, world } = fleet
      const stateOf = async (sled: SledName) => (await fleet.sledState(sled)).state
      await fleet.until('ours is ready', async () => (await stateOf(OURS)) === 'ready')
      await world.clock.advance(Hours(2))
      expect([await stateOf(DECLARED), await stateOf(RUNNING)]).toEqual(['adopted', 'adopted'])

      // Whoever asks for whatever: it is refused.
      const site = fleet.siteName()
      const asked = [DECLARED, RUNNING].flatMap((sled) => [
        hub.client.sleds.power(site, sled, 'cycle'),
        hub.client.sleds.inspect(site, sled),
        hub.client.sleds.recover(site, sled),
      ])
      const acts = []
      for (const one of asked) acts.push(await hub.ask(one))
      await world.clock.advance(Hours(1))
      for (const { id } of acts) {
        expect(await hub.ask(hub.client.acts.get(id))).toMatchObject({ state: 'failed' })
      }
      expect(fleet.site.rack.slot(RUNNING)?.sled.on).toBe(true)
      expect([writes.get(DECLARED), writes.get(RUNNING)]).toEqual([undefined, undefined])
      expect(writes.get(OURS)).toEqual(expect.arrayContaining(['0/2', '0/6', '0/8']))
      // Out of band it is known all the same.
      const bmc = await hub.ask(hub.client.sleds.bmc(site, RUNNING))
      expect(bmc.intake?.settings[0]).toMatchObject({ wanted: 'turn-on', state: 'differs' })
      expect(bmc.reliability?.value).toBe(100)

      await hub.ask(hub.client.sleds.releaseAdoption(site, RUNNING))
      await fleet.until('it is ours', async () => (await stateOf(RUNNING)) === 'ready')
      expect(writes.get(RUNNING)).toEqual(expect.arrayContaining(['0/2', '0/8']))
      await hub.ask(hub.client.sleds.releaseAdoption(site, DECLARED))
      await fleet.until('that one, too', async () => (await stateOf(DECLARED)) === 'ready')
      expect(await stateOf(RUNNING)).toBe('ready')
    },
    RUN_TIMEOUT_MS,
  )
})
