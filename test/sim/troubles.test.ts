import { Days, Hours, Minutes } from '@brickyard/std/units'
import { expect, it } from 'vitest'
import { simulatedFleet } from './simulated-fleet.ts'
import { LOADER_PATHS } from './simulated-site.ts'

const LOADER = LOADER_PATHS['snponly.efi']

it(
  'a trouble needs a person for as long as it lasts, over restarts, and no longer',
  { timeout: 120_000 },
  async () => {
    const fleet = await simulatedFleet({
      seed: 'troubles',
      sledsPerSite: 1,
      limits: { powerPollMs: Hours(1) },
    })
    const { site, hub, world } = fleet
    const needed = async (): Promise<string[]> =>
      (await hub.ask(hub.client.attention())).items
        .filter(({ id }) => id.startsWith('notice/edge-1/trouble/'))
        .map(({ what }) => what)
    const told = () =>
      hub.journal(fleet.siteName()).events.filter(({ kind }) => kind === 'site.trouble').length
    const restart = async (): Promise<void> => {
      site.crash()
      await fleet.start()
      await world.clock.advance(Minutes(2))
    }
    expect(await needed()).toEqual([])

    const loader = (await site.files.read(LOADER)) ?? new Uint8Array()
    await site.files.remove(LOADER)
    await restart()
    const [what] = await needed()
    expect(what).toContain('snponly.efi')
    const tellings = told()

    // Told once, and a day later it still is as it was: so it is shown, and told no second time.
    await world.clock.advance(Days(1) + Hours(2))
    await restart()
    await world.clock.advance(Hours(1))
    expect(await needed()).toEqual([what])
    expect(told()).toBe(tellings)

    // It ended while no agent ran: the next one sees that, and says so.
    await site.files.writeAtomic(LOADER, loader)
    await restart()
    expect(await needed()).toEqual([])
    expect(told()).toBe(tellings + 1)
  },
)
