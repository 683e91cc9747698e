import type { Clock } from '@brickyard/runtime/clock'
import { Seconds } from '@brickyard/std/units'
import type { ScopedChange } from '../store/hub-store.ts'
import type { Feed } from './feed.ts'

/** Keeps proxies from closing a quiet stream, and tells the browser's end when it is dead. */
const HEARTBEAT_MS = Seconds(15)
/** Lines waiting for a reader that does not read; then the stream ends and it comes back with its id. */
const WAITING_LINES_MAX = 1000

export interface LiveRequest {
  readonly feed: Feed
  readonly clock: Clock
  /** `Last-Event-ID` of a browser that comes back. */
  readonly lastId: string | undefined
  readonly maySee: (change: ScopedChange) => boolean
  /** Called with what ends the stream, and again with nothing when it has ended. */
  readonly onOpen: (end: () => void) => () => void
}

/** Changes as server-sent events (HTML Living Standard §9.2), for one reader. */
export function serveLive({ feed, clock, lastId, maySee, onOpen }: LiveRequest): Response {
  const encoder = new TextEncoder()
  let stop = (): void => undefined
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string): void => {
          if ((controller.desiredSize ?? 0) <= 0) return end()
          controller.enqueue(encoder.encode(text))
        }
        const line = (id: number, { kind, id: what }: ScopedChange): string =>
          `event: change\nid: ${id}\ndata: ${JSON.stringify({ kind, id: what })}\n\n`
        const unsubscribe = feed.subscribe(({ id, change }) => {
          if (maySee(change)) send(line(id, change))
        })
        let beat = clock.after(HEARTBEAT_MS, heartbeat)
        function heartbeat(): void {
          beat = clock.after(HEARTBEAT_MS, heartbeat)
          send(': still here\n\n')
        }
        let over = false
        function end(): void {
          if (over) return
          stop()
          controller.close()
        }
        const forget = onOpen(end)
        stop = () => {
          over = true
          unsubscribe()
          beat.cancel()
          forget()
        }
        begin(send, line)
      },
      cancel: () => stop(),
    },
    { highWaterMark: WAITING_LINES_MAX },
  )

  function begin(
    send: (text: string) => void,
    line: (id: number, change: ScopedChange) => string,
  ): void {
    send(`retry: 2000\nid: ${feed.newest}\n\n`)
    if (lastId === undefined) return
    const missed = /^\d{1,16}$/.test(lastId) ? feed.since(Number(lastId)) : undefined
    if (missed === undefined) return send(`event: reset\nid: ${feed.newest}\ndata: {}\n\n`)
    for (const { id, change } of missed) if (maySee(change)) send(line(id, change))
  }

  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // Nginx would hold lines back otherwise.
      'x-accel-buffering': 'no',
    },
  })
}
