import { LIMITS_DEFAULT } from '@brickyard/agent/agent-config'
import { parseStandAlone } from '@brickyard/agent/stand-alone-document'
import { GET_CHASSIS_STATUS } from '@brickyard/ipmi/commands/chassis-status'
import { GET_SENSOR_READING } from '@brickyard/ipmi/commands/sensor-reading'
import type { SiteName, SledName } from '@brickyard/model/names'
import { planRack, sledName } from '@brickyard/sim/rack-plan'
import { simulatedRack } from '@brickyard/sim/rack'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedSite } from './simulated-site.ts'
import { simulatedWorld, whileTimePasses } from './simulated-world.ts'

const SLEDS = 48
/** How late a poll of a healthy BMC may be. */
const SLACK_MS = Seconds(2)
const POWER_EVERY_MS = Seconds(15)
const SENSORS_EVERY_MS = Seconds(60)
/** What a small BMC takes for an answer. */
const ANSWER_MS = 150
const RUN_MS = Minutes(12)
/** The first round is spread over a whole period, and reads each sensor list once. */
const SETTLED_MS = Minutes(2)

/** A site that only listens and watches: 48 BMCs, and each command they are given with its moment. */
async function watchedSite(seed: string) {
  const world = simulatedWorld(seed)
  const { random, clock, network, http } = world
  const plan = planRack({ site: 'edge-1' as SiteName, siteNumber: 0, sledCount: SLEDS, random })
  const powerMs = new Map<SledName, number[]>()
  const sensorsMs = new Map<SledName, number[]>()
  const note = (times: Map<SledName, number[]>, sled: SledName): void => {
    const held = times.get(sled)
    if (held === undefined) times.set(sled, [clock.monotonicMs()])
    else held.push(clock.monotonicMs())
  }
  const rack = await simulatedRack({
    plan,
    siteNumber: 0,
    clock,
    random,
    network,
    httpOf: (host) => http.client(host),
    onBmcCommand(sled, { netFn, command, data }) {
      const is = (one: { readonly netFn: number; readonly command: number }): boolean =>
        one.netFn === netFn && one.command === command
      if (is(GET_CHASSIS_STATUS)) note(powerMs, sled)
      if (is(GET_SENSOR_READING) && data[0] === 1) note(sensorsMs, sled)
    },
  })
  const networks = plan.document.networks.map((one) => ({ ...one, mode: 'listen-only' }))
  const document = JSON.parse(JSON.stringify({ ...plan.document, networks })) as unknown
  const standAlone = parseStandAlone({ rack: document, images: [], assignments: [] })
  if (!standAlone.ok) throw new Error(JSON.stringify(standAlone.error))
  const site = await simulatedSite(world, {
    rack,
    standAlone: standAlone.value,
    limits: LIMITS_DEFAULT,
  })
  return { world, rack, site, powerMs, sensorsMs }
}

/** The longest time between two of `times`, and from the last to the end. */
function longestGapMs(times: readonly number[] | undefined, endMs: number): number {
  const settled = (times ?? []).filter((atMs) => atMs >= SETTLED_MS)
  const [first = Infinity] = settled
  const gaps = [...settled.slice(1), endMs].map((atMs, at) => atMs - (settled[at] ?? 0))
  return Math.max(first - SETTLED_MS, ...gaps)
}

/** Virtual hours take real seconds; on a busy machine many. */
const RUN_TIMEOUT_MS = 180_000

describe('48 BMCs, some of them ill', () => {
  it.each(['fleet-1', 'fleet-2'])(
    'the well ones keep their rates (seed %s)',
    async (seed) => {
      const { world, rack, site, powerMs, sensorsMs } = await watchedSite(seed)
      const { clock, random } = world
      const names = Array.from({ length: SLEDS }, (_, at) => sledName(at + 1))
      const shuffled = names
        .map((name) => ({ name, at: random.fork(`ill/${name}`).fraction() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ name }) => name)
      const faultsOf = (name: SledName) => {
        const faults = rack.slot(name)?.bmc.faults
        if (faults === undefined) throw new Error(`no ${name}`)
        return faults
      }
      for (const name of shuffled.slice(0, 2)) faultsOf(name).silent = true
      for (const name of shuffled.slice(2, 4)) faultsOf(name).hangsAfterLogin = true
      for (const name of shuffled.slice(4, 5)) faultsOf(name).slowMs = Seconds(20)
      for (const name of shuffled.slice(5, 8)) faultsOf(name).loss = 0.3
      for (const name of shuffled.slice(8, 10)) faultsOf(name).wrongPassword = true
      for (const name of shuffled.slice(10, 11)) faultsOf(name).rubbish = true
      const well = shuffled.slice(11)
      expect(well).toHaveLength(37)
      expect(LIMITS_DEFAULT).toMatchObject({
        powerPollMs: POWER_EVERY_MS,
        sensorPollMs: SENSORS_EVERY_MS,
      })
      for (const name of well) faultsOf(name).slowMs = ANSWER_MS

      await whileTimePasses(world, site.start(), Minutes(1))
      await clock.advance(RUN_MS)
      const endMs = clock.monotonicMs()
      const late = well.flatMap((name) => {
        const power = longestGapMs(powerMs.get(name), endMs)
        const sensors = longestGapMs(sensorsMs.get(name), endMs)
        return power > POWER_EVERY_MS + SLACK_MS || sensors > SENSORS_EVERY_MS + SLACK_MS
          ? [{ name, power, sensors }]
          : []
      })
      expect(late).toEqual([])
      for (const name of well) expect(site.agent?.state()?.site.sleds.get(name)?.power).toBe('off')
      // With half of all answers missing a login is luck; it is tried on and on. The dead are asked seldom.
      for (const name of shuffled.slice(5, 8)) expect(powerMs.get(name)?.length).toBeGreaterThan(0)
      for (const name of shuffled.slice(2, 4)) expect(powerMs.get(name)?.length).toBeLessThan(40)
      await whileTimePasses(world, site.stop(), Minutes(2))
    },
    RUN_TIMEOUT_MS,
  )
})
