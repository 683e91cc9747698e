import type { SledName } from '@brickyard/model/names'
import type { EventBody } from '@brickyard/protocol/events'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { recordingLog } from '@brickyard/sim/recording-log'
import { redfishRig } from '@brickyard/sim/redfish-rig'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { Hours, Minutes, Seconds } from '@brickyard/std/units'
import { expect, it } from 'vitest'
import { eventsAfter } from '../store/journal.ts'
import { openSiteStore } from '../store/site-store.ts'
import { createBmcDesk } from './bmc-desk.ts'
import { createLogWatch } from './log-watch.ts'

const SLED = 'sled-01' as SledName

it('tells the log of a BMC that speaks Redfish, each entry once, and that somebody cleared it', async () => {
  const rig = redfishRig()
  const { clock } = rig
  const log = recordingLog()
  const store = openNodeStore({ path: ':memory:', durable: false })
  const site = openSiteStore({ store, clock, random: seededRandom('log') })
  const troubles = new Map<string, string | undefined>()
  const watchOf = () => {
    const desk = createBmcDesk({ connect: () => rig.client(), clock, log, minCycleMs: Seconds(10) })
    const set = (what: string, reason: string | undefined): void => void troubles.set(what, reason)
    const watch = createLogWatch({
      desk,
      site,
      clock,
      log,
      everyMs: Minutes(5),
      troubles: { set },
    })
    watch.watch([SLED])
    return watch
  }
  const told = () =>
    site
      .read((sql) => eventsAfter(sql, 0, 1000))
      .filter(({ kind }) => kind === 'sled.log')
      .map(({ body }) => body as EventBody<'sled.log'>)
      .map(({ what, id, health }) => [what, id, health])
  const first = watchOf()
  await clock.advance(Minutes(1))
  expect(told()).toEqual([['entry', '1', 'ok']])
  const lost = { severity: 'Critical', messageId: 'X.1.0.Lost', text: 'Power lost.' } as const
  const created = new Date(clock.wallMs()).toISOString()
  rig.face.model.log = [...rig.face.model.log, { ...lost, id: '2', created }]
  // Not before its turn, but for a change of power.
  await clock.advance(Minutes(1))
  expect(told()).toHaveLength(1)
  first.powerChanged(SLED)
  await clock.advance(Seconds(30))
  expect(told().at(-1)).toEqual(['entry', '2', 'critical'])
  expect(troubles.get(`event log of ${SLED}`)).toBe('it says critical: Power lost.')
  first.stop()

  const second = watchOf()
  await clock.advance(Hours(1))
  expect(told()).toHaveLength(2)
  rig.face.model.log = []
  await clock.advance(Minutes(6))
  expect(told().at(-1)).toEqual(['cleared', null, 'warning'])
  await clock.advance(Hours(30))
  expect(told()).toHaveLength(3)
  expect(troubles.get(`event log of ${SLED}`)).toBe(undefined)
  second.stop()
})
