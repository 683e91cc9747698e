import type { Account } from '@brickyard/bmc/accounts'
import type { BmcDeclaration } from '@brickyard/model/rack'
import { err, ok, type Result } from '@brickyard/std/result'

/** The two accounts that the site makes for itself; each rotation writes the one not in use. */
export const OWN_USERS = ['brickyard-a', 'brickyard-b'] as const

/** The account that a rotation writes while `inUse` is logged in with. */
export const otherUser = (inUse: string): string =>
  inUse === OWN_USERS[0] ? OWN_USERS[1] : OWN_USERS[0]

/** IPMI 2.0 §22.28: slot 1 is the anonymous user for ever; Redfish services with fixed slots follow it. */
const ANONYMOUS_SLOT = '1'

/**
 * The slot for the account `user`: its own from before, else an empty one, else (Redfish services
 * without fixed slots) a new one. Never that of the login in use, and never somebody else's.
 */
export function chooseSlot(
  accounts: readonly Account[],
  user: string,
  inUse: string,
  protocol: BmcDeclaration['protocol'],
): Result<string> {
  if (user === inUse) return err(`account ${user} is the one in use`)
  const before = accounts.find(({ name }) => name === user)
  if (before !== undefined) return ok(before.slot)
  const empty = accounts.find(
    ({ name, slot, enabled }) => name === '' && !enabled && slot !== ANONYMOUS_SLOT,
  )
  if (empty !== undefined) return ok(empty.slot)
  const fixed = protocol === 'ipmi' || accounts.some(({ name }) => name === '')
  if (!fixed) return ok(user)
  const taken = accounts.flatMap(({ name }) => (name === '' ? [] : [name])).join(', ')
  return err(`the BMC has no free account beside ${taken}: its password stays; remove one of them`)
}

/** Accounts that nobody may log in with any more, once `inUse` is proven. */
export const toRetire = (
  accounts: readonly Account[],
  inUse: string,
  users: readonly (string | undefined)[],
): readonly Account[] =>
  accounts.filter(
    ({ name, enabled }) => name !== '' && name !== inUse && enabled && users.includes(name),
  )
