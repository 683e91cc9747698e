import type { Bmc } from '@brickyard/bmc/bmc'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { BmcDeclaration, BmcPasswordPolicy } from '@brickyard/model/rack'
import { encodeLogin, recoveryContext } from '@brickyard/model/sealed-login'
import type { Random } from '@brickyard/runtime/random'
import { err, ok, type Result } from '@brickyard/std/result'
import { boxKeyId, sealBox } from '@brickyard/std/sealed-box'
import { unreachable } from '@brickyard/std/assert'
import { Minutes } from '@brickyard/std/units'
import type { Outcome } from '../operations/operation-machine.ts'
import type { Operation } from '../operations/operation.ts'
import type { SiteStore } from '../store/site-store.ts'
import { chooseSlot, otherUser, toRetire } from './choose-slot.ts'
import type { HeldLogin, LoginBook } from './login-book.ts'
import { mayAdminister } from './may-administer.ts'
import { PASSWORD_CHARS, PASSWORD_CHARS_SHORT, passwordOf } from './new-password.ts'
import type { RotationAction } from './plan-rotation.ts'
import { pinRecoveryKey, recoveryKeyTrouble } from './recovery-pin.ts'
import { tryBeside, type BesideParts } from './try-beside.ts'

const ENTROPY_BYTES = 32
/** A BMC with 64 slots is asked twice for each, and small ones take a third of a second for an answer. */
const ACCOUNTS_TIMEOUT_MS = Minutes(3)

export interface RotateParts extends BesideParts {
  readonly site: SiteStore
  readonly siteName: string
  readonly book: LoginBook
  readonly random: Random
  readonly declared: (sled: SledName) => BmcDeclaration | undefined
  readonly policy: () => BmcPasswordPolicy | undefined
}

/** Performs one step of a rotation. Each may be done again after a crash and then comes to the same. */
export async function rotate(
  parts: RotateParts,
  operation: Operation,
  action: RotationAction,
): Promise<Outcome> {
  const declared = parts.declared(operation.sled)
  if (declared === undefined) return final(`${operation.sled} has no BMC`)
  switch (action.kind) {
    case 'seal-login':
      return sealLogin(parts, operation, declared)
    case 'write-login':
      return await writeLogin(parts, operation, declared)
    case 'prove-login':
      return await proveLogin(parts, operation, declared)
    case 'switch-login':
      return await switchLogin(parts, operation, declared)
    case 'retire-login':
      return await retireLogin(parts, operation, declared)
    default:
      return unreachable(action.kind)
  }
}

/** Makes the new login and tells the hub of it, sealed; both in one commit. */
function sealLogin(parts: RotateParts, operation: Operation, declared: BmcDeclaration): Outcome {
  const { site, book, random } = parts
  const { sled, id } = operation
  const policy = parts.policy()
  if (policy === undefined) return final('the rack document names no recovery key')
  const wrongKey = site.read((sql) => recoveryKeyTrouble(sql, policy))
  if (wrongKey !== undefined) return final(wrongKey)
  const keyId = boxKeyId(policy.recoveryKey)
  if (book.sealedState(sled, id) !== 'none') return { ok: true, detail: `recovery key ${keyId}` }
  const using = book.inUse(sled, declared)
  const user = otherUser(using?.user ?? declared.user)
  const chars = site.sleds.get(sled)?.bmcPasswordChars ?? PASSWORD_CHARS
  const bmcKey = using?.bmcKey
  const before = book.held(sled, 'coming')
  const isKept = before?.told?.epoch === site.epoch && before.told.keyId === keyId
  // The hub keeps a few for each sled: rotations that break off must not crowd out the one in use.
  if (
    isKept &&
    before.user === user &&
    before.password.length === chars &&
    before.bmcKey === bmcKey
  ) {
    site.commit((change) => book.put(change, sled, 'coming', { ...before, operation: id }))
    return { ok: true, detail: `account ${user}, as sealed by ${before.operation ?? 'another'}` }
  }
  const login = { user, password: passwordOf(random.bytes(ENTROPY_BYTES), chars), bmcKey }
  const context = recoveryContext(parts.siteName, sled)
  const box = sealBox(policy.recoveryKey, context, encodeLogin(login), random.bytes(ENTROPY_BYTES))
  if (!box.ok) return final(`the new login could not be sealed: ${box.error}`)
  site.commit((change) => {
    pinRecoveryKey(change.sql, policy)
    change.event('sled.login-sealed', { sled, operation: id, keyId, user, box: box.value })
    const told = book.toldNow(change, keyId)
    book.put(change, sled, 'coming', { ...login, origin: 'made', operation: id, told })
  })
  return { ok: true, detail: `account ${user}, recovery key ${keyId}` }
}

async function writeLogin(
  parts: RotateParts,
  { sled }: Operation,
  declared: BmcDeclaration,
): Promise<Outcome> {
  const coming = parts.book.held(sled, 'coming')
  const using = parts.book.inUse(sled, declared)
  if (coming === undefined || using === undefined) return final('its logins are not known here')
  let hopeless: string | undefined
  const written = await parts.desk.with(
    sled,
    async (bmc): Promise<Result<void, BmcFault>> => {
      const { accounts } = bmc
      if (accounts === undefined) return refused((hopeless = 'its driver changes no accounts'))
      const list = await accounts.list()
      if (!list.ok) return list
      const slot = chooseSlot(list.value, coming.user, using.user, declared.protocol)
      if (!slot.ok) return refused((hopeless = slot.error))
      const { user: name, password } = coming
      return await accounts.set(slot.value, { name, password, privilege: 'administrator' })
    },
    ACCOUNTS_TIMEOUT_MS,
  )
  if (written.ok) return { ok: true, detail: `account ${coming.user} reads back` }
  if (hopeless !== undefined) return final(hopeless)
  if (written.error.kind === 'refused') return shorten(parts, sled, coming, written.error.message)
  return failed(`write account ${coming.user}`, written.error)
}

/** Logs in as the new account and sees that it may do what the old one may. */
async function proveLogin(
  parts: RotateParts,
  { sled }: Operation,
  declared: BmcDeclaration,
): Promise<Outcome> {
  const coming = parts.book.held(sled, 'coming')
  if (coming === undefined) return final('the new login is not known here')
  const proved = await tryBeside(parts, sled, declared, coming, (bmc) =>
    mayAdminister(bmc, coming.user),
  )
  if (proved.ok) return { ok: true, detail: `${coming.user} is logged in, an administrator` }
  if (proved.error.kind === 'auth') {
    return shorten(parts, sled, coming, `its login is refused: ${proved.error.message}`)
  }
  return failed(`log in as ${coming.user}`, proved.error)
}

/** A BMC may refuse, or silently cut, a password of 20: then a shorter one is made and sealed anew. */
function shorten(parts: RotateParts, sled: SledName, coming: HeldLogin, why: string): Outcome {
  if (coming.password.length <= PASSWORD_CHARS_SHORT) {
    return { ok: false, final: false, reason: `account ${coming.user}: ${why}` }
  }
  parts.site.commit((change) => {
    parts.book.drop(change, sled, 'coming')
    const record = change.sled(sled)
    if (record !== undefined) change.putSled({ ...record, bmcPasswordChars: PASSWORD_CHARS_SHORT })
  })
  const reason = `${why}; a password of ${PASSWORD_CHARS_SHORT} letters is tried`
  return { ok: false, final: false, reason }
}

/** From this commit on the new login is the one in use. */
async function switchLogin(
  parts: RotateParts,
  { sled, id }: Operation,
  declared: BmcDeclaration,
): Promise<Outcome> {
  const { site, book, desk } = parts
  const coming = book.held(sled, 'coming')
  const using = book.inUse(sled, declared)
  if (book.held(sled, 'using')?.operation !== id) {
    if (coming === undefined || using === undefined) return final('its logins are not known here')
    const { user, password, bmcKey } = using
    const before = book.held(sled, 'using') ?? { user, password, bmcKey, ...GIVEN }
    site.commit((change) => {
      book.put(change, sled, 'leaving', before)
      book.put(change, sled, 'using', coming)
      book.drop(change, sled, 'coming')
    })
  }
  await desk.forget(sled)
  return { ok: true, detail: `account ${book.held(sled, 'using')?.user ?? ''}` }
}

const GIVEN = { origin: 'given', operation: null, told: null } as const

/** Takes every older login of ours from the BMC, the declared one included. */
async function retireLogin(
  parts: RotateParts,
  { sled }: Operation,
  declared: BmcDeclaration,
): Promise<Outcome> {
  const { site, book, desk, random } = parts
  const using = book.held(sled, 'using')
  if (using === undefined) return final('the login in use is not known here')
  const leaving = book.held(sled, 'leaving')
  const gone: string[] = []
  const retired = await desk.with(
    sled,
    async (bmc): Promise<Result<void, BmcFault>> => {
      const { accounts } = bmc
      if (accounts === undefined) return refused('its driver changes no accounts')
      const list = await accounts.list()
      if (!list.ok) return list
      for (const account of toRetire(list.value, using.user, [leaving?.user, declared.user])) {
        const off = await accounts.disable(account.slot)
        const done =
          off.ok || off.error.kind !== 'refused'
            ? off
            : await scramble(accounts, account, leaving?.password ?? '', random)
        if (!done.ok) return done
        gone.push(account.name)
      }
      return ok(undefined)
    },
    ACCOUNTS_TIMEOUT_MS,
  )
  if (!retired.ok) {
    return failed('retire the old login (the new one is in use and works)', retired.error)
  }
  site.commit((change) => book.drop(change, sled, 'leaving'))
  return { ok: true, detail: gone.length === 0 ? 'it was off already' : `off: ${gone.join(', ')}` }
}

/** An account that cannot be switched off gets a password that nobody knows. */
async function scramble(
  accounts: NonNullable<Bmc['accounts']>,
  { slot, name }: { readonly slot: string; readonly name: string },
  oldPassword: string,
  random: Random,
): Promise<Result<void, BmcFault>> {
  const password = passwordOf(random.bytes(ENTROPY_BYTES), PASSWORD_CHARS_SHORT)
  const set = await accounts.set(slot, { name, password, privilege: 'user' })
  if (!set.ok) return set
  const still = await accounts.verify(slot, oldPassword)
  if (!still.ok) return still
  return still.value ? refused(`${name} still has its old password`) : ok(undefined)
}

const refused = (message: string): Result<never, BmcFault> => err({ kind: 'refused', message })
const final = (reason: string): Outcome => ({ ok: false, final: true, reason })
const failed = (what: string, { kind, message }: BmcFault): Outcome => ({
  ok: false,
  final: kind === 'auth',
  reason: `could not ${what}: BMC ${kind}: ${message}`,
})
