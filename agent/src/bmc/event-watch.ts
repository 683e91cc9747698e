import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import { err } from '@brickyard/std/result'
import { Minutes } from '@brickyard/std/units'
import type { BmcDesk } from './bmc-desk.ts'

/** After a stream ended; a BMC that has none is not asked again before it comes back from silence. */
const AGAIN_MS = Minutes(5)
const NO_STREAM: BmcFault = { kind: 'refused', message: 'its driver has no stream of events' }

/**
 * Listens to what BMCs tell by themselves, where they do. Nothing is made of an event but a reason to
 * read the log: that tells each entry once, and what got lost on the way as well.
 */
export interface EventWatch {
  /** Its BMC answers, for the first time or again. */
  answers(sled: SledName): void
  watch(sleds: readonly SledName[]): void
  stop(): void
}

export function createEventWatch(parts: {
  readonly desk: Pick<BmcDesk, 'with'>
  readonly clock: Clock
  readonly onEvent: (sled: SledName) => void
}): EventWatch {
  const { desk, clock, onEvent } = parts
  const streams = new Map<SledName, { close(): void }>()
  const opening = new Set<SledName>()
  const timers = new Map<SledName, Timer>()
  let watched: ReadonlySet<SledName> = new Set()

  async function open(sled: SledName): Promise<void> {
    if (!watched.has(sled) || streams.has(sled) || opening.has(sled)) return
    opening.add(sled)
    const listener = {
      onEvent: () => void (watched.has(sled) && onEvent(sled)),
      onClosed: () => over(sled),
    }
    const opened = await desk.with(sled, async ({ events }) =>
      events === undefined ? err(NO_STREAM) : await events.open(listener),
    )
    opening.delete(sled)
    if (!opened.ok && opened.error.kind !== 'refused') over(sled)
    if (!opened.ok) return
    if (watched.has(sled)) streams.set(sled, opened.value)
    else opened.value.close()
  }

  function over(sled: SledName): void {
    streams.delete(sled)
    timers.get(sled)?.cancel()
    if (!watched.has(sled)) return
    timers.set(
      sled,
      clock.after(AGAIN_MS, () => void open(sled)),
    )
  }

  function leave(sled: SledName): void {
    timers.get(sled)?.cancel()
    timers.delete(sled)
    streams.get(sled)?.close()
    streams.delete(sled)
  }

  return {
    answers: (sled) => void open(sled),
    watch(sleds) {
      watched = new Set(sleds)
      for (const sled of [...streams.keys(), ...timers.keys()]) if (!watched.has(sled)) leave(sled)
    },
    stop() {
      watched = new Set()
      for (const sled of [...streams.keys(), ...timers.keys()]) leave(sled)
    },
  }
}
