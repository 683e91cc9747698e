import { eventPrint } from '@brickyard/protocol/journal-fork'
import { simulatedPorts } from '@brickyard/sim/simulated-ports'
import { Days, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { eventsAfter } from '../store/journal.ts'
import { SITE, hubLinkRig, acked } from './hub-link-rig.ts'

const rig = () => hubLinkRig(simulatedPorts('hub-link'))

describe('journal over the link', () => {
  it('says hello with its epoch and last number, and sends nothing before it is welcome', async () => {
    const made = await rig()
    made.trouble(3)
    await made.clock.advance(Seconds(5))
    expect(made.last().frames.map(({ kind }) => kind)).toEqual(['hello'])
    expect(made.last().frames[0]).toMatchObject({ site: SITE, epoch: made.site.epoch })
  })

  it('sends what the hub does not hold, in order, and what comes later', async () => {
    const made = await rig()
    made.trouble(5)
    made.last().say({ v: 1, kind: 'welcome', ackedSeq: 2, hubMs: 0 })
    expect(made.last().events()).toEqual([3, 4, 5])
    made.trouble(1)
    expect(made.last().events()).toEqual([3, 4, 5, 6])
  })

  it('sends again what was not acknowledged when the link broke', async () => {
    const made = await rig()
    made.trouble(4)
    const first = await made.welcome(0)
    first.say({ v: 1, kind: 'ack', epoch: made.site.epoch, seq: 2 })
    expect(acked(made)).toBe(2)
    first.hangUp()
    const second = await made.welcome(2)
    expect(second).not.toBe(first)
    expect(second.events()).toEqual([3, 4])
  })

  it('has at most 400 events on the way', async () => {
    const made = await rig()
    made.trouble(1000)
    const end = await made.welcome(0)
    expect(end.events()).toHaveLength(400)
    end.say({ v: 1, kind: 'ack', epoch: made.site.epoch, seq: 150 })
    expect(end.events()).toHaveLength(550)
  })

  it('ignores acknowledgements of another journal, and of what was never sent', async () => {
    const made = await rig()
    made.trouble(2)
    const end = await made.welcome(0)
    end.say({ v: 1, kind: 'ack', epoch: 'another', seq: 2 })
    end.say({ v: 1, kind: 'ack', epoch: made.site.epoch, seq: 99 })
    expect(acked(made)).toBe(0)
  })

  it('begins a new journal when the hub’s last event is another: its store was set back', async () => {
    const made = await rig()
    made.trouble(4)
    const { epoch } = made.site
    const prints = made.site.read((sql) => eventsAfter(sql, 0, 9).map(eventPrint))
    const another = 'f'.repeat(64)
    const end = await made.welcome(4, another)
    for (let round = 0; round < 5 && end.open; round++) {
      const seq = end.of('journal-ask').at(-1)?.seq ?? 0
      const print = seq <= 2 ? (prints[seq - 1] ?? null) : another
      end.say({ v: 1, kind: 'journal-held', epoch, seq, print })
    }
    expect([end.events(), end.open]).toEqual([[], false])
    expect(made.site.epoch).not.toBe(epoch)
    const next = await made.welcome(0, null)
    expect(next.frames[0]).toMatchObject({ epoch: made.site.epoch, lastSeq: 3 })
    const sent = next.of('events').flatMap(({ events }) => events)
    expect(sent.map(({ kind }) => kind)).toEqual([
      'site.trouble',
      'site.trouble',
      'journal.set-back',
    ])
    expect(sent.map(({ body }) => body).slice(0, 2)).toMatchObject([
      { reason: '2' },
      { reason: '3' },
    ])
    expect(sent[2]?.body).toEqual({ previousEpoch: epoch, commonSeq: 2, hubSeq: 4, carried: 2 })
  })

  it('hangs up on a hub that does not say what it holds', async () => {
    const made = await rig()
    made.trouble(8)
    const end = await made.welcome(8, 'f'.repeat(64))
    end.say({ v: 1, kind: 'journal-held', epoch: 'another', seq: 4, print: null })
    await made.clock.advance(Seconds(31))
    expect([end.of('journal-ask'), end.open]).toMatchObject([[{ seq: 4 }], false])
  })

  it('hangs up on a hub that acknowledges nothing, and dials again', async () => {
    const made = await rig()
    const first = await made.welcome(0)
    made.trouble(1)
    await made.clock.advance(Minutes(5))
    expect(first.open).toBe(false)
    expect(made.ends.length).toBeGreaterThan(1)
  })

  it('hangs up on a hub that answers everything and takes nothing', async () => {
    const made = await rig()
    const first = await made.welcome(0)
    first.answersAlive = true
    made.trouble(1)
    await made.clock.advance(Minutes(3))
    expect(first.open).toBe(false)
  })

  it('keeps a quiet link to a hub that answers, and leaves it once the answers stay out', async () => {
    const made = await rig()
    made.last().answersAlive = true
    const first = await made.welcome(0)
    await made.clock.advance(Minutes(60))
    expect([first.open, made.ends.length]).toEqual([true, 1])
    first.answersAlive = false
    await made.clock.advance(Seconds(50))
    expect(first.open).toBe(true)
    await made.clock.advance(Seconds(45))
    expect(first.open).toBe(false)
    expect(made.link.state()).toMatchObject({
      kind: 'down',
      reason: 'nothing was heard from the hub',
    })
    await made.clock.advance(Minutes(1))
    expect(made.ends.length).toBeGreaterThan(1)
  })

  it('does not leave an older hub that never answers', async () => {
    const made = await rig()
    const first = await made.welcome(0)
    await made.clock.advance(Minutes(60))
    expect([first.open, made.ends.length]).toEqual([true, 1])
  })

  it('says that it lives every 30 s, at most a fifth later, and never in step', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    await made.clock.advance(Minutes(30))
    const times = end.aliveAtMs.map((ms) => ms - (end.aliveAtMs[0] ?? 0))
    const pauses = times.slice(1).map((ms, i) => ms - (times[i] ?? 0))
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(Seconds(30))
    expect(Math.max(...pauses)).toBeLessThanOrEqual(Seconds(36))
    expect(new Set(pauses).size).toBeGreaterThan(10)
  })

  it('sends the newest of each reading only, and says that it lives', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    made.readings.put('sled/a/power', 'off', null)
    made.readings.put('sled/a/power', 'on', null)
    await made.clock.advance(Seconds(40))
    const values = end.of('readings').flatMap((frame) => frame.values.map(({ value }) => value))
    expect(values).toEqual(['on'])
    expect(end.of('alive').length).toBeGreaterThan(0)
  })

  it('dials for ever while the hub is away, at most a minute apart', async () => {
    const made = await rig()
    made.net.up = false
    made.last().hangUp()
    await made.clock.advance(Days(2))
    expect(made.link.state().kind).toBe('down')
    made.net.up = true
    const before = made.ends.length
    await made.clock.advance(Minutes(1) + Seconds(1))
    expect(made.ends.length).toBeGreaterThan(before)
  })

  it('survives frames that cannot be read', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    for (const text of ['', '{', '[]', '{"v":9}', '{"v":1,"kind":"nonsense"}', '\u0000']) {
      end.sayText(text)
    }
    made.trouble(1)
    expect(end.events()).toEqual([1])
  })
})
