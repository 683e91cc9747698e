import type { Log } from '@brickyard/runtime/log'
import type { SiteStore } from './store/site-store.ts'

/** What is wrong with the appliance now. A trouble is told when it comes and when it changes. */
export interface Troubles {
  /** Sets or (undefined) lifts a trouble. */
  set(what: string, reason: string | undefined): void
  now(): ReadonlyMap<string, string>
}

export function createTroubles({ site, log }: { site: SiteStore; log: Log }): Troubles {
  const present = new Map<string, string>()
  return {
    set(what, reason) {
      if (present.get(what) === reason) return
      if (reason === undefined) present.delete(what)
      else present.set(what, reason)
      const told = reason ?? 'it is well again'
      log.warn('trouble', { what, reason: told })
      try {
        site.commit((change) =>
          change.event('site.trouble', {
            what: what.slice(0, 120),
            reason: told.slice(0, 2000),
            ...(reason === undefined ? { over: true } : {}),
          }),
        )
      } catch (error) {
        log.error('a trouble could not be recorded', { what, error: String(error) })
      }
    },
    now: () => present,
  }
}
