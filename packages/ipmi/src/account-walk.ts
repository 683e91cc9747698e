import { ok } from '@brickyard/std/result'
import {
  decodeUserAccess,
  decodeUserName,
  enableUserRequest,
  getUserAccessRequest,
  getUserNameRequest,
  PASSWORD_TEST,
  setUserAccessRequest,
  setUserNameRequest,
  userPasswordRequest,
  type UserAccess,
} from './commands/user.ts'
import { COMPLETION } from './completion-code.ts'
import { demand, inquire, refusal, refused, type Conversation } from './conversation.ts'
import type { Privilege } from './privilege.ts'

/** One user slot of a BMC on the channel the session came in by. */
export interface IpmiAccount extends UserAccess {
  readonly slot: number
  readonly name: string
}

/** "Invalid data", "out of range", "not present": what BMCs answer for the name of an empty slot. */
const EMPTY_SLOT: readonly number[] = [
  COMPLETION.outOfRange,
  COMPLETION.notPresent,
  COMPLETION.invalidField,
]

function* readAccount(slot: number): Conversation<IpmiAccount> {
  const access = yield* inquire('Get User Access', getUserAccessRequest(slot), decodeUserAccess)
  if (!access.ok) return access
  const { completionCode, data } = yield getUserNameRequest(slot)
  if (EMPTY_SLOT.includes(completionCode)) return ok({ ...access.value, slot, name: '' })
  if (completionCode !== COMPLETION.ok) return refusal(`Get User Name ${slot}`, completionCode)
  const name = decodeUserName(data)
  return ok({ ...access.value, slot, name: name.ok ? name.value : '' })
}

/** Every slot (IPMI 2.0 §22.27, §22.29); an empty name is an unused slot or, enabled, the anonymous user. */
export function* listAccounts(): Conversation<readonly IpmiAccount[]> {
  const first = yield* readAccount(1)
  if (!first.ok) return first
  const accounts = [first.value]
  for (let slot = 2; slot <= first.value.slots; slot++) {
    const account = yield* readAccount(slot)
    if (!account.ok) return account
    accounts.push(account.value)
  }
  return ok(accounts)
}

/**
 * Fills a slot: switched off, name, password, privilege, on, and read back. Whatever step it stops
 * at, no old password comes to a new privilege. Never for the slot of the session in use: it is off
 * for a moment. Name and password are ASCII, at most 16 and 20 characters.
 */
export function* setAccount(
  slot: number,
  account: { readonly name: string; readonly password: string; readonly privilege: Privilege },
): Conversation<void> {
  const { name, password, privilege } = account
  const now = yield* readAccount(slot)
  if (!now.ok) return now
  const steps = [
    ['Disable User', enableUserRequest(slot, false)],
    // The same name again is refused as a duplicate by some BMCs.
    ...(now.value.name === name
      ? []
      : [['Set User Name', setUserNameRequest(slot, name)] as const]),
    ['Set User Password', userPasswordRequest(slot, 'set', password)],
    ['Set User Access', setUserAccessRequest(slot, privilege)],
    ['Enable User', enableUserRequest(slot, true)],
  ] as const
  for (const [what, request] of steps) {
    const done = yield* demand(`${what} ${slot}`, request)
    if (!done.ok) return done
  }
  return yield* readBack(slot, account)
}

function* readBack(
  slot: number,
  wanted: { readonly name: string; readonly password: string; readonly privilege: Privilege },
): Conversation<void> {
  const account = yield* readAccount(slot)
  if (!account.ok) return account
  const { name, privilege, enabled, messaging } = account.value
  const right =
    name === wanted.name && privilege === wanted.privilege && enabled !== false && messaging
  if (!right) {
    return refused(
      `user ${slot} reads back as '${name}', ${privilege}, ${enabled === false ? 'off' : 'on'}`,
    )
  }
  const proved = yield* verifyPassword(slot, wanted.password)
  if (!proved.ok) return proved
  return proved.value ? ok(undefined) : refused(`user ${slot} has another password than was set`)
}

/** Tests a password (§22.30) in the form it would be set in. */
export function* verifyPassword(slot: number, password: string): Conversation<boolean> {
  const { completionCode } = yield userPasswordRequest(slot, 'test', password)
  if (completionCode === COMPLETION.ok) return ok(true)
  const wrong =
    completionCode === PASSWORD_TEST.wrong || completionCode === PASSWORD_TEST.wrongLength
  return wrong ? ok(false) : refusal(`Test User Password ${slot}`, completionCode)
}

/** Switches a user off, takes its privilege, and reads back. */
export function* disableAccount(slot: number): Conversation<void> {
  const off = yield* demand(`Disable User ${slot}`, enableUserRequest(slot, false))
  if (!off.ok) return off
  const taken = yield* demand(`Set User Access ${slot}`, setUserAccessRequest(slot, 'no-access'))
  if (!taken.ok) return taken
  const account = yield* readAccount(slot)
  if (!account.ok) return account
  const { enabled, messaging } = account.value
  return enabled === true || (enabled === undefined && messaging)
    ? refused(`user ${slot} is still on`)
    : ok(undefined)
}
