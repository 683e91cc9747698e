import type { SledName } from '@brickyard/model/names'
import type { EventBody } from '@brickyard/protocol/events'
import type { HubFrame, SiteFrame } from '@brickyard/protocol/frames'
import { recordingLog } from '@brickyard/sim/recording-log'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { bmcOnWire } from '@brickyard/sim/virtual-bmc-rig'
import { ok } from '@brickyard/std/result'
import { KiB, MiB, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { createSerialDesk } from '../bmc/serial-desk.ts'
import { createSerialStreams } from './serial-streams.ts'

const SLED = 'sled-01' as SledName
type SerialFrame = Extract<SiteFrame, { stream: number }>
type Ask = Extract<HubFrame, { kind: 'stream-ask' }>['ask']

/** The consoles of a site with one sled on a simulated wire, and the hub's end of its link by hand. */
async function site(tune: Parameters<typeof bmcOnWire>[1] = {}) {
  const wire = await bmcOnWire({}, tune)
  const { clock } = wire
  const events: EventBody<'sled.console'>[] = []
  const desk = createSerialDesk({
    clock,
    random: seededRandom('serial'),
    log: recordingLog(),
    rack: () => ({ sleds: [{ name: SLED }] }) as never,
    connect: () => ok(wire.client()),
    site: {
      commit(work) {
        const change = {
          event: (_kind: string, body: EventBody<'sled.console'>) => events.push(body),
        }
        return work(change as never)
      },
    },
  })
  const link = () => {
    const net = { buffered: 0, credit: KiB(64) }
    const heard = { text: '', bytes: 0, told: [] as string[], typed: 0, closed: '' }
    let at: { ring: string; offset: number } | undefined
    const streams = createSerialStreams({
      desk,
      clock,
      bufferedBytes: () => net.buffered,
      send: (frame) => hear(frame as SerialFrame),
    })
    function hear(frame: SerialFrame): void {
      if (frame.kind === 'stream-data') {
        const bytes = Buffer.from(frame.data, 'base64')
        heard.text += bytes.toString()
        heard.bytes += bytes.length
        if (at !== undefined) at = { ...at, offset: at.offset + bytes.length }
      } else if (frame.kind === 'stream-credit') heard.typed += frame.bytes
      else if (frame.kind === 'stream-close') heard.closed = frame.reason
      else if (frame.told.kind === 'state') heard.told.push(frame.told.state)
      else at = { ring: frame.told.ring, offset: frame.told.offset }
    }
    const say = (frame: Record<string, unknown>): void =>
      streams.take({ v: 1, stream: 1, ...frame } as never)
    return {
      net,
      heard,
      streams,
      where: () => at,
      open(from: { ring: string; offset: number } | null = null, tail = MiB(1)) {
        say({ kind: 'stream-open', what: 'serial', serial: { sled: SLED, from, tail } })
        if (net.credit > 0) say({ kind: 'stream-credit', bytes: net.credit })
      },
      credit: (bytes: number) => say({ kind: 'stream-credit', bytes }),
      type: (text: string) =>
        say({ kind: 'stream-data', data: Buffer.from(text).toString('base64') }),
      ask: (ask: Ask) => say({ kind: 'stream-ask', ask }),
    }
  }
  return { ...wire, desk, events, link }
}

describe('a serial console over the link', () => {
  it('is opened by the first reader, prints, is typed into, and breaks', async () => {
    const s = await site()
    const hub = s.link()
    hub.open()
    await s.clock.advance(Seconds(2))
    expect(hub.heard.told).toEqual(['opening', 'open'])
    s.print('Debian GNU/Linux 12 sled ttyS0\r\n\r\nsled login: ')
    hub.type('root\r')
    hub.ask({ kind: 'break', by: 'op' })
    await s.clock.advance(Seconds(2))
    expect(hub.heard.text).toContain('sled login: ')
    expect([s.seen.typed, s.seen.breaks]).toEqual(['root\r', 1])
    expect(s.events).toEqual([{ sled: SLED, what: 'break', by: 'op' }])
  })

  it('gives what was printed while the link was away, each byte once, by its offset', async () => {
    const s = await site({ loss: 0.1, latencyMs: 5, jitterMs: 5 })
    let printed = ''
    let heard = ''
    let from: { ring: string; offset: number } | null = null
    for (let round = 0; round < 6; round++) {
      const hub = s.link()
      hub.open(from)
      for (let n = 0; n < 10; n++) {
        const line = `round ${round} line ${n} ${'.'.repeat(90)}\n`
        if (round > 0 || n > 4) {
          s.print(line)
          printed += line
        }
        await s.clock.advance(Seconds(1))
      }
      from = hub.where() ?? null
      heard += hub.heard.text
      hub.streams.end()
      s.print(`between ${round}\n`)
      printed += `between ${round}\n`
      await s.clock.advance(Seconds(20))
    }
    const last = s.link()
    last.open(from)
    await s.clock.advance(Seconds(10))
    expect(heard + last.heard.text).toBe(printed)
  })

  it('lets a hub without credit wait, and gives it what is left of the newest megabyte', async () => {
    const s = await site()
    const hub = s.link()
    hub.net.credit = 0
    hub.open()
    await s.clock.advance(Seconds(2))
    const line = `${'x'.repeat(1023)}\n`
    // As fast as a virtual BMC passes it on: 200 characters in a packet.
    for (let n = 0; n < 1100; n++) {
      s.print(line)
      await s.clock.advance(100)
    }
    await s.clock.advance(Seconds(10))
    expect(hub.heard.bytes).toBe(0)
    hub.credit(KiB(10))
    expect(hub.heard.bytes).toBe(KiB(10))
    expect(hub.where()?.offset).toBe(KiB(1100) - MiB(1) + KiB(10))
  })

  it('holds output back while the link is full, and goes on by itself', async () => {
    const s = await site()
    const hub = s.link()
    hub.open()
    await s.clock.advance(Seconds(2))
    hub.net.buffered = MiB(1)
    s.print('later')
    await s.clock.advance(Seconds(5))
    expect(hub.heard.text).toBe('')
    hub.net.buffered = 0
    await s.clock.advance(Seconds(1))
    expect(hub.heard.text).toBe('later')
  })

  it('grants what was typed anew, and ends a stream that types without credit', async () => {
    const s = await site()
    const hub = s.link()
    hub.open()
    await s.clock.advance(Seconds(2))
    hub.type('y'.repeat(4096))
    await s.clock.advance(Seconds(30))
    expect(s.seen.typed).toBe('y'.repeat(4096))
    expect(hub.heard.typed).toBe(4096)
    hub.type('z'.repeat(4097))
    expect(hub.heard.closed).toBe('more was typed than was granted')
  })

  it('tells that the console is taken elsewhere, and takes it over only when asked', async () => {
    const s = await site()
    const other = s.client()
    const listener = { onData: () => {}, onInterrupted: () => {}, onClosed: () => {} }
    await s.settled(other.console?.open(listener, { takeOver: false }) ?? Promise.reject(SLED))
    const hub = s.link()
    hub.open()
    await s.clock.advance(Seconds(30))
    expect(new Set(hub.heard.told)).toEqual(new Set(['opening', 'elsewhere']))
    await s.clock.runUntil(() => hub.heard.told.at(-1) === 'elsewhere', Minutes(1))
    hub.ask({ kind: 'take-over', by: 'op' })
    await s.clock.advance(Seconds(5))
    expect(hub.heard.told.at(-1)).toBe('open')
    expect(s.events).toEqual([{ sled: SLED, what: 'took-over', by: 'op' }])
  })

  it('is given back two minutes after the last reader left, and not before', async () => {
    const s = await site()
    const hub = s.link()
    hub.open()
    hub.ask({ kind: 'people', readers: ['op'], writer: 'op' })
    await s.clock.advance(Seconds(2))
    hub.streams.end()
    await s.clock.advance(Seconds(110))
    expect(s.bmc.sessions()).toBe(1)
    await s.clock.advance(Seconds(20))
    expect(s.bmc.sessions()).toBe(0)
    expect(s.events.map(({ what, by }) => `${what} ${by}`)).toEqual([
      'joined op',
      'writer op',
      'writer null',
      'left op',
    ])
    expect(s.clock.timerCount).toBe(0)
  })

  it('comes back after the BMC restarted, and types nothing of what was meant for before', async () => {
    const s = await site()
    const hub = s.link()
    hub.open()
    await s.clock.advance(Seconds(2))
    s.bmc.faults.silent = true
    // The first fills the driver, the second waits before it.
    hub.type('reboot\r'.repeat(585))
    hub.type('reboot\r'.repeat(290))
    await s.clock.advance(Seconds(40))
    expect(hub.heard.told.at(-1)).toBe('reconnecting')
    hub.type('more\r')
    s.bmc.restart()
    s.bmc.faults.silent = false
    await s.clock.advance(Minutes(3))
    expect(hub.heard.told.at(-1)).toBe('open')
    expect(s.seen.typed).toBe('')
    s.print('up again')
    await s.clock.advance(Seconds(1))
    expect(hub.heard.text).toBe('up again')
  })

  it('has what was printed before anybody came, where the console is declared to stay open', async () => {
    const s = await site()
    s.desk.watch([SLED])
    await s.clock.advance(Seconds(2))
    s.print('a boot that nobody saw')
    await s.clock.advance(Minutes(30))
    const hub = s.link()
    hub.open()
    await s.clock.advance(Seconds(1))
    expect(hub.heard).toMatchObject({ told: ['open'], text: 'a boot that nobody saw' })
    hub.streams.end()
    await s.clock.advance(Minutes(10))
    expect(s.bmc.sessions()).toBe(1)
    s.desk.watch([])
    await s.clock.advance(Minutes(3))
    expect(s.bmc.sessions()).toBe(0)
    expect(s.events).toEqual([])
  })

  it('keeps trying a BMC that is silent, and has it when it speaks', async () => {
    const s = await site()
    s.bmc.faults.silent = true
    const hub = s.link()
    hub.open()
    await s.clock.advance(Minutes(10))
    expect(hub.heard.told).toContain('failed')
    s.bmc.faults.silent = false
    await s.clock.advance(Minutes(3))
    expect(hub.heard.told.at(-1)).toBe('open')
  })
})
