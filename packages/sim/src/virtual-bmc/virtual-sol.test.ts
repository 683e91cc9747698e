import type { ConsoleListener, ConsoleSession } from '@brickyard/bmc/console'
import { Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { bmcOnWire } from './virtual-bmc-rig.ts'

type Wire = Awaited<ReturnType<typeof bmcOnWire>>
type Client = ReturnType<Wire['client']>

/** A console that remembers what it was told. */
function listening() {
  const heard = { text: '', told: [] as string[] }
  const listener: ConsoleListener = {
    onData: (bytes) => void (heard.text += new TextDecoder().decode(bytes)),
    onInterrupted: (state) => void heard.told.push(state),
    onClosed: (why) => void heard.told.push(why),
  }
  return { heard, listener }
}

async function open(w: Wire, client: Client, listener: ConsoleListener, takeOver = false) {
  const console = client.console
  if (console === undefined) throw new Error('an IPMI BMC has a console')
  return await w.settled(console.open(listener, { takeOver }))
}

async function opened(w: Wire, client: Client, listener: ConsoleListener): Promise<ConsoleSession> {
  const result = await open(w, client, listener)
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

const type = (console: ConsoleSession, text: string): boolean =>
  console.write(new TextEncoder().encode(text))

describe('our console on the virtual BMC', () => {
  it('carries both ways, with a break, beside other requests', async () => {
    const w = await bmcOnWire()
    const client = w.client()
    const { heard, listener } = listening()
    const console = await opened(w, client, listener)
    w.print('login: ')
    type(console, 'root\r')
    console.sendBreak()
    await w.clock.advance(Seconds(1))
    expect(heard.text).toBe('login: ')
    expect(w.seen).toMatchObject({ typed: 'root\r', breaks: 1 })
    expect((await w.settled(client.power.read())).ok).toBe(true)
    expect(w.bmc.sessions()).toBe(1)
    await w.settled(console.close())
    expect(heard.told).toEqual(['closed'])
    await w.settled(client.close())
    expect(w.bmc.sessions()).toBe(0)
  })

  it('stays open for hours without a keystroke', async () => {
    const w = await bmcOnWire()
    const { heard, listener } = listening()
    await opened(w, w.client(), listener)
    await w.clock.advance(Seconds(2 * 3600))
    w.print('still here')
    await w.clock.advance(Seconds(1))
    expect(heard).toEqual({ text: 'still here', told: [] })
  })

  it('loses no character on a bad wire', async () => {
    const w = await bmcOnWire()
    const { heard, listener } = listening()
    const console = await opened(w, w.client(), listener)
    w.network.setSegment(w.segment, { loss: 0.2, duplication: 0.2, latencyMs: 20, jitterMs: 40 })
    let printed = ''
    let typed = ''
    for (let n = 0; n < 40; n++) {
      const line = `line ${n} of a boot log that is longer than one packet carries ${'.'.repeat(200)}\n`
      w.print(line)
      printed += line
      if (type(console, `key ${n};`)) typed += `key ${n};`
      await w.clock.advance(Seconds(2))
    }
    await w.clock.advance(Seconds(30))
    expect(heard.told).toEqual([])
    expect(heard.text).toBe(printed)
    expect(w.seen.typed).toBe(typed)
  })

  it('comes back by itself after the BMC restarted', async () => {
    const w = await bmcOnWire()
    const { heard, listener } = listening()
    const console = await opened(w, w.client(), listener)
    w.bmc.restart()
    await w.clock.advance(Seconds(120))
    expect(heard.told).toEqual(['lost', 'back'])
    w.print('up again')
    type(console, 'x')
    await w.clock.advance(Seconds(1))
    expect(heard.text).toBe('up again')
    expect(w.seen.typed).toBe('x')
  })

  it('takes its own console back while the BMC still holds the old one', async () => {
    const w = await bmcOnWire()
    const { heard, listener } = listening()
    const console = await opened(w, w.client(), listener)
    w.bmc.faults.silent = true
    type(console, 'x')
    await w.clock.advance(Seconds(10))
    expect(heard.told).toEqual(['lost'])
    w.bmc.faults.silent = false
    // Well before the BMC's old session ends by itself, a minute after its last packet.
    await w.clock.advance(Seconds(30))
    expect(heard.told).toEqual(['lost', 'back'])
  })

  it('gives up on a BMC that stays silent, and then can be opened again', async () => {
    const w = await bmcOnWire()
    const client = w.client()
    const { heard, listener } = listening()
    const console = await opened(w, client, listener)
    w.bmc.faults.silent = true
    await w.clock.advance(Seconds(1200))
    expect(heard.told).toHaveLength(2)
    expect(heard.told[1]).toContain('does not open again')
    expect(type(console, 'x')).toBe(false)
    w.bmc.faults.silent = false
    expect((await open(w, client, listening().listener)).ok).toBe(true)
  })

  it('is one at a time: refused, or taken over with word to the one who had it', async () => {
    const w = await bmcOnWire()
    const first = listening()
    await opened(w, w.client(), first.listener)
    const other = w.client()
    expect(await open(w, other, listening().listener)).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: 'somebody else has the console', elsewhere: true },
    })
    const second = listening()
    expect((await open(w, other, second.listener, true)).ok).toBe(true)
    await w.clock.advance(Seconds(5))
    expect(first.heard.told).toEqual([
      'the BMC has ended the console; somebody else may have taken it',
    ])
    w.print('yours now')
    await w.clock.advance(Seconds(1))
    expect([first.heard.text, second.heard.text]).toEqual(['', 'yours now'])
  })

  it('refuses a paste that is longer than what may wait', async () => {
    const w = await bmcOnWire()
    const console = await opened(w, w.client(), listening().listener)
    expect(type(console, 'x'.repeat(5000))).toBe(false)
    expect(type(console, 'y'.repeat(4000))).toBe(true)
    await w.clock.advance(Seconds(5))
    expect(w.seen.typed).toBe('y'.repeat(4000))
  })

  it('is over at once when the connection is closed, open or lost', async () => {
    for (const silent of [false, true]) {
      const w = await bmcOnWire()
      const client = w.client()
      const { heard, listener } = listening()
      const console = await opened(w, client, listener)
      w.bmc.faults.silent = silent
      type(console, 'x')
      await w.clock.advance(Seconds(10))
      await w.settled(client.close())
      expect(heard.told).toEqual([
        ...(silent ? ['lost'] : []),
        'the connection to the BMC was closed',
      ])
      expect(type(console, 'x')).toBe(false)
      await w.clock.advance(Seconds(600))
      expect(heard.told).toHaveLength(silent ? 2 : 1)
    }
  })

  it('leaves no timer behind', async () => {
    const w = await bmcOnWire()
    const client = w.client()
    const console = await opened(w, client, listening().listener)
    type(console, 'x')
    await w.settled(console.close())
    await w.settled(client.close())
    w.bmc.close()
    await w.clock.advance(Seconds(1))
    expect(w.clock.timerCount).toBe(0)
  })
})
