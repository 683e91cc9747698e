import { createHash } from 'node:crypto'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { BmcDeclaration } from '@brickyard/model/rack'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { err, ok, type Result } from '@brickyard/std/result'
import { Minutes } from '@brickyard/std/units'
import type { SiteStore } from '../store/site-store.ts'
import type { Candidate, LoginBook } from './login-book.ts'

/**
 * When every known login was refused the BMC is left alone for so long. Many lock an account after
 * three to five tries for some minutes; one try of each login in this time locks none for ever.
 */
export const REFUSED_HOLD_MS = Minutes(10)

/** Which login each BMC is tried with. After a refusal it is the next one that may work, gently. */
export interface LoginWatch {
  /** The login to try now, or the fault that stands for a BMC that refuses all of them. */
  next(sled: SledName, declared: BmcDeclaration): Result<Candidate, BmcFault>
  /** The BMC refused the login it was last tried with. */
  refused(sled: SledName, fault: BmcFault): void
  /** The BMC took it: a login that was not the one in use is from now on. */
  accepted(sled: SledName): void
  /** A login was proven by another way: what was refused before counts no more. */
  proven(sled: SledName): void
  /** Why no login works; undefined while one may. */
  lockedOut(sled: SledName): string | undefined
}

/** A BMC that takes no login that is known. */
export interface LockedOut {
  readonly reason: string
  /** How often all of them were tried in vain. */
  readonly rounds: number
}

interface Tried {
  /** Prints of the logins that were refused. */
  readonly refused: Set<string>
  last: Candidate | undefined
  holdUntilMs: number
  /** Set while no login is left. */
  lockedOut: BmcFault | undefined
  rounds: number
}

/** Tells a login from another one without keeping its password. */
const printOf = ({ user, password, bmcKey = '' }: Candidate): string =>
  createHash('sha256').update(`${user}\0${password}\0${bmcKey}`).digest('hex')

export function createLoginWatch(parts: {
  readonly site: SiteStore
  readonly book: LoginBook
  readonly clock: Clock
  readonly log: Log
  readonly declared: (sled: SledName) => BmcDeclaration | undefined
  /** No login works any more (a reason), or one does again. */
  readonly onLockedOut: (sled: SledName, locked: LockedOut | undefined) => void
}): LoginWatch {
  const { site, book, clock, log } = parts
  const sleds = new Map<SledName, Tried>()

  const triedOf = (sled: SledName): Tried => {
    const held = sleds.get(sled)
    if (held !== undefined) return held
    const made: Tried = {
      refused: new Set(),
      last: undefined,
      holdUntilMs: -Infinity,
      lockedOut: undefined,
      rounds: 0,
    }
    sleds.set(sled, made)
    return made
  }
  const isLeft = ({ refused }: Tried, one: Candidate): boolean => !refused.has(printOf(one))

  return {
    next(sled, declared) {
      const tried = triedOf(sled)
      const candidates = book.candidates(sled, declared)
      const [first] = candidates
      if (first === undefined) {
        return err({ kind: 'auth', message: `no login is known for the BMC of ${sled}` })
      }
      const untried = candidates.find((one) => isLeft(tried, one))
      if (untried !== undefined) return ok((tried.last = untried))
      if (tried.lockedOut !== undefined && clock.monotonicMs() < tried.holdUntilMs) {
        return err(tried.lockedOut)
      }
      tried.refused.clear()
      return ok((tried.last = first))
    },

    refused(sled, fault) {
      const tried = triedOf(sled)
      const { last } = tried
      const declared = parts.declared(sled)
      if (last === undefined || declared === undefined || !isLeft(tried, last)) return
      tried.refused.add(printOf(last))
      log.warn('a BMC refused a login', { sled, user: last.user, standing: last.standing })
      const candidates = book.candidates(sled, declared)
      if (candidates.some((one) => isLeft(tried, one))) return
      tried.holdUntilMs = clock.monotonicMs() + REFUSED_HOLD_MS
      const users = candidates.map(({ user }) => user).join(', ')
      const message = `every login known here is refused (${users}): ${fault.message}`
      tried.lockedOut = { kind: 'auth', message }
      tried.rounds += 1
      parts.onLockedOut(sled, { reason: message, rounds: tried.rounds })
    },

    accepted(sled) {
      const tried = sleds.get(sled)
      if (tried?.last === undefined) return
      const { last } = tried
      settle(sled, tried)
      if (last.standing !== 'using') promote(sled, last)
      tried.last = { ...last, standing: 'using' }
    },

    proven(sled) {
      const tried = sleds.get(sled)
      if (tried !== undefined) settle(sled, tried)
    },

    lockedOut: (sled) => sleds.get(sled)?.lockedOut?.message,
  }

  function settle(sled: SledName, tried: Tried): void {
    tried.refused.clear()
    tried.rounds = 0
    if (tried.lockedOut === undefined) return
    tried.lockedOut = undefined
    parts.onLockedOut(sled, undefined)
  }

  /** What the BMC takes is what is in use, whatever the book said before. */
  function promote(sled: SledName, { standing, ...used }: Candidate): void {
    const { user } = used
    const before = book.held(sled, 'using')
    if (standing === 'declared' && before === undefined) return
    const stored = standing === 'declared' ? undefined : standing
    const known = stored === undefined ? undefined : book.held(sled, stored)
    const login = known ?? { ...used, origin: 'given' as const, operation: null, told: null }
    log.warn('a BMC takes another login than the one in use; it is used now', { sled, user })
    site.commit((change) => {
      book.put(change, sled, 'using', login)
      if (stored !== undefined) book.drop(change, sled, stored)
    })
  }
}
