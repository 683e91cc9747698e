import { CONSOLE_ALIVE_MS } from '@brickyard/api/console-wire'
import type { SiteName, SledName } from '@brickyard/model/names'
import { SERIAL_READERS_MAX } from '@brickyard/protocol/serial-stream'
import type { Timer } from '@brickyard/runtime/clock'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { Hours } from '@brickyard/std/units'
import { CLOSE_GOING_AWAY } from '../agent-link/session.ts'
import { mayDo, type Principal } from '../auth/principal.ts'
import type { HubParts } from '../parts.ts'
import { pruneRecords } from '../store/console-records.ts'
import { ConsoleReader, type ReadFrom } from './console-reader.ts'
import { createConsoleRecord } from './console-record.ts'
import { SledConsole } from './sled-console.ts'

/** Consoles read at once; each holds a megabyte at most. */
const CONSOLES_MAX = 256
const PRUNE_MS = Hours(6)

/** Every console that somebody reads at this hub. */
export interface ConsoleDesk {
  /** Why nobody more can come; undefined when one can. */
  full(site: SiteName, sled: SledName): string | undefined
  join(
    at: { readonly site: SiteName; readonly sled: SledName },
    who: Principal,
    wants: ReadFrom,
    link: WebSocketLink,
  ): void
  stop(): void
}

type Parts = Pick<HubParts, 'clock' | 'random' | 'log' | 'store' | 'sessions' | 'links' | 'onStop'>

export function createConsoleDesk(parts: Parts): ConsoleDesk {
  const { clock, links, log, store, sessions } = parts
  const consoles = new Map<string, SledConsole>()
  const people = new Map<ConsoleReader, { principal: Principal; console: SledConsole }>()
  let round: Timer | undefined
  let pruned = -Infinity
  let stopped = false

  links.onConnected((site) => {
    for (const [key, console] of consoles) if (key.startsWith(`${site}/`)) console.connected()
  })

  /** Who fell silent, or may no more, goes; the others hear that the hub lives. */
  async function lookAround(): Promise<void> {
    for (const reader of people.keys()) {
      if (reader.silent) leave(reader, () => reader.end('silent', 'nothing was heard for too long'))
      else reader.say({ kind: 'alive' })
    }
    for (const [reader, { principal }] of people) {
      const now = await sessions.renew(principal)
      if (now === undefined || !mayDo(now, 'consoles.use')) {
        leave(reader, () => reader.end('sessionEnded', 'the session ended'))
      }
    }
    if (clock.monotonicMs() - pruned < PRUNE_MS) return
    pruned = clock.monotonicMs()
    await store.write((tx) => pruneRecords(tx, clock.wallMs()))
  }

  function leave(reader: ConsoleReader, close: () => void): void {
    people.get(reader)?.console.leave(reader)
    close()
  }

  function schedule(): void {
    if (stopped) return
    round = clock.after(CONSOLE_ALIVE_MS, () => {
      lookAround()
        .catch((error: unknown) =>
          log.error('the round over the consoles failed', { error: String(error) }),
        )
        .finally(schedule)
    })
  }
  schedule()

  function consoleOf(site: SiteName, sled: SledName): SledConsole {
    const key = `${site}/${sled}`
    const held = consoles.get(key)
    if (held !== undefined) return held
    const made = new SledConsole({
      site,
      sled,
      clock,
      links,
      record: createConsoleRecord({ ...parts, site, sled }),
      onLeft: (reader) => people.delete(reader),
      onEmpty: () => {
        if (consoles.get(key) === made) consoles.delete(key)
      },
    })
    consoles.set(key, made)
    return made
  }

  return {
    full(site, sled) {
      if (stopped) return 'the hub is going down'
      const held = consoles.get(`${site}/${sled}`)
      if (held === undefined && consoles.size >= CONSOLES_MAX) return 'too many consoles are read'
      const many = (held?.readers.size ?? 0) >= SERIAL_READERS_MAX
      return many ? 'too many people read this console' : undefined
    },
    join({ site, sled }, principal, wants, link) {
      if (this.full(site, sled) !== undefined) return link.close(CLOSE_GOING_AWAY, 'full')
      const reader = new ConsoleReader(link, principal.user, wants, clock)
      const console = consoleOf(site, sled)
      people.set(reader, { principal, console })
      console.join(reader)
    },
    stop() {
      stopped = true
      round?.cancel()
      for (const reader of people.keys()) {
        leave(reader, () => reader.leave(CLOSE_GOING_AWAY, 'the hub is going down'))
      }
    },
  }
}
