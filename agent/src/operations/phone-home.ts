import { createHmac } from 'node:crypto'
import type { Clock } from '@brickyard/runtime/clock'
import type { FetchHandler } from '@brickyard/runtime/http'
import type { Log } from '@brickyard/runtime/log'
import type { SiteStore } from '../store/site-store.ts'
import { phonedHome } from './operation-machine.ts'

/** Ended operations whose OS may still repeat its call because our answer was lost. */
const ENDED_LOOKED_AT = 100

/**
 * The token by which an installed OS says that it is up. Derived, not stored: the seed can be made
 * again after a restart, and the disk holds nothing that would let somebody else call.
 */
export const phoneHomeToken = (secret: string, operation: string): string =>
  createHmac('sha256', secret).update(`phone-home:${operation}`).digest('hex').slice(0, 40)

/** `POST /phone-home/<token>`: the first boot of an installed OS. A repeat is harmless. */
export function createPhoneHome(parts: {
  readonly site: SiteStore
  readonly clock: Clock
  readonly log: Log
  readonly nudge: (operation: string) => void
}): FetchHandler {
  const { site, clock, log } = parts
  return (request) => {
    if (request.method !== 'POST') return plain(405, 'POST it')
    const token = /^\/phone-home\/([0-9a-f]{40})$/.exec(new URL(request.url).pathname)?.[1]
    const isIts = (id: string): boolean => phoneHomeToken(site.secret, id) === token
    const operation = [...site.running.values()].find(({ id }) => isIts(id))
    try {
      if (operation === undefined) {
        const ended = site.read((sql) =>
          sql.all<{ id: string }>(
            'SELECT id FROM operation WHERE running = 0 ORDER BY started_at_ms DESC LIMIT ?',
            ENDED_LOOKED_AT,
          ),
        )
        return ended.some(({ id }) => isIts(id)) ? plain(200, 'heard') : plain(404, 'nobody waits')
      }
      const now = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() }
      const next = phonedHome(operation, now)
      if (next === operation) return plain(409, 'the installer is not done with this sled')
      site.commit((change) => change.putOperation(next))
      parts.nudge(operation.id)
      return plain(200, 'heard')
    } catch (error) {
      log.error('a call home could not be recorded', { error: String(error) })
      return plain(503, 'again, please')
    }
  }
}

const plain = (status: number, text: string): Response => new Response(`${text}\n`, { status })
