import type { BmcEvent } from '@brickyard/bmc/events'
import { assert } from '@brickyard/std/assert'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { faultKind, redfishRig } from './redfish-rig.ts'

function rig(persona: 'openbmc' | 'hpe' = 'openbmc') {
  const w = redfishRig(persona)
  const client = w.client()
  const { events } = client
  assert(events !== undefined, 'the driver has events')
  const heard: BmcEvent[] = []
  const ends: string[] = []
  const open = () =>
    w.settled(
      events.open({
        onEvent: (event) => void heard.push(event),
        onClosed: (why) => void ends.push(why),
      }),
    )
  return { ...w, client, heard, ends, open }
}

describe('events of a BMC', () => {
  it('are heard when they happen, beside everything else that is asked', async () => {
    const w = rig()
    expect((await w.open()).ok).toBe(true)
    w.face.emit({ id: '7', text: 'Fan 2 failed.', severity: 'Critical' })
    expect((await w.settled(w.client.power.read())).ok).toBe(true)
    await w.clock.runUntil(() => w.heard.length > 0, Seconds(10))
    expect(w.heard).toEqual([{ id: '7', text: 'Fan 2 failed.', health: 'critical' }])
    expect(w.ends).toEqual([])
  })

  it('keep the session that they come by, which is given back after them', async () => {
    const w = rig()
    await w.open()
    await w.settled(w.client.power.read())
    await w.clock.advance(Minutes(5))
    expect(w.face.sessions()).toBe(1)
    w.face.emit({ id: '8', text: 'Fan 2 is back.', severity: 'OK' })
    await w.clock.runUntil(() => w.heard.length > 0, Seconds(10))
    await w.clock.advance(Minutes(15))
    expect(w.ends).toEqual([expect.stringContaining('stopped coming')])
    expect(w.face.sessions()).toBe(0)
  })

  it('end with the BMC, which is told', async () => {
    const w = rig()
    await w.open()
    w.face.restart()
    await w.clock.runUntil(() => w.ends.length > 0, Seconds(10))
    expect(w.ends).toEqual(['the BMC ended the stream'])
  })

  it('are refused where the BMC has no stream of them', async () => {
    expect(await rig('hpe').open()).toMatchObject(faultKind('refused'))
  })
})
