import type { Log } from '@brickyard/runtime/log'
import type { Report } from './netboot/report.ts'
import type { Watches } from './netboot/trace-watches.ts'
import type { SiteStore } from './store/site-store.ts'

/**
 * Journals what netboot reports, and remembers per sled what was last seen, for reasons of failures,
 * and per network which foreign servers were.
 */
export interface NetbootLog {
  readonly report: Report
  last(sled: string): string | null
  /** The sled is powered up anew: what was seen before says nothing any more. */
  forget(sled: string): void
}

export function createNetbootLog({
  site,
  log,
  watches,
}: {
  readonly site: SiteStore
  readonly log: Log
  readonly watches: Watches
}): NetbootLog {
  const last = new Map<string, string>()
  return {
    report(event) {
      const { sled, reason, what, network, server } = event.body
      if (event.kind === 'dhcp.foreign-server') {
        if (typeof network === 'string' && typeof server === 'string') {
          watches.foreignServer(network, server)
        }
      }
      if (typeof sled === 'string') {
        const detail = [what, reason].filter((text) => typeof text === 'string').join(' ')
        last.set(sled, `${event.kind} ${detail}`.trim())
      }
      try {
        site.commit((change) => change.note(event.kind, event.body))
      } catch (error) {
        log.error('a netboot event could not be recorded', {
          event: event.kind,
          error: String(error),
        })
      }
    },
    last: (sled) => last.get(sled) ?? null,
    forget: (sled) => void last.delete(sled),
  }
}
