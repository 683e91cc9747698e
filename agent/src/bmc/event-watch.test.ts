import type { SledName } from '@brickyard/model/names'
import { recordingLog } from '@brickyard/sim/recording-log'
import { redfishRig } from '@brickyard/sim/redfish-rig'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { createBmcDesk } from './bmc-desk.ts'
import { createEventWatch } from './event-watch.ts'

const SLED = 'sled-01' as SledName
const EVENT = { id: '1', text: 'Fan 2 failed.', severity: 'Critical' }

function rig(persona: 'openbmc' | 'hpe' = 'openbmc') {
  const w = redfishRig(persona)
  const desk = createBmcDesk({
    connect: () => w.client(),
    clock: w.clock,
    log: recordingLog(),
    minCycleMs: 0,
  })
  const heard: string[] = []
  const events = createEventWatch({
    desk,
    clock: w.clock,
    onEvent: (sled) => void heard.push(sled),
  })
  events.watch([SLED])
  return { ...w, desk, events, heard }
}

describe('the events of a BMC', () => {
  it('are heard from its first answer on, and again after it restarted', async () => {
    const w = rig()
    w.events.answers(SLED)
    await w.clock.advance(Seconds(5))
    w.face.emit(EVENT)
    await w.clock.advance(Seconds(1))
    expect(w.heard).toEqual([SLED])
    w.face.restart()
    await w.clock.advance(Minutes(6))
    w.face.emit(EVENT)
    await w.clock.advance(Seconds(1))
    expect(w.heard).toEqual([SLED, SLED])
  })

  it('leave the desk free for everything else', async () => {
    const w = rig()
    w.events.answers(SLED)
    await w.clock.advance(Seconds(5))
    expect(await w.settled(w.desk.readPower(SLED))).toMatchObject({ ok: true })
  })

  it('of a sled that is not watched any more count for nothing', async () => {
    const w = rig()
    w.events.answers(SLED)
    await w.clock.advance(Seconds(5))
    w.events.watch([])
    w.face.emit(EVENT)
    await w.clock.advance(Minutes(10))
    expect(w.heard).toEqual([])
  })

  it('are asked for once where the BMC has none', async () => {
    const w = rig('hpe')
    w.events.answers(SLED)
    await w.clock.advance(Seconds(5))
    const asked = w.face.requests()
    await w.clock.advance(Seconds(100))
    expect(w.face.requests()).toBe(asked)
  })
})
