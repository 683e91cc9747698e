import { resourcesOf } from '@brickyard/redfish/collection'
import {
  parseAccount,
  parseAccountService,
  type ManagerAccount,
} from '@brickyard/redfish/resources/account'
import { err, ok, type Result } from '@brickyard/std/result'
import type { Account, AccountControl, AccountPrivilege } from '../accounts.ts'
import type { BmcFault } from '../fault.ts'
import { named, type RedfishSession } from './redfish-session.ts'

const ACCOUNTS_MAX = 64

const ROLES = { administrator: 'Administrator', operator: 'Operator', user: 'ReadOnly' } as const

interface Slot {
  readonly path: string
  readonly account: ManagerAccount
}

/**
 * Accounts by AccountService. A slot is the account's id. Services with fixed slots (Dell) show empty
 * ones, which `set` fills; on the others `set` of a slot that is not there makes a new account, whose
 * slot the service chooses: list them afterwards.
 */
export function createRedfishAccounts(session: RedfishSession): AccountControl {
  async function slots(): Promise<Result<{ path: string; slots: readonly Slot[] }, BmcFault>> {
    const where = await session.whereabouts()
    if (!where.ok) return where
    const { root, manner } = where.value
    const answer = await session.client.get(root.accountService ?? '/redfish/v1/AccountService')
    if (!answer.ok) return err(named(answer.error, manner))
    const path = parseAccountService(answer.value.body).accounts
    if (path === undefined) return err({ kind: 'refused', message: 'the BMC lists no accounts' })
    const found = await resourcesOf(session.client, path, ACCOUNTS_MAX)
    if (!found.ok) return err(named(found.error, manner))
    const all = found.value.map((one) => ({ path: one.path, account: parseAccount(one.body) }))
    return ok({ path, slots: all })
  }

  async function find(slot: string): Promise<Result<Slot, BmcFault>> {
    const all = await slots()
    if (!all.ok) return all
    const found = all.value.slots.find((one) => slotOf(one) === slot)
    if (found !== undefined) return ok(found)
    return err({ kind: 'refused', message: `the BMC has no account ${slot}` })
  }

  const change = async (
    path: string,
    body: Readonly<Record<string, string | boolean>>,
  ): Promise<Result<void, BmcFault>> => {
    const before = await session.client.get(path)
    if (!before.ok) return err(named(before.error, undefined))
    const { etag } = before.value
    const answer = await session.write('other', (client) => client.patch(path, body, etag))
    return answer.ok ? ok(undefined) : answer
  }

  return {
    async list() {
      const all = await slots()
      return all.ok ? ok(all.value.slots.map(accountOf)) : all
    },

    async set(slot, { name, password, privilege }) {
      const all = await slots()
      if (!all.ok) return all
      const role = ROLES[privilege]
      const held = all.value.slots.find((one) => slotOf(one) === slot)
      if (held === undefined) {
        const account = { UserName: name, Password: password, RoleId: role, Enabled: true }
        const made = await session.write('other', (client) => client.post(all.value.path, account))
        if (!made.ok) return made
      } else {
        // The password first: no account ever has its new privilege under its old password.
        const renamed = held.account.userName === name ? {} : { UserName: name }
        const secret = await change(held.path, { ...renamed, Password: password })
        if (!secret.ok) return secret
        const rights = await change(held.path, { RoleId: role, Enabled: true })
        if (!rights.ok) return rights
      }
      const after = await slots()
      if (!after.ok) return after
      const now = after.value.slots.find(({ account }) => account.userName === name)?.account
      if (now?.role === role && now.enabled !== false) return ok(undefined)
      const shown =
        now === undefined ? 'nothing' : `${now.role ?? 'no role'}, enabled ${String(now.enabled)}`
      return err({
        kind: 'refused',
        message: `account ${name}: asked for ${role}, reads back ${shown}`,
      })
    },

    async disable(slot) {
      const held = await find(slot)
      if (!held.ok) return held
      const off = await change(held.value.path, { Enabled: false })
      if (!off.ok) return off
      // Few services have a role without rights; being off is what counts.
      await change(held.value.path, { RoleId: 'NoAccess' })
      const now = await find(slot)
      if (!now.ok) return now
      if (now.value.account.enabled === false) return ok(undefined)
      return err({ kind: 'refused', message: `account ${slot} was switched off and is not` })
    },

    async verify(slot, password) {
      const held = await find(slot)
      if (!held.ok) return held
      const { userName } = held.value.account
      if (userName === undefined) return ok(false)
      return session.tryLogin(userName, password)
    },
  }
}

const slotOf = ({ path, account }: Slot): string => account.id ?? path.split('/').at(-1) ?? path

const PRIVILEGES: Readonly<Record<string, AccountPrivilege>> = {
  administrator: 'administrator',
  operator: 'operator',
  readonly: 'user',
  noaccess: 'none',
  none: 'none',
}

function accountOf(slot: Slot): Account {
  const { userName, enabled, role } = slot.account
  const word = role?.toLowerCase() ?? 'none'
  return {
    slot: slotOf(slot),
    name: userName ?? '',
    // A service that does not tell means an account that works.
    enabled: enabled ?? userName !== undefined,
    privilege: Object.hasOwn(PRIVILEGES, word) ? (PRIVILEGES[word] ?? 'other') : 'other',
  }
}
