import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { Milliseconds } from '@brickyard/std/units'
import type { NetbootEvent, Report } from './netboot/report.ts'
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
  /** Writes what waits, at once. */
  flush(): void
}

/**
 * Sightings gather this long for one commit: 48 sleds that come at once would else stop the servers
 * for 48 commits, one after the other. Longer than such a rack takes to get its addresses, so that
 * this commit stops none of them. A crash costs no more than that of them.
 */
const GATHER_MS = Milliseconds(150)
/** A full group is written at once. */
const GATHERED_MAX = 256

export function createNetbootLog({
  site,
  clock,
  log,
  watches,
}: {
  readonly site: SiteStore
  readonly clock: Clock
  readonly log: Log
  readonly watches: Watches
}): NetbootLog {
  const last = new Map<string, string>()
  let gathered: NetbootEvent[] = []
  let timer: Timer | undefined

  function flush(): void {
    timer?.cancel()
    timer = undefined
    if (gathered.length === 0) return
    const events = gathered
    gathered = []
    try {
      site.commit((change) => {
        for (const { kind, body } of events) change.note(kind, body)
      })
    } catch (error) {
      log.error('netboot events could not be recorded', {
        events: events.length,
        first: events[0]?.kind ?? '',
        error: String(error),
      })
    }
  }

  return {
    report(event) {
      const { sled, reason, what, network, server } = event.body
      if (typeof network === 'string' && typeof server === 'string') {
        if (event.kind === 'dhcp.foreign-server') {
          watches.foreignServer(network, server, aboutServer(event.body))
        }
        if (event.kind === 'dhcp.foreign-server-gone') watches.foreignServerGone(network, server)
      }
      if (typeof sled === 'string') {
        const detail = [what, reason].filter((text) => typeof text === 'string').join(' ')
        last.set(sled, `${event.kind} ${detail}`.trim())
      }
      gathered.push(event)
      if (gathered.length >= GATHERED_MAX) flush()
      else timer ??= clock.after(GATHER_MS, flush)
    },
    last: (sled) => last.get(sled) ?? null,
    forget: (sled) => void last.delete(sled),
    flush,
  }
}

/** What was found out of another DHCP server, for who has to find it; undefined: nothing. */
function aboutServer({ mac, relay, gives, options }: NetbootEvent['body']): string | undefined {
  const words = [
    typeof mac === 'string' ? mac : '',
    typeof relay === 'string' ? `through the relay ${relay}` : '',
    typeof gives === 'string' ? `gives ${gives}` : '',
    typeof options === 'string' ? options : '',
  ].filter((word) => word !== '')
  return words.length === 0 ? undefined : words.join(', ')
}
