import { describe, expect, it } from 'vitest'
import { disableAccount, listAccounts, setAccount, verifyPassword } from './account-walk.ts'
import {
  ACCOUNT_COMMANDS,
  createAccountDevice,
  loginsOf,
  type AccountDevice,
} from './bmc-accounts.ts'
import { answerDevice } from './bmc-device.ts'
import type { CommandRequest } from './commands/command.ts'
import { SET_USER_ACCESS, SET_USER_PASSWORD, setUserNameRequest } from './commands/user.ts'
import { COMPLETION } from './completion-code.ts'
import { converse, type Answer } from './conversation.ts'
import type { Privilege } from './privilege.ts'

const refused: Answer = { completionCode: COMPLETION.notInPresentState, data: new Uint8Array(0) }

function rig(
  meddle: (request: CommandRequest) => Answer | undefined = () => undefined,
  privilege: Privilege = 'administrator',
) {
  let device: AccountDevice = createAccountDevice([
    { name: 'admin', password: 'secret', privilege: 'administrator' },
    { name: 'guest', password: 'old', privilege: 'user' },
  ])
  const answer = (request: CommandRequest): Answer => {
    const instead = meddle(request)
    if (instead !== undefined) return instead
    const command = { ...request, sessionId: 1, user: 'admin', privilege }
    const step = answerDevice(ACCOUNT_COMMANDS, device, command)
    if (step === undefined) throw new Error('no command about users')
    device = step.state
    return step.answer
  }
  return { answer, logins: () => loginsOf(device) }
}

const NEW = {
  name: 'yard-b',
  password: 'twenty characters!!!',
  privilege: 'administrator',
} as const
const is = (request: CommandRequest, command: { command: number }): boolean =>
  request.command === command.command

describe('accounts', () => {
  it('are listed slot by slot', () => {
    const listed = converse(listAccounts(), rig().answer)
    expect(listed.ok && listed.value).toHaveLength(10)
    expect(listed.ok && listed.value.slice(0, 3)).toMatchObject([
      { slot: 1, name: '', enabled: false, messaging: false, privilege: 'no-access' },
      { slot: 2, name: 'admin', enabled: true, messaging: true, privilege: 'administrator' },
      { slot: 3, name: 'guest', enabled: true, messaging: true, privilege: 'user' },
    ])
  })

  it('are filled, tested and switched off', () => {
    const bmc = rig()
    expect(converse(setAccount(3, NEW), bmc.answer)).toEqual({ ok: true, value: undefined })
    expect(bmc.logins()[1]).toEqual(NEW)
    expect(converse(verifyPassword(3, NEW.password), bmc.answer)).toEqual({ ok: true, value: true })
    // Short and long passwords are tested in the form they were set in.
    for (const wrong of ['old', 'twenty characters!!?']) {
      expect(converse(verifyPassword(3, wrong), bmc.answer)).toEqual({ ok: true, value: false })
    }
    // The same name again is not sent again: BMCs call it a duplicate.
    expect(converse(setAccount(3, { ...NEW, password: 'short' }), bmc.answer).ok).toBe(true)
    expect(converse(disableAccount(3), bmc.answer)).toEqual({ ok: true, value: undefined })
    expect(bmc.logins().map(({ name }) => name)).toEqual(['admin'])
  })

  it('never pair an old password with a new privilege, wherever setting stops', () => {
    for (let stop = 1; stop <= 8; stop++) {
      let asked = 0
      const bmc = rig(() => (++asked > stop ? refused : undefined))
      expect(converse(setAccount(3, NEW), bmc.answer).ok).toBe(false)
      const half = bmc.logins().find(({ name }) => name !== 'admin')
      if (half?.password === 'old') expect(half).toMatchObject({ name: 'guest', privilege: 'user' })
      else if (half !== undefined) expect(half).toEqual(NEW)
    }
  })

  it('are not believed when they read back as something else', () => {
    const forgets = rig((request) =>
      is(request, SET_USER_ACCESS) ? { completionCode: 0, data: new Uint8Array(0) } : undefined,
    )
    expect(converse(setAccount(3, NEW), forgets.answer)).toMatchObject({
      ok: false,
      error: { message: "user 3 reads back as 'yard-b', user, on" },
    })
    const keepsPassword = rig((request) =>
      is(request, SET_USER_PASSWORD) && request.data[1] === 2
        ? { completionCode: 0, data: new Uint8Array(0) }
        : undefined,
    )
    expect(converse(setAccount(3, NEW), keepsPassword.answer)).toMatchObject({
      ok: false,
      error: { message: 'user 3 has another password than was set' },
    })
  })

  it('have names that are neither doubled nor unprintable, and slot 1 none', () => {
    const { answer } = rig()
    const name = (slot: number, text: string) =>
      answer(setUserNameRequest(slot, text)).completionCode
    expect(name(3, 'admin')).toBe(COMPLETION.invalidField)
    expect(name(1, 'x')).toBe(COMPLETION.invalidField)
    expect(name(4, '\u0001')).toBe(COMPLETION.invalidField)
    expect(name(11, 'x')).toBe(COMPLETION.outOfRange)
  })

  it('are changed by administrators only', () => {
    const { answer } = rig(undefined, 'operator')
    expect(converse(listAccounts(), answer).ok).toBe(true)
    expect(converse(setAccount(3, NEW), answer)).toMatchObject({ ok: false })
  })
})
