import type { HubFrame, SiteFrame } from '@brickyard/protocol/frames'
import {
  SERIAL_OUTPUT_WINDOW_BYTES,
  SERIAL_PIECE_BYTES_MAX,
  SERIAL_STREAM,
  SERIAL_TYPED_WINDOW_BYTES,
  type SerialOpen,
} from '@brickyard/protocol/serial-stream'
import {
  creditRoom,
  nextGrant,
  noteBytesSent,
  noteGrant,
  noteReceived,
  noteTaken,
  receiverCredit,
  senderCredit,
} from '@brickyard/protocol/stream-credit'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import { KiB, Milliseconds } from '@brickyard/std/units'
import type { SerialConsole, SerialStanding } from '../bmc/serial-console.ts'
import type { SerialDesk } from '../bmc/serial-desk.ts'

/** Streams of one link: every sled of a large rack, and some to spare. */
const STREAMS_MAX = 256
/** With more than this on its way, console output waits in its ring: events go first. */
const OUTPUT_BUFFERED_BYTES_MAX = KiB(32)
/** A full link is looked at again so soon. */
const RETRY_MS = Milliseconds(50)
const REASON_CHARS_MAX = 500

type StreamFrame = Extract<HubFrame, { stream: number }>

/** The streams that the hub has open on one connection. */
export interface SerialStreams {
  take(frame: StreamFrame): void
  /** The connection is gone: consoles go on for whoever comes back soon. */
  end(): void
}

interface Stream {
  take(frame: StreamFrame): void
  end(): void
}

export interface SerialStreamsParts {
  readonly desk: SerialDesk
  readonly clock: Clock
  readonly send: (frame: SiteFrame) => void
  readonly bufferedBytes: () => number
}

export function createSerialStreams(parts: SerialStreamsParts): SerialStreams {
  const streams = new Map<number, Stream>()
  const refuse = (stream: number, reason: string): void =>
    parts.send({ v: 1, kind: 'stream-close', stream, reason })

  function open(stream: number, what: string, serial: SerialOpen | undefined): void {
    if (what !== SERIAL_STREAM || serial === undefined) {
      return refuse(stream, 'this agent has no such stream')
    }
    if (streams.has(stream)) return refuse(stream, 'this stream is open already')
    if (streams.size >= STREAMS_MAX) return refuse(stream, 'too many streams are open')
    const console = parts.desk.console(serial.sled)
    if (console === undefined) return refuse(stream, `there is no sled ${serial.sled}`)
    const close = (reason: string): void => {
      drop(stream)
      refuse(stream, reason)
    }
    streams.set(stream, openStream(parts, { stream, console, serial, close }))
  }

  function drop(stream: number): void {
    streams.get(stream)?.end()
    streams.delete(stream)
  }

  return {
    take(frame) {
      if (frame.kind === 'stream-open') return open(frame.stream, frame.what, frame.serial)
      if (frame.kind === 'stream-close') return drop(frame.stream)
      streams.get(frame.stream)?.take(frame)
    },
    end() {
      for (const stream of streams.keys()) drop(stream)
    },
  }
}

interface Opening {
  readonly stream: number
  readonly console: SerialConsole
  readonly serial: SerialOpen
  readonly close: (reason: string) => void
}

function openStream(
  parts: SerialStreamsParts,
  { stream, console, serial, close }: Opening,
): Stream {
  const { desk, clock, send } = parts
  const { ring, ringId } = console
  const { from, tail } = serial
  /** The next byte to send; `told` is the one that the hub expects. */
  let next = from?.ring === ringId ? Math.min(from.offset, ring.end) : ring.end - tail
  let told: number | undefined
  let output = senderCredit()
  let typed = receiverCredit(SERIAL_TYPED_WINDOW_BYTES, SERIAL_TYPED_WINDOW_BYTES)
  let timer: Timer | undefined
  let over = false

  function pump(): void {
    timer?.cancel()
    if (over) return
    while (ring.end > next && creditRoom(output) > 0) {
      if (parts.bufferedBytes() > OUTPUT_BUFFERED_BYTES_MAX) {
        timer = clock.after(RETRY_MS, pump)
        return
      }
      const piece = ring.read(next, Math.min(SERIAL_PIECE_BYTES_MAX, creditRoom(output)))
      tellWhere(piece.at)
      const data = Buffer.from(piece.bytes).toString('base64')
      send({ v: 1, kind: 'stream-data', stream, data })
      output = noteBytesSent(output, piece.bytes.length)
      next = piece.at + piece.bytes.length
      told = next
    }
  }

  function tellWhere(at: number): void {
    if (told === at) return
    told = at
    send({ v: 1, kind: 'stream-told', stream, told: { kind: 'at', ring: ringId, offset: at } })
  }

  function tellState({ state, reason, atMs }: SerialStanding): void {
    if (state === 'idle') return
    const words = reason?.slice(0, REASON_CHARS_MAX) ?? null
    send({ v: 1, kind: 'stream-told', stream, told: { kind: 'state', state, reason: words, atMs } })
  }

  function takeTyped(data: string): void {
    const bytes = new Uint8Array(Buffer.from(data, 'base64'))
    const received = noteReceived(typed, bytes.length)
    if (received === undefined) return close('more was typed than was granted')
    typed = received
    console.type(bytes, (count) => {
      typed = noteTaken(typed, count)
      const grant = nextGrant(typed)
      typed = grant.credit
      if (grant.bytes > 0 && !over) {
        send({ v: 1, kind: 'stream-credit', stream, bytes: grant.bytes })
      }
    })
  }

  const { sled } = serial
  next = Math.max(next, ring.first)
  tellWhere(next)
  const detach = console.attach({ onBytes: pump, onState: tellState })
  return {
    take(frame) {
      if (frame.kind === 'stream-data') return takeTyped(frame.data)
      if (frame.kind === 'stream-credit') {
        output = noteGrant(output, frame.bytes, SERIAL_OUTPUT_WINDOW_BYTES)
        return pump()
      }
      if (frame.kind !== 'stream-ask') return
      const { ask } = frame
      if (ask.kind === 'people') desk.people(sled, ask)
      else if (ask.kind === 'break') desk.sendBreak(sled, ask.by)
      else desk.takeOver(sled, ask.by)
    },
    end() {
      over = true
      timer?.cancel()
      detach()
    },
  }
}
