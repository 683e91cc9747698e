import { GET_SDR_REPOSITORY_INFO } from '@brickyard/ipmi/commands/sdr-repository'
import { GET_SENSOR_READING } from '@brickyard/ipmi/commands/sensor-reading'
import { Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { bmcOnWire } from './virtual-bmc-rig.ts'

async function world() {
  const w = await bmcOnWire()
  w.seen.power = 'on'
  const client = w.client()
  const { sensors, log, accounts } = client
  if (sensors === undefined || log === undefined || accounts === undefined) {
    throw new Error('an IPMI BMC has sensors, a log and accounts')
  }
  return { ...w, wire: w, sensors, log, accounts }
}

describe('sensors of the virtual BMC', () => {
  it('follow the host’s power but for what is set by hand, and log what they pass', async () => {
    const w = await world()
    const named = async (name: string) => {
      const read = await w.settled(w.sensors.read())
      return read.ok ? read.value.find((sensor) => sensor.name === name) : undefined
    }
    expect(await named('CPU Temp')).toMatchObject({ health: 'ok', reading: { value: 48 } })
    w.bmc.setSensor('CPU Temp', 96)
    expect(await named('CPU Temp')).toMatchObject({ health: 'critical', reading: { value: 96 } })
    w.seen.power = 'off'
    expect(await named('Fan 1')).toMatchObject({ health: 'unknown', reading: { kind: 'none' } })
    expect(await named('CPU Temp')).toMatchObject({ health: 'critical' })
    w.bmc.setSensor('CPU Temp', 40)
    const log = await w.settled(w.log.read())
    const texts = log.ok ? log.value.entries.map(({ text }) => text) : []
    expect(texts).toHaveLength(4)
    expect(texts[1]).toContain('upper critical going high, reading 96 °C, threshold 95 °C')
    expect(texts[3]).toContain('(no longer)')
    expect(() => w.bmc.setSensor('no such', 1)).toThrow("no sensor 'no such'")
  })

  it('are asked for their records once, not at every sweep', async () => {
    const w = await world()
    await w.settled(w.sensors.read())
    const begunMs = w.clock.monotonicMs()
    w.wire.network.setSegment(w.segment, { latencyMs: 10 })
    await w.settled(w.sensors.read())
    // One question whether they changed, and nine readings, 20 ms there and back each.
    expect(Math.round((w.clock.monotonicMs() - begunMs) / 20)).toBe(10)
  })
})

describe('the event log', () => {
  it('is cleared once it was read whole, and waits for the erasure', async () => {
    const w = await world()
    w.bmc.setSensor('Fan 1', 0)
    const first = await w.settled(w.log.read())
    if (!first.ok) throw new Error(first.error.message)
    w.bmc.setSensor('Fan 1', 5400)
    expect(await w.settled(w.log.clear(first.value))).toMatchObject({ ok: false })
    const second = await w.settled(w.log.read())
    if (!second.ok) throw new Error(second.error.message)
    expect(second.value.entries.length).toBeGreaterThan(first.value.entries.length)
    const begunMs = w.clock.monotonicMs()
    expect(await w.settled(w.log.clear(second.value))).toEqual({ ok: true, value: undefined })
    expect(w.clock.monotonicMs() - begunMs).toBeGreaterThanOrEqual(Seconds(1))
    expect(await w.settled(w.log.read())).toMatchObject({ ok: true, value: { entries: [] } })
  })
})

describe('commands that a firmware firewall has switched off', () => {
  it('cost what they were for, and nothing else', async () => {
    const w = await world()
    w.bmc.setSensor('PSU', 0b1001)
    w.bmc.faults.disabledCommands = [GET_SENSOR_READING]
    const swept = await w.settled(w.sensors.read())
    expect(swept.ok && swept.value.map(({ reading }) => reading.kind)).toEqual(
      Array(9).fill('none'),
    )
    expect(swept.ok && swept.value[0]?.reading).toMatchObject({
      why: '0xd6 (command is disabled)',
    })
    w.bmc.faults.disabledCommands = [GET_SDR_REPOSITORY_INFO]
    expect(await w.settled(w.sensors.read())).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('command is disabled') },
    })
    // The events are still there, without the sensor's name.
    expect(await w.settled(w.log.read())).toMatchObject({
      ok: true,
      value: { entries: [{ text: 'power supply #0x08: input lost' }] },
    })
  })
})

describe('accounts', () => {
  it('survive a restart of the BMC, and let their owner in', async () => {
    const w = await world()
    const account = { name: 'yard-b', password: 'another one', privilege: 'operator' } as const
    expect(await w.settled(w.accounts.set('4', account))).toEqual({ ok: true, value: undefined })
    w.bmc.restart()
    const listed = await w.settled(w.accounts.list())
    expect(listed.ok && listed.value[3]).toEqual({
      slot: '4',
      name: 'yard-b',
      enabled: true,
      privilege: 'operator',
    })
    for (const [slot, password] of [
      ['0', 'x'],
      ['four', 'x'],
      ['4', 'more than twenty characters'],
    ] as const) {
      expect(await w.settled(w.accounts.set(slot, { ...account, password }))).toMatchObject({
        ok: false,
        error: { kind: 'refused' },
      })
    }
  })
})
