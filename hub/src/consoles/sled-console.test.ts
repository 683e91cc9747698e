import { CONSOLE_WINDOW_BYTES, type ConsoleToReader } from '@brickyard/api/console-wire'
import { SiteName, SledName } from '@brickyard/model/names'
import {
  SERIAL_OUTPUT_WINDOW_BYTES,
  SERIAL_RING_BYTES,
  type SerialAsk,
  type SerialOpen,
} from '@brickyard/protocol/serial-stream'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { KiB } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { SITE_WENT_AWAY, type StreamEvents } from '../agent-link/streams.ts'
import { ConsoleReader, type ReadFrom } from './console-reader.ts'
import { SledConsole } from './sled-console.ts'

const named = <T>(parsed: { ok: true; value: T } | { ok: false; error: string }): T => {
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
const SITE = named(SiteName.parse('tower'))
const SLED = named(SledName.parse('sled-01'))
const TAIL: ReadFrom = { from: null, tail: KiB(64) }

/** A console whose site and readers are the test's own hands. */
function rig() {
  const clock = virtualClock()
  const streams: { open: SerialOpen; events: StreamEvents; asks: SerialAsk[]; granted: number }[] =
    []
  const typed: string[] = []
  const net = {
    up: true,
    left: 0,
    empty: false,
    recorded: undefined as ReadFrom['from'] | undefined,
  }
  const quiet = (): void => undefined
  const console = new SledConsole({
    site: SITE,
    sled: SLED,
    clock,
    links: {
      lastSeenMs: () => 7,
      openSerial(_site, open, events) {
        if (!net.up) return undefined
        const stream = { open, events, asks: [] as SerialAsk[], granted: 0 }
        streams.push(stream)
        return {
          data: (bytes) => typed.push(Buffer.from(bytes).toString()),
          ask: (ask) => stream.asks.push(ask),
          credit: (bytes) => (stream.granted += bytes),
          close: quiet,
        }
      },
    },
    record: {
      upTo: () => Promise.resolve(net.recorded ?? undefined),
      printed: quiet,
      typed: quiet,
      note: quiet,
      end: quiet,
    },
    onLeft: () => (net.left += 1),
    onEmpty: () => (net.empty = true),
  })
  const reader = (user: string, wants = TAIL) => {
    const heard = { bytes: 0, text: '', said: [] as ConsoleToReader[], code: 0 }
    let take: Parameters<WebSocketLink['onMessage']>[0] = quiet
    let onClose: Parameters<WebSocketLink['onClose']>[0] = quiet
    const link: WebSocketLink = {
      peer: { address: '', port: 0 },
      send(message) {
        if (typeof message === 'string') heard.said.push(JSON.parse(message) as ConsoleToReader)
        else {
          heard.bytes += message.length
          heard.text = (heard.text + Buffer.from(message).toString()).slice(-100)
        }
      },
      bufferedBytes: () => 0,
      onMessage: (taker) => (take = taker),
      onClose: (taker) => (onClose = taker),
      close: (code) => {
        heard.code = code
        onClose(code, '')
      },
    }
    console.join(new ConsoleReader(link, user, wants, clock))
    const last = <K extends ConsoleToReader['kind']>(kind: K) =>
      heard.said.findLast(
        (said): said is Extract<ConsoleToReader, { kind: K }> => said.kind === kind,
      )
    return {
      heard,
      last,
      say: (message: unknown) => take(JSON.stringify(message)),
      raw: (message: string | Uint8Array) => take(message),
      type: (text: string) => take(Buffer.from(text)),
      leave: () => onClose(1001, ''),
    }
  }
  const site = () => streams.at(-1) as (typeof streams)[number]
  /** Prints in pieces, as far as the hub grants. */
  const print = (bytes: number): void => {
    for (let left = bytes; left > 0;) {
      const piece = Math.min(left, KiB(8))
      site().events.data(new Uint8Array(piece).fill(0x2e))
      left -= piece
    }
  }
  const at = (ring: string, offset: number): void =>
    site().events.told({ kind: 'at', ring, offset })
  return { console, streams, site, typed, net, reader, print, at }
}

describe('a console at the hub', () => {
  it('grants the site what it takes, however slow a reader is; that one is told what it missed', () => {
    const r = rig()
    const [slow, quick] = [r.reader('slow'), r.reader('quick')]
    r.at('ring', 0)
    const printed = SERIAL_RING_BYTES + CONSOLE_WINDOW_BYTES + KiB(100)
    for (let done = 0; done < printed; done += KiB(4)) {
      r.print(KiB(4))
      quick.say({ kind: 'credit', bytes: KiB(4) })
    }
    expect(quick.heard.bytes).toBe(printed)
    expect(slow.heard.bytes).toBe(CONSOLE_WINDOW_BYTES)
    expect(r.site().granted).toBeGreaterThan(printed)
    for (let n = 0; n < 20; n++) slow.say({ kind: 'credit', bytes: CONSOLE_WINDOW_BYTES })
    expect(slow.last('at')).toMatchObject({ offset: printed - SERIAL_RING_BYTES, lost: KiB(100) })
    expect(slow.heard.bytes).toBe(printed - KiB(100))
  })

  it('lets no reader grant more than a window, whatever it says', () => {
    const r = rig()
    const greedy = r.reader('greedy')
    greedy.say({ kind: 'credit', bytes: 1e12 })
    r.at('ring', 0)
    r.print(KiB(512))
    expect(greedy.heard.bytes).toBe(CONSOLE_WINDOW_BYTES)
  })

  it('takes no more from a site than it granted', () => {
    const r = rig()
    const reader = r.reader('ann')
    r.at('ring', 0)
    r.site().events.data(new Uint8Array(SERIAL_OUTPUT_WINDOW_BYTES + 1))
    expect(reader.last('state')).toMatchObject({ state: 'failed' })
    expect(reader.heard.bytes).toBe(0)
  })

  it('goes on at the byte where a reader was, also where the record is behind', async () => {
    const r = rig()
    r.net.recorded = { ring: 'ring', offset: 400 }
    const reader = r.reader('ann', { from: { ring: 'ring', offset: 500 }, tail: 10 })
    await Promise.resolve()
    await Promise.resolve()
    expect(r.site().open.from).toEqual({ ring: 'ring', offset: 400 })
    r.at('ring', 400)
    r.print(150)
    expect(reader.last('at')).toMatchObject({ offset: 500, lost: 0 })
    expect(reader.heard.bytes).toBe(50)
  })

  it('asks the site again when a later reader wants more of before; others see nothing twice', () => {
    const r = rig()
    const first = r.reader('first', { from: null, tail: 10 })
    r.at('ring', 990)
    r.print(10)
    const second = r.reader('second', { from: null, tail: 1000 })
    expect(r.streams).toHaveLength(2)
    expect(r.site().open).toMatchObject({ tail: 1000 })
    r.at('ring', 0)
    r.print(1010)
    expect([first.heard.bytes, second.heard.bytes]).toEqual([20, 1010])
  })

  it('passes on what one writer types, within what the site takes', () => {
    const r = rig()
    const [ann, bob] = [r.reader('ann'), r.reader('bob')]
    ann.type('no')
    expect(ann.last('refused')).toMatchObject({ what: 'type' })
    ann.say({ kind: 'write', take: false })
    expect(ann.last('may-type')).toEqual({ kind: 'may-type', upTo: 4096 + 2 })
    bob.say({ kind: 'write', take: false })
    expect(bob.last('refused')).toMatchObject({ what: 'write' })
    ann.type('yes')
    ann.type('x'.repeat(4096))
    expect(r.typed).toEqual(['yes'])
    expect(ann.last('refused')).toMatchObject({ reason: 'it is not taken now, and was dropped' })
    bob.say({ kind: 'write', take: true })
    expect(ann.last('people')).toMatchObject({ writer: 'bob', you: 'reader' })
    expect(bob.last('may-type')).toEqual({ kind: 'may-type', upTo: 4093 })
    expect(r.site().asks.at(-1)).toEqual({ kind: 'people', readers: ['ann', 'bob'], writer: 'bob' })
    bob.leave()
    expect(ann.last('people')).toMatchObject({ writer: null })
  })

  it('says since when the site is away, and goes on when it is back', () => {
    const r = rig()
    const ann = r.reader('ann')
    r.at('ring', 0)
    r.print(100)
    r.net.up = false
    r.site().events.closed(SITE_WENT_AWAY)
    expect(ann.last('state')).toMatchObject({ state: 'site-away', atMs: 7 })
    ann.say({ kind: 'take-over' })
    expect(ann.last('refused')).toMatchObject({ what: 'take-over', reason: 'the site is away' })
    r.net.up = true
    r.console.connected()
    expect(r.site().open.from).toEqual({ ring: 'ring', offset: 100 })
    r.at('ring', 100)
    r.print(20)
    expect(ann.heard.bytes).toBe(120)
    ann.leave()
    expect([r.net.left, r.net.empty]).toEqual([1, true])
  })

  it.each([['{'], ['{"kind":"reboot"}'], ['{"kind":"credit","bytes":-1}'], ['x'.repeat(70_000)]])(
    'ends a reader whose message cannot be read: %.20s',
    (message) => {
      const r = rig()
      const reader = r.reader('ann')
      reader.raw(message)
      expect(reader.heard.code).toBe(4400)
      expect(r.net.empty).toBe(true)
    },
  )
})
