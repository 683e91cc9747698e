import { describe, expect, it } from 'vitest'
import { answerDevice } from './bmc-device.ts'
import { createSensorDevice, measure, SENSOR_COMMANDS, type SensorDevice } from './bmc-sensors.ts'
import type { CommandRequest } from './commands/command.ts'
import { GET_SDR, reserveSdrRequest } from './commands/sdr-repository.ts'
import { GET_SENSOR_READING } from './commands/sensor-reading.ts'
import {
  decodeSensorHysteresis,
  sensorHysteresisRequest,
  setSensorThresholdsRequest,
} from './commands/sensor-thresholds.ts'
import { COMPLETION } from './completion-code.ts'
import { converse, type Answer } from './conversation.ts'
import type { SdrRecord } from './sdr-record.ts'
import { ALONE, type CompactSensor, type FullSensor } from './sdr-sensor.ts'
import { readSdrRepository } from './sdr-walk.ts'
import { listSensors, sweepSensors, type SensorState } from './sensor-sweep.ts'

const who = { sessionId: 1, privilege: 'administrator', user: 'admin' } as const
const identity = { owner: 0x20, ownerChannel: 0, ownerLun: 0, entityInstance: 1 } as const
const unit = { percentage: false, base: 1, modifier: 0, modifierUse: 'none', rate: 0 } as const

const TEMPERATURE: FullSensor = {
  kind: 'full',
  ...identity,
  number: 1,
  entityId: 55,
  sensorType: 1,
  eventType: 1,
  name: 'Inlet',
  unit,
  factors: {
    format: 'twos-complement',
    linearization: 'linear',
    m: 1,
    b: 0,
    bExponent: 0,
    resultExponent: 0,
    tolerance: 2,
  },
  thresholds: { lowerNonCritical: 0xfb, upperNonCritical: 40, upperCritical: 45 },
  settable: 0x08,
  hysteresis: { positive: 2, negative: 2 },
}
const SUPPLY: CompactSensor = {
  kind: 'compact',
  ...identity,
  number: 2,
  entityId: 10,
  sensorType: 8,
  eventType: 0x6f,
  name: 'PSU',
  unit,
  share: ALONE,
}
const FOREIGN: FullSensor = { ...TEMPERATURE, owner: 0x2c, number: 3, name: 'ME Temp' }
const RECORDS: readonly SdrRecord[] = [TEMPERATURE, SUPPLY, FOREIGN]

/** A device that answers, and can be meddled with on the way. */
function rig(
  meddle: (request: CommandRequest, nth: number) => Answer | undefined = () => undefined,
) {
  let device: SensorDevice = createSensorDevice(RECORDS, 5)
  const asked: CommandRequest[] = []
  const answer = (request: CommandRequest): Answer => {
    asked.push(request)
    const instead = meddle(request, asked.length)
    if (instead !== undefined) return instead
    const step = answerDevice(SENSOR_COMMANDS, device, { ...request, ...who })
    if (step === undefined) return { completionCode: COMPLETION.invalidCommand, data: NOTHING }
    device = step.state
    return step.answer
  }
  return {
    answer,
    asked,
    measure: (number: number, measured: Parameters<typeof measure>[2]) => {
      const step = measure(device, number, measured)
      device = step.device
      return step.changes.map(({ offset, asserted }) => [offset, asserted])
    },
  }
}
const NOTHING = new Uint8Array(0)

function sweep({ answer }: ReturnType<typeof rig>): readonly SensorState[] {
  const repository = converse(readSdrRepository(), answer)
  if (!repository.ok) throw new Error(repository.error.message)
  const listed = converse(listSensors(repository.value.records), answer)
  if (!listed.ok) throw new Error(listed.error.message)
  const states = converse(sweepSensors(listed.value), answer)
  if (!states.ok) throw new Error(states.error.message)
  return states.value
}

const is = (request: CommandRequest, command: { netFn: number; command: number }): boolean =>
  request.netFn === command.netFn && request.command === command.command

describe('reading the repository', () => {
  it('brings the records as they were made, in pieces the BMC can carry', () => {
    const bmc = rig()
    expect(converse(readSdrRepository(), bmc.answer)).toMatchObject({
      ok: true,
      value: { info: { records: 3, addedAtS: 5, reservable: true }, records: RECORDS, damaged: [] },
    })
    const counts = bmc.asked.filter((r) => is(r, GET_SDR)).map((r) => r.data[5])
    // 53 bytes of a full record: the header, 48 refused, 32, 16 left; afterwards never more than 32.
    expect(counts.slice(0, 4)).toEqual([5, 48, 32, 16])
    expect(Math.max(...counts.slice(2).map(Number))).toBe(32)
  })

  it('begins a record anew when the reservation is lost', () => {
    const bmc = rig((_, nth) => {
      // Somebody else reserves in the middle of the first record.
      if (nth === 4) bmc.answer(reserveSdrRequest())
      return undefined
    })
    expect(converse(readSdrRepository(), bmc.answer)).toMatchObject({
      ok: true,
      value: { records: RECORDS },
    })
  })

  it('gives up on a BMC that loses every reservation', () => {
    const lost = { completionCode: COMPLETION.reservationLost, data: NOTHING }
    const bmc = rig((request) => (is(request, GET_SDR) ? lost : undefined))
    expect(converse(readSdrRepository(), bmc.answer)).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: 'the SDR reservation was lost 16 times' },
    })
  })

  it('gives up on a repository that goes in circles', () => {
    const bmc = rig((request, nth) =>
      is(request, GET_SDR) && nth > 8
        ? { completionCode: 0, data: Uint8Array.of(1, 0, 1, 0, 0x51, 0xc0, 0) }
        : undefined,
    )
    expect(converse(readSdrRepository(), bmc.answer)).toMatchObject({ ok: false })
  })

  it('keeps the other records when one makes no sense', () => {
    let broken = false
    const bmc = rig()
    const read = converse(readSdrRepository(), (request) => {
      const answer = bmc.answer(request)
      // The second record says it is of type 1, for which it is far too short.
      if (!is(request, GET_SDR) || request.data[2] !== 2 || request.data[4] !== 0) return answer
      broken = true
      const data = answer.data.slice()
      data[5] = 1
      return { ...answer, data }
    })
    expect(broken).toBe(true)
    expect(read).toMatchObject({ ok: true, value: { records: [TEMPERATURE, FOREIGN] } })
    expect(read.ok && read.value.damaged).toHaveLength(1)
  })
})

describe('a sweep', () => {
  it('gives values, states, limits, and why there is no reading', () => {
    const bmc = rig()
    bmc.measure(1, { raw: 0xf6 })
    bmc.measure(2, { states: 0b1001 })
    expect(sweep(bmc)).toMatchObject([
      {
        health: 'warning',
        reading: { kind: 'value', raw: 0xf6, value: -10, unit: '°C', tolerance: 1 },
        thresholds: { lowerNonCritical: -5, upperNonCritical: 40, upperCritical: 45 },
      },
      {
        health: 'critical',
        reading: { kind: 'states', offsets: [0, 3], states: ['present', 'input lost'] },
      },
      { health: 'unknown', reading: { kind: 'none', why: 'it belongs to controller 0x2c' } },
    ])
  })

  it('shows nothing green that was never read', () => {
    const [inlet, supply] = sweep(rig())
    const none = { health: 'unknown', reading: { kind: 'none', why: 'no reading available' } }
    expect([inlet, supply]).toMatchObject([none, none])
  })

  it('goes on when one sensor is refused', () => {
    const bmc = rig((request) =>
      is(request, GET_SENSOR_READING) && request.data[0] === 1
        ? { completionCode: COMPLETION.notPresent, data: NOTHING }
        : undefined,
    )
    bmc.measure(2, { states: 1 })
    expect(sweep(bmc).map(({ health }) => health)).toEqual(['unknown', 'ok', 'unknown'])
  })
})

describe('thresholds', () => {
  it('are passed and left again only beyond the hysteresis', () => {
    const bmc = rig()
    bmc.measure(1, { raw: 20 })
    expect(bmc.measure(1, { raw: 46 })).toEqual([
      [7, true],
      [9, true],
    ])
    expect(bmc.measure(1, { raw: 44 })).toEqual([])
    expect(bmc.measure(1, { raw: 42 })).toEqual([[9, false]])
    expect(bmc.measure(1, { raw: 20 })).toEqual([[7, false]])
    expect(bmc.measure(1, { raw: 0xfa })).toEqual([[0, true]])
  })

  it('have a hysteresis that can be read', () => {
    const { answer } = rig()
    expect(decodeSensorHysteresis(answer(sensorHysteresisRequest(1)).data)).toEqual({
      ok: true,
      value: { positive: 2, negative: 2 },
    })
    expect(answer(sensorHysteresisRequest(2)).completionCode).toBe(COMPLETION.notPresent)
  })

  it('are set where the record allows it', () => {
    const bmc = rig()
    const set = (thresholds: Parameters<typeof setSensorThresholdsRequest>[1]) =>
      bmc.answer(setSensorThresholdsRequest(1, thresholds)).completionCode
    expect(set({ upperNonCritical: 30 })).toBe(COMPLETION.ok)
    expect(set({ upperCritical: 30 })).toBe(COMPLETION.illegalForRecord)
    bmc.measure(1, { raw: 31 })
    expect(sweep(bmc)[0]).toMatchObject({ health: 'warning', thresholds: { upperNonCritical: 30 } })
  })
})
