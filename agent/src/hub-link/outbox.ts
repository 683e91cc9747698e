import { encodeFrame, EVENTS_PER_FRAME_MAX, type SiteFrame } from '@brickyard/protocol/frames'
import {
  noteAcked,
  noteSent,
  openWindow,
  roomInWindow,
  type SendWindow,
} from '@brickyard/protocol/send-window'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { KiB } from '@brickyard/std/units'
import { eventsAfter, noteAcknowledged } from '../store/journal.ts'
import type { SiteStore } from '../store/site-store.ts'
import type { ReadingsBuffer } from './readings-buffer.ts'

/** Above this the link is slow: readings wait, so that an event never queues behind them. */
const READINGS_BUFFERED_BYTES_MAX = KiB(64)
/** Above this events wait as well; they are safe in the journal. */
const EVENTS_BUFFERED_BYTES_MAX = KiB(512)
const READINGS_PER_FRAME_MAX = 500
/** Text of one frame's events: over the slowest line (9.6 kbit/s) still less than the hub's silence. */
const EVENTS_CHARS_MAX = KiB(64)

/** Sends the journal in order, and readings when there is room, over one connection. */
export interface Outbox {
  /** Sends what may be sent now. */
  pump(): void
  acked(epoch: string, seq: number): void
  /** True while something was sent that the hub has not acknowledged. */
  waits(): boolean
}

export function createOutbox(parts: {
  readonly site: SiteStore
  readonly link: WebSocketLink
  readonly readings: ReadingsBuffer
  readonly wallMs: () => number
  /** What the hub said that it holds of this epoch. */
  readonly hubAckedSeq: number
}): Outbox {
  const { site, link, readings } = parts
  let window: SendWindow = openWindow(parts.hubAckedSeq)
  readings.resend()
  site.commit(({ sql }) => noteAcknowledged(sql, parts.hubAckedSeq, parts.wallMs()))

  function pumpEvents(): void {
    while (link.bufferedBytes() <= EVENTS_BUFFERED_BYTES_MAX) {
      const room = Math.min(roomInWindow(window), EVENTS_PER_FRAME_MAX)
      if (room === 0) return
      const events = fitting(site.read((sql) => eventsAfter(sql, window.sentSeq, room)))
      const last = events.at(-1)
      if (last === undefined) return
      send({ v: 1, kind: 'events', epoch: site.epoch, events })
      window = noteSent(window, last.seq)
    }
  }

  const send = (frame: SiteFrame): void => link.send(encodeFrame(frame))

  return {
    pump() {
      pumpEvents()
      if (link.bufferedBytes() > READINGS_BUFFERED_BYTES_MAX) return
      const values = readings.takeChanged(READINGS_PER_FRAME_MAX)
      if (values.length > 0) send({ v: 1, kind: 'readings', values })
    },
    waits: () => window.sentSeq > window.ackedSeq,
    acked(epoch, seq) {
      if (epoch !== site.epoch) return
      const before = window
      window = noteAcked(window, seq)
      if (window !== before) site.commit(({ sql }) => noteAcknowledged(sql, seq, parts.wallMs()))
    },
  }
}

/** As many events as a frame holds; always at least one. */
function fitting<E>(events: readonly E[]): E[] {
  let chars = 0
  const count = events.findIndex((event, n) => {
    chars += JSON.stringify(event).length
    return n > 0 && chars > EVENTS_CHARS_MAX
  })
  return count < 0 ? [...events] : events.slice(0, count)
}
