import { sledName } from '@brickyard/sim/rack-plan'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedFleet } from './simulated-fleet.ts'

const SLED = sledName(1)
const COLD_RESET = '6/2'

/** Virtual hours take real seconds; on a busy machine many. */
const RUN_TIMEOUT_MS = 180_000

describe('the restart of a BMC, asked for at the hub', () => {
  it(
    'is seen to its end, explains the silence, and is not repeated within the hour',
    async () => {
      let resets = 0
      const fleet = await simulatedFleet({
        seed: 'bmc-restart',
        sledsPerSite: 1,
        onBmcCommand: (_, { netFn, command }) => {
          if (`${netFn}/${command}` === COLD_RESET) resets += 1
        },
      })
      const { hub, world } = fleet
      const site = fleet.siteName()
      await fleet.until('it is ready', async () => (await fleet.sledState(SLED)).state === 'ready')
      const unknowns = () =>
        fleet.site
          .journal()
          .events.filter(({ kind, body }) => kind === 'sled.power' && body.includes('"unknown"'))
      const before = unknowns().length
      const restart = async () => {
        const { id } = await hub.ask(hub.client.sleds.restartBmc(site, SLED))
        await fleet.until('the act is over', async () => {
          const { state } = await hub.ask(hub.client.acts.get(id))
          return state === 'done' || state === 'failed'
        })
        return await hub.ask(hub.client.acts.get(id))
      }
      expect(await restart()).toMatchObject({ state: 'done' })
      expect(unknowns()).toHaveLength(before)
      const held = { state: 'failed', reason: expect.stringContaining('less than an hour ago') }
      await world.clock.advance(Minutes(20))
      expect(await restart()).toMatchObject(held)
      fleet.site.crash()
      await world.clock.advance(Seconds(30))
      await fleet.start()
      expect(await restart()).toMatchObject(held)
      expect(resets).toBe(1)
      await world.clock.advance(Minutes(45))
      expect(await restart()).toMatchObject({ state: 'done' })
      expect(resets).toBe(2)
    },
    RUN_TIMEOUT_MS,
  )
})
