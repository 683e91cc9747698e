import {
  disableAccount,
  listAccounts,
  setAccount,
  verifyPassword,
  type IpmiAccount,
} from '@brickyard/ipmi/account-walk'
import { PASSWORD_BYTES_MAX, USER_BYTES_MAX } from '@brickyard/ipmi/session-keys'
import type { Clock } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import type { Account, AccountControl } from '../accounts.ts'
import type { BmcFault } from '../fault.ts'
import { hold } from './ipmi-conversation.ts'
import type { IpmiSession } from './ipmi-session.ts'

const PRINTABLE = /^[\x20-\x7e]+$/

/** Accounts by the user commands, on the channel the session comes in by. */
export const createIpmiAccounts = (session: IpmiSession, clock: Clock): AccountControl => ({
  async list() {
    const accounts = await hold(session, clock, listAccounts())
    return accounts.ok ? ok(accounts.value.map(accountOf)) : accounts
  },
  async set(slot, account) {
    const number = slotNumber(slot)
    if (!number.ok) return number
    const { name, password } = account
    if (name.length > USER_BYTES_MAX || !PRINTABLE.test(name)) {
      return refuse(`user name '${name}' is not 1 to ${USER_BYTES_MAX} ASCII characters`)
    }
    if (!fits(password)) return refuse(PASSWORD_RULE)
    return await hold(session, clock, setAccount(number.value, account))
  },
  async disable(slot) {
    const number = slotNumber(slot)
    return number.ok ? await hold(session, clock, disableAccount(number.value)) : number
  },
  async verify(slot, password) {
    const number = slotNumber(slot)
    if (!number.ok) return number
    if (!fits(password)) return ok(false)
    return await hold(session, clock, verifyPassword(number.value, password))
  },
})

const PASSWORD_RULE = `the password is not 1 to ${PASSWORD_BYTES_MAX} ASCII characters`

const fits = (password: string): boolean =>
  password.length <= PASSWORD_BYTES_MAX && PRINTABLE.test(password)

const refuse = (message: string): Result<never, BmcFault> => err({ kind: 'refused', message })

/** Six bits on the wire; 0 is reserved. */
function slotNumber(slot: string): Result<number, BmcFault> {
  const number = /^\d{1,2}$/.test(slot) ? Number(slot) : 0
  return number >= 1 && number <= 63 ? ok(number) : refuse(`slot '${slot}' is not 1 to 63`)
}

function accountOf({ slot, name, enabled, messaging, privilege }: IpmiAccount): Account {
  return {
    slot: String(slot),
    name,
    // A BMC that does not tell leaves only whether the user may log in.
    enabled: enabled ?? messaging,
    privilege: privilege === 'no-access' || !messaging ? 'none' : privilege,
  }
}
