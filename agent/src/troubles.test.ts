import { storeDisk } from '@brickyard/sim/crashing-store'
import { recordingLog } from '@brickyard/sim/recording-log'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { Minutes } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { openSiteStore } from './store/site-store.ts'
import { createTroubles } from './troubles.ts'

/** An agent's store on a disk that outlives it; each run has troubles of its own. */
function appliance() {
  const clock = virtualClock()
  const log = recordingLog()
  const disk = storeDisk()
  const run = () => {
    const site = openSiteStore({ store: disk.open(), clock, random: seededRandom('troubles') })
    const told = (): unknown[] =>
      site
        .read((sql) =>
          sql.all<{ body: string }>(
            "SELECT body FROM event WHERE kind = 'site.trouble' ORDER BY seq",
          ),
        )
        .map(({ body }) => JSON.parse(body) as unknown)
    return { site, told, troubles: createTroubles({ site, clock, log }) }
  }
  return { clock, run }
}

const NET = { what: 'prov: other DHCP servers', reason: '10.0.0.9 gives addresses here too' }
const over = (reason: string) => ({ what: NET.what, reason, over: true })

describe('troubles', () => {
  it('are told when they come, change and end, and at no other time', () => {
    const { told, troubles } = appliance().run()
    troubles.set(NET.what, NET.reason)
    troubles.set(NET.what, NET.reason)
    troubles.set('loaders', undefined)
    expect([...troubles.now()]).toEqual([[NET.what, NET.reason]])
    troubles.set(NET.what, 'another')
    troubles.set(NET.what, undefined)
    expect(told()).toEqual([NET, { ...NET, reason: 'another' }, over('it is well again')])
    expect(troubles.now().size).toBe(0)
  })

  it('outlive the agent: found again they are not told again, and their end is told', () => {
    const { run } = appliance()
    run().troubles.set(NET.what, NET.reason)
    const second = run()
    expect([...second.troubles.now()]).toEqual([[NET.what, NET.reason]])
    second.troubles.set(NET.what, NET.reason)
    expect(second.told()).toEqual([NET])
    second.troubles.set(NET.what, undefined)
    expect(second.told()).toEqual([NET, over('it is well again')])
    expect(run().troubles.now().size).toBe(0)
  })

  it('that nobody looks for any more end once everybody has looked again', async () => {
    const { clock, run } = appliance()
    const first = run()
    first.troubles.set(NET.what, NET.reason)
    first.troubles.set('loaders', 'one is missing')
    first.troubles.stop()
    const { told, troubles } = run()
    troubles.set('loaders', 'one is missing')
    await clock.advance(Minutes(29))
    expect(troubles.now().size).toBe(2)
    await clock.advance(Minutes(2))
    expect([...troubles.now().keys()]).toEqual(['loaders'])
    expect(told().at(-1)).toEqual(over('it was not found again since the agent started'))
  })

  it('do not end because the agent does, and are told again on demand', () => {
    const { run } = appliance()
    const { site, told, troubles } = run()
    troubles.set(NET.what, NET.reason)
    site.commit((change) => troubles.tellAgain(change))
    troubles.stop()
    troubles.set(NET.what, undefined)
    expect(told()).toEqual([NET, NET])
    expect(run().troubles.now().size).toBe(1)
  })
})
