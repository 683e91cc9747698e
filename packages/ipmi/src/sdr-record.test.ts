import { fromHex, toHex } from '@brickyard/std/hex'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeSdrRecord, encodeSdrRecord, type SdrRecord } from './sdr-record.ts'
import { ALONE, unfold, type CompactSensor, type FullSensor } from './sdr-sensor.ts'

function bytes(hex: string): Uint8Array {
  const read = fromHex(hex.replace(/#.*$/gm, ''))
  if (!read.ok) throw new Error(read.error)
  return read.value
}

/** A full record as OpenIPMI's `ipmi_sim` serves it when it is given this description of a sensor. */
const CPU_TEMPERATURE = `
01 00 51 01 31              # record 1, version 1.5, full sensor, 49 bytes follow
20 00 01                    # owner: the BMC, channel 0, LUN 0, sensor 1
03 01                       # entity: processor 1
7f 68                       # initialization, capabilities
01 01                       # temperature, thresholds
00 7a 00 7a 38 38           # event masks; upper thresholds readable and settable
00 01 00                    # unsigned, °C, no modifier
00                          # linear
01 00 00 00 00 00           # M 1, B 0, exponents 0
07 2a 60 10 ff 00           # nominal 42, normal 96 to 16, limits
70 60 50 00 00 00           # upper 112, 96, 80; no lower ones
02 02 00 00 00              # hysteresis 2 and 2, reserved, OEM
c6 43 50 55 54 4d 50        # 'CPUTMP'`

const FULL: FullSensor = {
  kind: 'full',
  owner: 0x20,
  ownerChannel: 0,
  ownerLun: 0,
  number: 9,
  entityId: 55,
  entityInstance: 1,
  sensorType: 1,
  eventType: 1,
  name: 'Inlet',
  unit: { percentage: false, base: 1, modifier: 0, modifierUse: 'none', rate: 0 },
  factors: {
    format: 'twos-complement',
    linearization: 'log10',
    m: -512,
    b: 511,
    bExponent: -8,
    resultExponent: 7,
    tolerance: 63,
  },
  thresholds: { lowerCritical: 0xf9, upperNonRecoverable: 90 },
  settable: 0x22,
  hysteresis: { positive: 2, negative: 3 },
}

const COMPACT: CompactSensor = {
  kind: 'compact',
  owner: 0x20,
  ownerChannel: 0,
  ownerLun: 0,
  number: 0x30,
  entityId: 10,
  entityInstance: 1,
  sensorType: 8,
  eventType: 0x6f,
  name: 'PSU ',
  unit: { percentage: false, base: 0, modifier: 0, modifierUse: 'none', rate: 0 },
  share: { count: 3, modifier: 'numeric', modifierOffset: 1, entityInstancesCountUp: true },
}

describe('sensor data records', () => {
  it('reads a full record', () => {
    expect(decodeSdrRecord(bytes(CPU_TEMPERATURE))).toMatchObject({
      ok: true,
      value: {
        recordId: 1,
        record: {
          kind: 'full',
          number: 1,
          name: 'CPUTMP',
          factors: { format: 'unsigned', linearization: 'linear', m: 1, b: 0 },
          thresholds: { upperNonCritical: 80, upperCritical: 96, upperNonRecoverable: 112 },
          settable: 0x38,
          hysteresis: { positive: 2, negative: 2 },
        },
      },
    })
  })

  it.each<SdrRecord>([
    FULL,
    { ...FULL, factors: undefined },
    { ...COMPACT, name: 'PSU' },
    {
      kind: 'event-only',
      owner: 0x41,
      ownerChannel: 7,
      ownerLun: 3,
      number: 1,
      entityId: 7,
      entityInstance: 2,
      sensorType: 0x12,
      eventType: 0x6f,
      name: 'System',
      share: ALONE,
    },
    {
      kind: 'fru-locator',
      accessAddress: 0x20,
      device: 3,
      logical: true,
      entityId: 10,
      entityInstance: 1,
      name: 'PSU 1 FRU',
    },
    {
      kind: 'controller-locator',
      address: 0x2c,
      channel: 6,
      capabilities: 0x3f,
      entityId: 6,
      entityInstance: 1,
      name: 'ME',
    },
    { kind: 'other', type: 0xc0, body: Uint8Array.of(1, 2, 3) },
  ])('writes a record of kind $kind and reads it back', (record) => {
    expect(decodeSdrRecord(encodeSdrRecord(0x1234, record))).toEqual({
      ok: true,
      value: { recordId: 0x1234, record },
    })
  })

  it('reads names in every encoding', () => {
    const named = (text: string) => {
      const start = toHex(bytes(CPU_TEMPERATURE)).slice(0, -14)
      const whole = bytes(start + text)
      whole[4] = whole.length - 5
      const read = decodeSdrRecord(whole)
      return read.ok && 'name' in read.value.record ? read.value.record.name : read
    }
    expect(named('83 29 dc a6')).toBe('IPMI')
    expect(named('42 12 3a')).toBe('123')
    expect(named('04 46 00 31 00')).toBe('F1')
    // A length beyond the record's end, as some BMCs send: read as far as it goes.
    expect(named('c9 46 61 6e')).toBe('Fan')
  })

  it('unfolds a record that stands for several sensors', () => {
    expect(
      unfold(COMPACT).map(({ number, name, entityInstance }) => [number, name, entityInstance]),
    ).toEqual([
      [0x30, 'PSU 1', 1],
      [0x31, 'PSU 2', 2],
      [0x32, 'PSU 3', 3],
    ])
    const lettered = { ...COMPACT.share, modifier: 'alphabetic', modifierOffset: 25 } as const
    expect(unfold({ ...COMPACT, share: lettered }).map(({ name }) => name)).toEqual([
      'PSU Z',
      'PSU AA',
      'PSU AB',
    ])
  })

  it('says which record is cut short', () => {
    const whole = bytes(CPU_TEMPERATURE)
    expect(decodeSdrRecord(whole.subarray(0, 30))).toMatchObject({ ok: false })
    const short = whole.slice(0, 20)
    short[4] = 15
    expect(decodeSdrRecord(short)).toEqual({
      ok: false,
      error: 'SDR record 1 of type 1 is cut short at 15 bytes',
    })
  })

  it('reads or refuses any bytes', () => {
    const type = fc.constantFrom(1, 2, 3, 0x11, 0x12, 0xc0)
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 80 }), (kind, body) => {
        const record = Uint8Array.from([1, 0, 0x51, kind, body.length, ...body])
        expect(typeof decodeSdrRecord(record).ok).toBe('boolean')
      }),
    )
  })
})
