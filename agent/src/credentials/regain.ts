import type { SledName } from '@brickyard/model/names'
import type { BmcDeclaration } from '@brickyard/model/rack'
import type { Random } from '@brickyard/runtime/random'
import { unreachable } from '@brickyard/std/assert'
import type { Outcome } from '../operations/operation-machine.ts'
import type { Operation } from '../operations/operation.ts'
import type { SiteStore } from '../store/site-store.ts'
import { otherUser } from './choose-slot.ts'
import type { HeldLogin, LoginBook } from './login-book.ts'
import type { LoginWatch } from './login-watch.ts'
import { mayAdminister } from './may-administer.ts'
import { PASSWORD_CHARS_SHORT, passwordOf } from './new-password.ts'
import { tryBeside, type BesideParts } from './try-beside.ts'

/** The steps of `regain-bmc` that have to do with the login. */
export interface RegainAction {
  readonly kind: 'make-login' | 'try-login'
}

export interface RegainParts extends BesideParts {
  readonly site: SiteStore
  readonly book: LoginBook
  readonly watch: Pick<LoginWatch, 'proven'>
  readonly random: Random
  readonly declared: (sled: SledName) => BmcDeclaration | undefined
}

/** Performs one step. Each may be done again after a crash and then comes to the same. */
export async function regain(
  parts: RegainParts,
  operation: Operation,
  action: RegainAction,
): Promise<Outcome> {
  const declared = parts.declared(operation.sled)
  if (declared === undefined) {
    return { ok: false, final: true, reason: `${operation.sled} has no BMC` }
  }
  switch (action.kind) {
    case 'make-login':
      return makeLogin(parts, operation, declared)
    case 'try-login':
      return await tryLogin(parts, operation, declared)
    default:
      return unreachable(action.kind)
  }
}

/**
 * The login that the sled's installer is to make from the inside. It goes over plain HTTP on the
 * rack's network, to whoever holds the installer's session: good for the first login, and replaced
 * by a sealed one right after it.
 */
function makeLogin(
  { site, book, random }: RegainParts,
  { sled, id }: Operation,
  declared: BmcDeclaration,
): Outcome {
  const held = onceLogin(book, sled, id)
  if (held !== undefined) return { ok: true, detail: `account ${held.user}` }
  const using = book.inUse(sled, declared)
  const user = otherUser(using?.user ?? declared.user)
  const password = passwordOf(random.bytes(PASSWORD_CHARS_SHORT), PASSWORD_CHARS_SHORT)
  const login = { user, password, bmcKey: using?.bmcKey }
  site.commit((change) =>
    book.put(change, sled, 'coming', { ...login, origin: 'once', operation: id, told: null }),
  )
  return { ok: true, detail: `account ${user}` }
}

/** Logs in with it from the LAN; from then on it is the one in use, until it is changed. */
async function tryLogin(
  parts: RegainParts,
  { sled, id }: Operation,
  declared: BmcDeclaration,
): Promise<Outcome> {
  const { site, book, desk, watch } = parts
  if (book.held(sled, 'using')?.operation !== id) {
    const coming = onceLogin(book, sled, id)
    if (coming === undefined) {
      return { ok: false, final: true, reason: 'the new login is not known here' }
    }
    // A queue of its own time: what was refused before must not answer for this login.
    await desk.forget(sled)
    const proved = await tryBeside(parts, sled, declared, coming, (bmc) =>
      mayAdminister(bmc, coming.user),
    )
    if (!proved.ok) {
      const { kind, message } = proved.error
      const reason = `could not log in as ${coming.user}: BMC ${kind}: ${message}`
      return { ok: false, final: false, reason }
    }
    site.commit((change) => {
      book.put(change, sled, 'using', coming)
      book.drop(change, sled, 'coming')
    })
  }
  watch.proven(sled)
  await desk.forget(sled)
  return { ok: true, detail: `${book.held(sled, 'using')?.user ?? ''} is logged in` }
}

/** The login of one regain, while its BMC has not taken it yet. */
export function onceLogin(book: LoginBook, sled: SledName, operation: string) {
  const coming: HeldLogin | undefined = book.held(sled, 'coming')
  return coming?.operation === operation && coming.origin === 'once' ? coming : undefined
}
