import { fromHex } from '@brickyard/std/hex'
import { describe, expect, it } from 'vitest'
import { answerDevice } from './bmc-device.ts'
import { createLanDevice, LAN_COMMANDS, type LanDevice } from './bmc-lan.ts'
import {
  channelAccessRequest,
  channelInfoRequest,
  decodeChannelAccess,
  decodeChannelInfo,
} from './commands/channel.ts'
import { suiteIdsOf } from './commands/channel-cipher-suites.ts'
import type { CommandRequest } from './commands/command.ts'
import {
  cipherSuitePrivilege,
  LAN_CONFIGURATION_CODE,
  LAN_PARAMETER,
  setLanParameterRequest,
} from './commands/lan-configuration.ts'
import { converse, type Answer } from './conversation.ts'
import { cipherZeroProbe, readCipherZeroProbe } from './exposure.ts'
import { readLanParameter, writeLanParameters } from './lan-walk.ts'

function rig(meddle: (request: CommandRequest) => Answer | undefined = () => undefined) {
  let device: LanDevice = createLanDevice({
    address: Uint8Array.of(10, 0, 0, 5),
    subnetMask: Uint8Array.of(255, 255, 255, 0),
    gateway: Uint8Array.of(10, 0, 0, 1),
    mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
    cipherSuites: [3, 17],
  })
  return (request: CommandRequest): Answer => {
    const instead = meddle(request)
    if (instead !== undefined) return instead
    const command = { ...request, sessionId: 1, user: 'admin', privilege: 'administrator' } as const
    const step = answerDevice(LAN_COMMANDS, device, command)
    if (step === undefined) throw new Error('no command about the channel')
    device = step.state
    return step.answer
  }
}

const nothing = { completionCode: 0, data: new Uint8Array(0) }
const GATEWAY = Uint8Array.of(10, 0, 0, 254)

describe('LAN parameters', () => {
  it('are read, and absent ones are told from refused ones', () => {
    const answer = rig()
    const read = (parameter: number) => converse(readLanParameter(parameter), answer)
    expect(read(LAN_PARAMETER.address)).toEqual({ ok: true, value: Uint8Array.of(10, 0, 0, 5) })
    expect(read(200)).toEqual({ ok: true, value: undefined })
    const suites = read(LAN_PARAMETER.cipherSuites)
    expect(suites.ok && suites.value?.slice(0, 3)).toEqual(Uint8Array.of(0, 3, 17))
    const privileges = read(LAN_PARAMETER.cipherSuitePrivileges)
    const levels = privileges.ok && privileges.value !== undefined ? privileges.value : undefined
    expect([0, 1, 2].map((nth) => cipherSuitePrivilege(levels ?? new Uint8Array(0), nth))).toEqual([
      4, 4, 0,
    ])
  })

  it('are written in one go and read back', () => {
    const answer = rig()
    const written = converse(
      writeLanParameters(new Map([[LAN_PARAMETER.gateway, GATEWAY]])),
      answer,
    )
    expect(written).toEqual({ ok: true, value: undefined })
    expect(converse(readLanParameter(LAN_PARAMETER.gateway), answer)).toEqual({
      ok: true,
      value: GATEWAY,
    })
    expect(converse(readLanParameter(LAN_PARAMETER.setInProgress), answer)).toEqual({
      ok: true,
      value: Uint8Array.of(0),
    })
  })

  it('are left alone while somebody else sets them', () => {
    const answer = rig()
    answer(setLanParameterRequest(LAN_PARAMETER.setInProgress, Uint8Array.of(1)))
    const written = converse(
      writeLanParameters(new Map([[LAN_PARAMETER.gateway, GATEWAY]])),
      answer,
    )
    expect(written).toMatchObject({ ok: false, error: { kind: 'refused' } })
  })

  it('leave nothing in progress when one of them is refused', () => {
    const answer = rig()
    const wanted = new Map([[LAN_PARAMETER.mac, Uint8Array.of(2, 0, 0, 0, 0, 9)]])
    expect(converse(writeLanParameters(wanted), answer)).toMatchObject({ ok: false })
    expect(
      answer(setLanParameterRequest(LAN_PARAMETER.mac, new Uint8Array(6))).completionCode,
    ).toBe(LAN_CONFIGURATION_CODE.readOnly)
    expect(converse(readLanParameter(LAN_PARAMETER.setInProgress), answer)).toEqual({
      ok: true,
      value: Uint8Array.of(0),
    })
  })

  it('that read back as something else are no success', () => {
    const answer = rig((request) =>
      request.command === 1 && request.data[1] === LAN_PARAMETER.gateway ? nothing : undefined,
    )
    const written = converse(
      writeLanParameters(new Map([[LAN_PARAMETER.gateway, GATEWAY]])),
      answer,
    )
    expect(written).toMatchObject({
      ok: false,
      error: { message: 'LAN parameter 12 reads back as something else' },
    })
  })
})

describe('the channel', () => {
  it('says what it is and who may come in', () => {
    const answer = rig()
    expect(decodeChannelInfo(answer(channelInfoRequest()).data)).toEqual({
      ok: true,
      value: { channel: 1, medium: 4, activeSessions: 0 },
    })
    expect(decodeChannelAccess(answer(channelAccessRequest('now')).data)).toEqual({
      ok: true,
      value: { mode: 'always', privilegeLevel: 4, userLevelAuthentication: true },
    })
    expect(answer(channelInfoRequest(4)).completionCode).not.toBe(0)
  })
})

describe('what a BMC gives away', () => {
  it('is read from its cipher suite records, OEM ones passed over', () => {
    const records = fromHex(
      'c0 00 00 40 80  c0 03 01 41 81  c1 80 57 01 00 03 44 81  c0 11 03 44 81',
    )
    expect(records.ok && suiteIdsOf(records.value)).toEqual([0, 3, 17])
  })

  it('is told by its answer to a session without algorithms', () => {
    // RMCP, session header, then tag, status, privilege, ids and algorithms of an Open Session Response.
    const answer = (tag: string, algorithm: string, length = '24') =>
      fromHex(
        `06 00 ff 07 06 11 00 00 00 00 00 00 00 00 ${length} 00
         ${tag} 00 04 00 78 56 34 12 01 00 00 00
         00 00 00 08 ${algorithm} 00 00 00 01 00 00 08 ${algorithm} 00 00 00 02 00 00 08 ${algorithm} 00 00 00`,
      )
    const read = (bytes: ReturnType<typeof answer>, id = 0x12345678) =>
      bytes.ok ? readCipherZeroProbe(bytes.value, id) : bytes
    expect(read(answer('0b', '00'))).toBe('taken')
    expect(read(answer('0b', '01'))).toBe('refused')
    expect(read(answer('0c', '00'))).toBeUndefined()
    expect(read(answer('0b', '00'), 1)).toBeUndefined()
    const refusal = fromHex(
      '06 00 ff 07 06 11 00 00 00 00 00 00 00 00 08 00 0b 11 00 00 78 56 34 12',
    )
    expect(refusal.ok && readCipherZeroProbe(refusal.value, 0x12345678)).toBe('refused')
    expect(readCipherZeroProbe(cipherZeroProbe(7), 7)).toBeUndefined()
  })
})
