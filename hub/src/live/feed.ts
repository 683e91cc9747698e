import type { ScopedChange } from '../store/hub-store.ts'

/** Changes kept so that a browser that lost its line for a moment misses nothing. */
const KEPT_MAX = 2000

export interface FeedLine {
  /** Rises by one with every change of this process. */
  readonly id: number
  readonly change: ScopedChange
}

/** The hub's changes in order, for whoever listens at the moment. */
export interface Feed {
  publish(changes: readonly ScopedChange[]): void
  /** Calls `take` for every change from now on; the answer ends it. */
  subscribe(take: (line: FeedLine) => void): () => void
  /** Changes after `id`, or undefined when they are no longer kept (or never were ours). */
  since(id: number): readonly FeedLine[] | undefined
  /** Id of the newest change. */
  readonly newest: number
}

/** `firstId` differs from one process to the next, so that an id of an earlier one is not mistaken. */
export function createFeed(firstId: number): Feed {
  const listeners = new Set<(line: FeedLine) => void>()
  let kept: FeedLine[] = []
  let newest = firstId
  return {
    publish(changes) {
      for (const change of changes) {
        const line = { id: ++newest, change }
        kept.push(line)
        for (const take of listeners) take(line)
      }
      if (kept.length > 2 * KEPT_MAX) kept = kept.slice(-KEPT_MAX)
    },
    subscribe(take) {
      listeners.add(take)
      return () => void listeners.delete(take)
    },
    since(id) {
      const oldest = newest - kept.length
      return id < oldest || id > newest ? undefined : kept.slice(id - oldest)
    },
    get newest() {
      return newest
    },
  }
}
