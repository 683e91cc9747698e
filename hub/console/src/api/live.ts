import type { Change } from '@brickyard/api/schemas'
import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'

/**
 * Keeps what is on the screen true: one stream of "this changed" from the hub makes the kept
 * answers stale, at most four times a second; while the stream is down, a poll does.
 */
export type LiveState = 'connecting' | 'live' | 'polling'

/** Four refreshes a second look immediate and leave the hub in peace during a roll-out. */
const FLUSH_EVERY_MS = 250
const POLL_EVERY_MS = 15_000
/** A browser gives up for good on an answer that is no stream (a proxy's error page): try again. */
const REOPEN_AFTER_MS = 5_000

function keysOf(change: Change): QueryKey[] {
  const site = change.id.split('/')[0] ?? ''
  switch (change.kind) {
    case 'site':
      return [['overview'], ['sites'], ['site', change.id]]
    case 'sled':
      return [['overview'], ['sled', change.id], ['sleds'], ['sites'], ['site', site]]
    case 'deployment':
      return [['deployments'], ['deployment', change.id], ['preview']]
    case 'operation':
      return [['overview'], ['operations']]
    case 'event':
      return [['overview'], ['events'], ['site']]
    case 'image':
      return [['images']]
    case 'act':
      return [['act', change.id]]
  }
}

export interface Live {
  readonly start: () => void
  readonly stop: () => void
  readonly subscribe: (listener: () => void) => () => void
  readonly state: () => LiveState
}

export function createLive(queries: QueryClient): Live {
  const listeners = new Set<() => void>()
  const pending = new Map<string, QueryKey>()
  let state: LiveState = 'connecting'
  let stream: EventSource | undefined
  let timers: ReturnType<typeof setInterval>[] = []
  let reopen: ReturnType<typeof setTimeout> | undefined

  const become = (next: LiveState): void => {
    if (state === next) return
    state = next
    for (const listener of listeners) listener()
  }
  const refreshAll = (): void =>
    void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
  const flush = (): void => {
    for (const [text, queryKey] of pending) {
      // A fetch under way may have read before this change: keep the key for the next round.
      if (queries.isFetching({ queryKey }) > 0) continue
      pending.delete(text)
      void queries.invalidateQueries({ queryKey })
    }
  }
  const hear = (message: MessageEvent<string>): void => {
    let change: Change
    try {
      change = JSON.parse(message.data) as Change
    } catch {
      return
    }
    for (const key of keysOf(change) ?? []) pending.set(JSON.stringify(key), key)
  }
  const open = (): void => {
    stream = new EventSource('/v1/live')
    stream.addEventListener('change', hear)
    stream.addEventListener('reset', refreshAll)
    stream.addEventListener('open', () => {
      // What changed while nobody listened is not told again.
      if (state !== 'live') refreshAll()
      become('live')
    })
    stream.addEventListener('error', () => {
      become('polling')
      if (stream?.readyState !== EventSource.CLOSED) return
      stream.close()
      clearTimeout(reopen)
      reopen = setTimeout(open, REOPEN_AFTER_MS)
    })
  }
  return {
    start() {
      if (timers.length > 0) return
      const poll = (): void => {
        if (state !== 'live') refreshAll()
      }
      timers = [setInterval(flush, FLUSH_EVERY_MS), setInterval(poll, POLL_EVERY_MS)]
      open()
    },
    stop() {
      for (const timer of timers) clearInterval(timer)
      timers = []
      clearTimeout(reopen)
      stream?.close()
      pending.clear()
      become('connecting')
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    state: () => state,
  }
}

export const useLiveState = (live: Live): LiveState =>
  useSyncExternalStore(live.subscribe, live.state)
