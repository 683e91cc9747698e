import { describe, expect, it } from 'vitest'
import { createDcmiDevice, DCMI_COMMANDS, observePower } from './bmc-dcmi.ts'
import { answerDevice } from './bmc-device.ts'
import {
  activatePowerLimitRequest,
  DCMI_GROUP,
  decodePowerReading,
  GET_POWER_READING,
  powerReadingRequest,
  setPowerLimitRequest,
} from './commands/dcmi.ts'
import type { CommandRequest } from './commands/command.ts'
import { COMPLETION } from './completion-code.ts'
import { converse, type Answer } from './conversation.ts'
import { readPowerDraw, readPowerLimit, setPowerLimit } from './power-limit-walk.ts'

function rig(watts: number | undefined) {
  let device = observePower(createDcmiDevice(0, 100), watts, 0, 100)
  return {
    observe: (wanted: number | undefined, nowMs: number) => {
      device = observePower(device, wanted, nowMs, 100 + nowMs / 1000)
    },
    answer(request: CommandRequest): Answer {
      const command = { ...request, sessionId: 1, user: 'a', privilege: 'operator' } as const
      const step = answerDevice(DCMI_COMMANDS, device, command)
      if (step === undefined) throw new Error('no power command')
      device = step.state
      return step.answer
    },
  }
}

describe('the power manager', () => {
  it('tells draw, extremes and the average over time', () => {
    const bmc = rig(200)
    bmc.observe(400, 9000)
    bmc.observe(100, 10_000)
    expect(converse(readPowerDraw(), bmc.answer)).toEqual({
      ok: true,
      value: {
        watts: 100,
        wattsMin: 100,
        wattsMax: 400,
        wattsAverage: 220,
        atS: 110,
        periodMs: 10_000,
        measuring: true,
      },
    })
  })

  it('shows no number while nothing is measured', () => {
    const bmc = rig(undefined)
    expect(decodePowerReading(bmc.answer(powerReadingRequest()).data)).toMatchObject({
      ok: true,
      value: { measuring: false },
    })
    expect(converse(readPowerDraw(), bmc.answer)).toMatchObject({
      ok: false,
      error: { message: 'the BMC measures no power now' },
    })
  })

  it('caps, and says what holds', () => {
    const bmc = rig(200)
    expect(converse(readPowerLimit(), bmc.answer)).toEqual({ ok: true, value: undefined })
    expect(converse(setPowerLimit(120), bmc.answer)).toMatchObject({
      ok: true,
      value: { watts: 120 },
    })
    bmc.observe(200, 1000)
    expect(converse(readPowerDraw(), bmc.answer)).toMatchObject({ value: { watts: 120 } })
    expect(converse(setPowerLimit(20), bmc.answer)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('0x84') },
    })
    expect(converse(setPowerLimit(undefined), bmc.answer)).toEqual({ ok: true, value: undefined })
  })

  it('is not believed when a limit is accepted and does not hold', () => {
    const bmc = rig(200)
    const deaf = (request: CommandRequest): Answer =>
      request.command === activatePowerLimitRequest(true).command
        ? { completionCode: COMPLETION.ok, data: Uint8Array.of(DCMI_GROUP) }
        : bmc.answer(request)
    expect(converse(setPowerLimit(120), deaf)).toMatchObject({
      ok: false,
      error: { message: 'a limit of 120 watts reads back as none' },
    })
  })

  it('leaves the commands of other groups alone', () => {
    const { answer } = rig(200)
    const other = { ...GET_POWER_READING, data: Uint8Array.of(0x00, 1, 0, 0) }
    expect(answer(other).completionCode).toBe(COMPLETION.invalidCommand)
    expect(decodePowerReading(Uint8Array.of(0, ...new Uint8Array(17)))).toMatchObject({ ok: false })
    const limit = { watts: 100, exceptionAction: 0, correctionMs: 0, samplingSeconds: 0 }
    expect(answer(setPowerLimitRequest(limit)).completionCode).toBe(0x89)
  })
})
