import type { SledName } from '@brickyard/model/names'
import { loginProblem, type BmcLogin } from '@brickyard/model/sealed-login'
import type { Clock } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Minutes } from '@brickyard/std/units'
import type { BmcDesk } from '../bmc/bmc-desk.ts'
import type { SiteStore } from '../store/site-store.ts'
import type { SiteLogins } from './site-logins.ts'
import { tryBeside } from './try-beside.ts'

/** From one try that a BMC refused to the next: BMCs lock an account after three to five in a row. */
const FIRST_WAIT_MS = Minutes(1)
const WAIT_MAX_MS = Minutes(16)

/** Tries a login that somebody gave, once, and keeps it when the BMC takes it. */
export interface LoginTrial {
  /** In a person's words: what was kept, or why nothing was. `by` belongs in the journal. */
  give(sled: SledName, login: BmcLogin, by: string): Promise<Result<string>>
}

export function createLoginTrial(parts: {
  readonly site: SiteStore
  readonly logins: SiteLogins
  readonly desk: BmcDesk
  readonly clock: Clock
}): LoginTrial {
  const { site, logins, desk, clock } = parts
  const waits = new Map<SledName, { readonly untilMs: number; readonly waitMs: number }>()
  const busy = new Set<SledName>()

  function refused(sled: SledName): string {
    const before = waits.get(sled)
    const waitMs = before === undefined ? FIRST_WAIT_MS : Math.min(WAIT_MAX_MS, before.waitMs * 2)
    waits.set(sled, { waitMs, untilMs: clock.monotonicMs() + waitMs })
    return `the BMC refused it. The next try may be in ${waitMs / Minutes(1)} min: more would lock its account`
  }

  async function tryOnce(sled: SledName, login: BmcLogin, by: string): Promise<Result<string>> {
    const declared = logins.bmcOf(sled)
    if (declared === undefined) return err(`no BMC is declared for ${sled}`)
    // A queue of its own time: what was refused before must not answer for this login.
    await desk.forget(sled)
    const taken = await tryBeside(
      { desk, connectAs: logins.connectAs },
      sled,
      declared,
      login,
      (bmc) => bmc.power.read(),
    )
    if (!taken.ok) {
      if (taken.error.kind === 'auth') return err(refused(sled))
      return err(`the BMC could not be asked (${taken.error.message}); the login was not kept`)
    }
    waits.delete(sled)
    site.commit((change) => {
      const note = { origin: 'given', operation: null, told: null } as const
      logins.book.put(change, sled, 'using', { ...login, ...note })
      change.event('sled.login-given', { sled, user: login.user, by })
    })
    logins.watch.proven(sled)
    await desk.forget(sled)
    return ok(`the BMC took it: ${login.user} is used from now on, and sealed`)
  }

  return {
    async give(sled, login, by) {
      const problem = loginProblem(login)
      if (problem !== undefined) return err(problem)
      const waitMs = (waits.get(sled)?.untilMs ?? -Infinity) - clock.monotonicMs()
      if (waitMs > 0) {
        return err(`a login was refused just now; try again in ${Math.ceil(waitMs / 1000)} s`)
      }
      if (busy.has(sled)) return err('another login is being tried')
      busy.add(sled)
      try {
        return await tryOnce(sled, login, by)
      } finally {
        busy.delete(sled)
      }
    },
  }
}
