import { sledName } from '@brickyard/sim/rack-plan'
import { KiB, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedFleet } from './simulated-fleet.ts'
import { simulatedReader } from './simulated-reader.ts'

const SLED = sledName(1)
/** What an endless boot loop prints at a time. */
const CHATTER = '.'.repeat(1022)

/** A fleet of one sled that stands on, and who may read its console. */
async function running(seed: string) {
  const fleet = await simulatedFleet({ seed, sledsPerSite: 1 })
  await fleet.until('ready', async () => (await fleet.sledState(SLED)).state === 'ready')
  const { world, hub } = fleet
  const sled = fleet.site.rack.slot(SLED)?.sled
  if (sled === undefined) throw new Error('no sled')
  const { clock } = world
  const site = fleet.siteName()
  return {
    ...fleet,
    fleet,
    sled,
    clock,
    name: site,
    reader: (tail?: number) => simulatedReader({ clock, hub }, site, SLED, tail),
    events: async (): Promise<string[]> => {
      const found = await hub.ask(hub.client.events.list({ site, kind: 'sled.console' }))
      return found.items.map(({ text }) => text).reverse()
    },
    record: () => hub.consoleRecord(site, SLED),
  }
}

/** Prints a numbered line every second. */
async function chatter(f: Awaited<ReturnType<typeof running>>, from: number, to: number) {
  let printed = ''
  for (let n = from; n < to; n++) {
    f.sled.serial.print(`line ${n}`)
    printed += `line ${n}\r\n`
    await f.clock.advance(Seconds(1))
  }
  return printed
}

describe('a serial console from the sled to its readers', () => {
  it('shows the boot, takes what the writer types, and tells who was there', async () => {
    const f = await running('console-1')
    const typed: string[] = []
    f.sled.serial.listen({
      line: (text) => typed.push(text),
      hidden: () => false,
      broken: () => typed.push('BREAK'),
    })
    const reader = f.reader()
    await f.clock.advance(Seconds(5))
    expect(reader.view).toMatchObject({ link: 'connected', state: 'open', writer: null })
    expect(reader.type('ls\r')).toBe(false)
    reader.line.sendBreak()
    reader.line.write(false)
    await f.clock.advance(Seconds(5))
    expect(reader.view).toMatchObject({ isWriter: true, writer: 'op' })
    expect(reader.type('hunter2\r')).toBe(true)
    reader.line.sendBreak()
    await f.clock.advance(Seconds(5))
    expect(typed).toEqual(['hunter2', 'BREAK'])
    expect(reader.text).toBe('hunter2\r\n')
    expect(reader.refused).toEqual(['break: only who writes may send a break'])
    f.sled.host.apply('on')
    await f.clock.advance(Minutes(2))
    expect(reader.text).toContain('BIOS')
    reader.line.close()
    await f.clock.advance(Minutes(1))
    expect(await f.events()).toEqual([
      `op reads the console of ${SLED}`,
      `op writes on the console of ${SLED}`,
      `op sent a break on the console of ${SLED}`,
      `op writes no more on the console of ${SLED}`,
      `op left the console of ${SLED}`,
    ])
    const record = f.record()
    expect(record).toEqual(
      expect.arrayContaining([
        'note op: joined',
        'typed op: hunter2\r',
        'note op: break',
        'note op: left',
      ]),
    )
    expect(record.join('')).toContain('BIOS')
  })

  it('lets one write and many read; another takes over only by saying so', async () => {
    const f = await running('console-2')
    const [first, second] = [f.reader(), f.reader()]
    await f.clock.advance(Seconds(5))
    first.line.write(false)
    await f.clock.advance(Seconds(1))
    second.line.write(false)
    await f.clock.advance(Seconds(1))
    expect(second.refused).toEqual(['write: op writes; it has to be taken over'])
    second.line.write(true)
    await f.clock.advance(Seconds(1))
    expect([first.view.isWriter, second.view.isWriter]).toEqual([false, true])
    const printed = await chatter(f, 0, 5)
    expect([first.text, second.text]).toEqual([printed, printed])
    const third = f.reader()
    await f.clock.advance(Seconds(1))
    expect(third.text).toBe(printed)
    expect(third.view.readers).toEqual(['op', 'op', 'op'])
    expect(f.record()).toContain('note op: writes, taken over from op')
  })

  it('loses no byte over a cut uplink of a minute, and says so while it lasts', async () => {
    const f = await running('console-3')
    const reader = f.reader()
    await f.clock.advance(Seconds(5))
    let printed = await chatter(f, 0, 10)
    f.cutUplink(true)
    // Longer than both ends take to give the link up.
    printed += await chatter(f, 10, 110)
    expect(reader.view).toMatchObject({ link: 'connected', state: 'site-away' })
    f.cutUplink(false)
    printed += await chatter(f, 110, 220)
    await f.until('open', () => reader.view.state === 'open', Minutes(10))
    await f.clock.advance(Seconds(10))
    expect(reader.text).toBe(printed)
    expect(reader.view.lostBytes).toBe(0)
    const onRecord = f.record().filter((part) => part.startsWith('printed'))
    expect(onRecord.map((part) => part.slice('printed : '.length)).join('')).toBe(printed)
  })

  it('comes back after the agent died, with a ring of its own', async () => {
    const f = await running('console-4')
    const reader = f.reader()
    reader.line.write(false)
    await f.clock.advance(Seconds(5))
    const before = await chatter(f, 0, 5)
    f.site.crash()
    await f.clock.advance(Minutes(2))
    expect(reader.view.state).toBe('site-away')
    await f.fleet.start()
    await f.until('open', () => reader.view.state === 'open', Minutes(10))
    const after = await chatter(f, 5, 10)
    expect(reader.text).toBe(before + after)
    await f.clock.advance(Seconds(5))
    const onRecord = f.record().filter((part) => part.startsWith('printed'))
    expect(onRecord.join('')).toContain('line 9')
  })

  it('comes back after the hub died: nothing shown twice, what was missed is on record', async () => {
    const f = await running('console-5')
    const reader = f.reader()
    await f.clock.advance(Seconds(5))
    reader.line.write(false)
    let printed = await chatter(f, 0, 10)
    f.hub.crash()
    printed += await chatter(f, 10, 20)
    expect(reader.view.link).toBe('lost')
    await Promise.all([f.hub.start(), f.clock.advance(Seconds(1))])
    await f.until(
      'open again',
      () => reader.view.link === 'connected' && reader.view.state === 'open',
      Minutes(10),
    )
    printed += await chatter(f, 20, 22)
    await f.clock.advance(Seconds(10))
    expect(reader.text).toBe(printed)
    expect(reader.view.isWriter).toBe(true)
    const onRecord = f.record().filter((part) => part.startsWith('printed'))
    expect(onRecord.map((part) => part.slice('printed : '.length)).join('')).toBe(printed)
  })

  it('lets a stuck reader wait for nobody: the others and the journal go on, and it catches up', async () => {
    const f = await running('console-6')
    const [stuck, quick] = [f.reader(), f.reader()]
    await f.clock.advance(Seconds(5))
    stuck.stall(true)
    let printed = 0
    for (let n = 0; n < 300; n++) {
      f.sled.serial.print(CHATTER)
      printed += KiB(1)
      await f.clock.advance(250)
    }
    await f.clock.advance(Minutes(1))
    expect(quick.view.receivedBytes).toBe(printed)
    expect(stuck.view.receivedBytes).toBe(KiB(128))
    expect((await f.fleet.settledJournal()).missing).toBe(0)
    stuck.stall(false)
    await f.clock.advance(Minutes(1))
    expect([stuck.view.receivedBytes, stuck.view.lostBytes]).toEqual([printed, 0])
  })
})
