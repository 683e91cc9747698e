import { describe, expect, it } from 'vitest'
import { answerDevice } from './bmc-device.ts'
import { createSolDevice, SOL_COMMANDS } from './bmc-sol.ts'
import type { CommandRequest } from './commands/command.ts'
import { activateSolRequest, GET_PAYLOAD_ACTIVATION_STATUS } from './commands/payload.ts'
import {
  decodeSolParameter,
  getSolParameterRequest,
  setSolParameterRequest,
  SOL_PARAMETER,
} from './commands/sol-configuration.ts'
import { COMPLETION } from './completion-code.ts'
import { converse } from './conversation.ts'
import type { Privilege } from './privilege.ts'
import { activateSol, deactivateSol } from './sol-activation.ts'

function rig() {
  let device = createSolDevice(623)
  const from =
    (sessionId: number, privilege: Privilege = 'administrator') =>
    (request: CommandRequest) => {
      const step = answerDevice(SOL_COMMANDS, device, {
        ...request,
        sessionId,
        user: 'a',
        privilege,
      })
      if (step === undefined) throw new Error('no command of serial over LAN')
      device = step.state
      return step.answer
    }
  return { from, active: () => device.activeSession }
}

describe('serial over LAN at the BMC', () => {
  it('is active in one session at a time, and is handed over when it is asked for', () => {
    const bmc = rig()
    expect(converse(activateSol(false), bmc.from(7))).toEqual({
      ok: true,
      value: { charactersMax: 200 },
    })
    const status = { ...GET_PAYLOAD_ACTIVATION_STATUS, data: Uint8Array.of(1) }
    expect([...bmc.from(8)(status).data]).toEqual([1, 1, 0])
    expect(converse(activateSol(false), bmc.from(8))).toMatchObject({
      ok: false,
      error: { message: 'somebody else has the console' },
    })
    expect(converse(activateSol(true), bmc.from(8)).ok).toBe(true)
    expect(bmc.active()).toBe(8)
    expect(converse(deactivateSol(), bmc.from(8)).ok).toBe(true)
    // Ending what has ended is no fault.
    expect(converse(deactivateSol(), bmc.from(8)).ok).toBe(true)
    expect(bmc.active()).toBeUndefined()
  })

  it('is not for mere users, and not when it is switched off', () => {
    const bmc = rig()
    const asUser = bmc.from(7, 'user')(activateSolRequest())
    expect(asUser.completionCode).toBe(COMPLETION.insufficientPrivilege)
    bmc.from(7)(setSolParameterRequest(SOL_PARAMETER.enable, Uint8Array.of(0)))
    expect(converse(activateSol(true), bmc.from(7))).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('switched off') },
    })
  })

  it('has parameters that are read and set, but for its port', () => {
    const answer = rig().from(7)
    const read = (parameter: number) => {
      const value = decodeSolParameter(answer(getSolParameterRequest(parameter)).data)
      return value.ok ? [...value.value] : value
    }
    expect(read(SOL_PARAMETER.port)).toEqual([0x6f, 0x02])
    expect(answer(setSolParameterRequest(SOL_PARAMETER.retry, Uint8Array.of(3, 10)))).toMatchObject(
      {
        completionCode: COMPLETION.ok,
      },
    )
    expect(read(SOL_PARAMETER.retry)).toEqual([3, 10])
    const port = setSolParameterRequest(SOL_PARAMETER.port, Uint8Array.of(1, 2))
    expect(answer(port).completionCode).toBe(COMPLETION.specific82)
    expect(answer(getSolParameterRequest(99)).completionCode).toBe(COMPLETION.specific80)
    expect(decodeSolParameter(new Uint8Array(0)).ok).toBe(false)
  })
})
