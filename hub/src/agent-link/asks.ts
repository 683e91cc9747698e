import type { Ask } from '@brickyard/protocol/asks'
import type { HubFrame } from '@brickyard/protocol/frames'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'

/** A person waits for it; a site behind a slow link answers in a few seconds. */
const ANSWER_TIMEOUT_MS = Seconds(10)
/** Asks under way on one link: a few people looking at a few pages. */
const ASKS_MAX = 32

/** What the hub asks one connected site, and what comes back. */
export interface Asks {
  /** Settles with the answer, or with why there is none. */
  ask(what: Ask): Promise<Result<unknown>>
  answered(id: string, body: unknown, reason: string | null): void
  /** The link is gone: nobody answers any more. */
  end(): void
}

export function createAsks(clock: Clock, send: (frame: HubFrame) => void): Asks {
  const open = new Map<string, { settle: (answer: Result<unknown>) => void; timer: Timer }>()
  let asked = 0
  let over = false

  const settle = (id: string, answer: Result<unknown>): void => {
    const waiting = open.get(id)
    open.delete(id)
    waiting?.timer.cancel()
    waiting?.settle(answer)
  }
  return {
    ask(what) {
      if (over) return Promise.resolve(err('the site is away'))
      if (open.size >= ASKS_MAX) return Promise.resolve(err('the site is asked too much at once'))
      asked += 1
      const id = `ask-${asked}`
      return new Promise((resolve) => {
        const late = (): void => settle(id, err('the site did not answer'))
        open.set(id, { settle: resolve, timer: clock.after(ANSWER_TIMEOUT_MS, late) })
        send({ v: 1, kind: 'ask', id, what })
      })
    },
    answered: (id, body, reason) => settle(id, reason === null ? ok(body) : err(reason)),
    end() {
      over = true
      for (const id of open.keys()) settle(id, err('the site went away'))
    },
  }
}
