import { assert } from '@brickyard/std/assert'
import { describe, expect, it } from 'vitest'
import { answerChassis, BLANK_BOOT_MEMORY, type ChassisView } from './bmc-chassis.ts'
import {
  BOOT_PARAMETER,
  encodeBootFlags,
  getBootOptionRequest,
  KEEP_FLAGS_WITHOUT_CONTROL,
  setBootOptionRequest,
} from './commands/boot-options.ts'
import { chassisControlRequest } from './commands/chassis-control.ts'
import { chassisStatusRequest, decodeChassisStatus } from './commands/chassis-status.ts'
import type { CommandRequest } from './commands/command.ts'
import { readFruRequest } from './commands/fru-access.ts'
import {
  decodeSupportedPolicies,
  SET_POWER_RESTORE_POLICY,
  setRestorePolicyRequest,
} from './commands/restore-policy.ts'
import { COMPLETION } from './completion-code.ts'
import type { Privilege } from './privilege.ts'

describe('chassis', () => {
  const view: ChassisView = {
    power: 'on',
    bootOverride: false,
    identify: 'timed',
    restorePolicy: 'as-before',
    deviceId: {
      deviceId: 0x20,
      deviceRevision: 1,
      firmwareMajor: 2,
      firmwareMinor: 14,
      updating: false,
      manufacturerId: 10876,
      productId: 0x1b58,
      auxiliaryFirmware: new Uint8Array(4),
    },
    fru: Uint8Array.from({ length: 100 }, (_, at) => at),
    boot: BLANK_BOOT_MEMORY,
  }
  const does = (v: ChassisView, request: CommandRequest, privilege: Privilege = 'operator') =>
    answerChassis(v, { ...request, privilege, sessionId: 1, user: 'admin' })

  it('tells its status', () => {
    const { answer } = does(view, chassisStatusRequest(), 'user')
    expect(decodeChassisStatus(answer.data)).toMatchObject({
      value: { power: 'on', identify: 'timed', restorePolicy: 'as-before' },
    })
    const unknown = does({ ...view, power: 'unknown' }, chassisStatusRequest())
    expect(unknown.answer.completionCode).toBe(COMPLETION.nodeBusy)
  })

  it('lets only an operator change anything', () => {
    for (const request of [
      chassisControlRequest('off'),
      setBootOptionRequest(5, new Uint8Array(5)),
    ]) {
      const { answer, action } = does(view, request, 'user')
      expect(answer.completionCode).toBe(COMPLETION.insufficientPrivilege)
      expect(action).toBeUndefined()
    }
  })

  it('neither cycles nor resets what is off', () => {
    const off = { ...view, power: 'off' } as const
    for (const verb of ['cycle', 'reset'] as const) {
      const { answer, action } = does(off, chassisControlRequest(verb))
      expect(answer.completionCode).toBe(COMPLETION.notInPresentState)
      expect(action).toBeUndefined()
    }
    expect(does(off, chassisControlRequest('on')).action).toEqual({ kind: 'power', verb: 'on' })
  })

  it('keeps boot flags to be read back, until the host has used them up', () => {
    const flags = { valid: true, persistent: false, efi: true, device: 'network' } as const
    const request = setBootOptionRequest(BOOT_PARAMETER.bootFlags, encodeBootFlags(flags))
    const set = does(view, request)
    expect(set.action).toEqual({ kind: 'boot-flags', flags, keep: false })
    assert(set.boot !== undefined, 'the BMC remembers the flags')
    const read = getBootOptionRequest(BOOT_PARAMETER.bootFlags)
    const standing = does({ ...view, boot: set.boot, bootOverride: true }, read)
    expect([...standing.answer.data]).toEqual([1, 5, 0xa0, 0x04, 0, 0, 0])
    const used = does({ ...view, boot: set.boot, bootOverride: false }, read)
    expect([...used.answer.data]).toEqual([1, 5, 0, 0, 0, 0, 0])
    const keeping = { ...set.boot, validBitClearing: KEEP_FLAGS_WITHOUT_CONTROL }
    expect(does({ ...view, boot: keeping }, request).action).toMatchObject({ keep: true })
  })

  it('lets one console at a time set options', () => {
    const begin = setBootOptionRequest(BOOT_PARAMETER.setInProgress, new Uint8Array([1]))
    const { boot } = does(view, begin)
    assert(boot !== undefined, 'the BMC remembers that setting has begun')
    expect(does({ ...view, boot }, begin).answer.completionCode).toBe(0x81)
  })

  it('keeps a power restore policy, and tells which there are', () => {
    const set = does(view, setRestorePolicyRequest('turn-on'))
    expect(set.restorePolicy).toBe('turn-on')
    expect(decodeSupportedPolicies(set.answer.data)).toEqual({
      ok: true,
      value: ['stay-off', 'as-before', 'turn-on'],
    })
    const query = does(view, { ...SET_POWER_RESTORE_POLICY, data: Uint8Array.of(3) })
    expect(query.restorePolicy).toBeUndefined()
    expect(query.answer.completionCode).toBe(COMPLETION.ok)
    const wrong = does(view, { ...SET_POWER_RESTORE_POLICY, data: Uint8Array.of(4) })
    expect(wrong.answer.completionCode).toBe(COMPLETION.invalidField)
    const status = does({ ...view, restorePolicy: 'stay-off' }, chassisStatusRequest()).answer
    expect(decodeChassisStatus(status.data)).toMatchObject({ value: { restorePolicy: 'stay-off' } })
  })

  it('gives its inventory in pieces', () => {
    const read = (offset: number, count: number) =>
      does(view, readFruRequest({ fru: 0, offset, count })).answer
    expect([...read(96, 16).data]).toEqual([4, 96, 97, 98, 99])
    expect(read(0, 65).completionCode).toBe(COMPLETION.cannotReturnBytes)
    expect(read(100, 1).completionCode).toBe(COMPLETION.outOfRange)
  })

  it('refuses what it does not know', () => {
    const unknown = { netFn: 0x2e, command: 1, data: new Uint8Array(0) }
    expect(does(view, unknown).answer.completionCode).toBe(COMPLETION.invalidCommand)
  })
})
