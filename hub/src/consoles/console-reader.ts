import {
  CONSOLE_CLOSE,
  CONSOLE_SILENCE_MS,
  CONSOLE_WINDOW_BYTES,
  type ConsoleFromReader,
  type ConsoleToReader,
} from '@brickyard/api/console-wire'
import { consoleFromReaderSchema } from '@brickyard/api/console-schemas'
import type { ByteRing } from '@brickyard/protocol/byte-ring'
import {
  creditRoom,
  noteBytesSent,
  noteGrant,
  senderCredit,
} from '@brickyard/protocol/stream-credit'
import type { Clock } from '@brickyard/runtime/clock'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { KiB } from '@brickyard/std/units'

/** One message of output. */
const PIECE_BYTES_MAX = KiB(16)
/** A paste comes in pieces of what may be typed at once. */
const MESSAGE_BYTES_MAX = KiB(64)

/** From where a reader wants to read: the byte after the last one it has, else the newest `tail`. */
export interface ReadFrom {
  readonly from: { readonly ring: string; readonly offset: number } | null
  readonly tail: number
}

export interface ReaderEvents {
  said(message: ConsoleFromReader): void
  typed(bytes: Uint8Array): void
  closed(): void
}

/** One browser or `yard` at a console. */
export class ConsoleReader {
  readonly user: string
  readonly wants: ReadFrom
  /** Next byte to send, in the ring that was last told of. */
  #next = 0
  /** What the reader expects next: undefined before the first byte. */
  #told: { readonly ring: string; readonly offset: number } | undefined
  #credit = senderCredit(CONSOLE_WINDOW_BYTES)
  /** Bytes typed on this connection in all. */
  #typed = 0
  #heardMs: number
  readonly #link: WebSocketLink
  readonly #clock: Clock

  constructor(link: WebSocketLink, user: string, wants: ReadFrom, clock: Clock) {
    this.#link = link
    this.user = user
    this.wants = wants
    this.#clock = clock
    this.#heardMs = clock.monotonicMs()
  }

  start(events: ReaderEvents): void {
    this.#link.onClose(() => events.closed())
    this.#link.onMessage((message) => {
      this.#heardMs = this.#clock.monotonicMs()
      if (message.length > MESSAGE_BYTES_MAX) return this.end('broken', 'a message too long')
      if (typeof message !== 'string') {
        this.#typed += message.length
        return events.typed(message)
      }
      const said = parse(message)
      if (said === undefined) return this.end('broken', 'a message that cannot be read')
      if (said.kind === 'credit') {
        this.#credit = noteGrant(this.#credit, said.bytes, CONSOLE_WINDOW_BYTES)
      }
      events.said(said)
    })
  }

  get silent(): boolean {
    return this.#clock.monotonicMs() - this.#heardMs > CONSOLE_SILENCE_MS
  }

  say(message: ConsoleToReader): void {
    this.#link.send(JSON.stringify(message))
  }

  refuse(what: string, reason: string): void {
    this.say({ kind: 'refused', what, reason })
  }

  /** `room`: what the site takes now of whoever writes. */
  mayType(room: number): void {
    this.say({ kind: 'may-type', upTo: this.#typed + room })
  }

  /** Where to begin in this ring, unless the reader holds some of it already. */
  place(ring: string, at: number): void {
    const held = this.#told ?? this.wants.from
    this.#next = held?.ring === ring ? held.offset : at
  }

  /** Sends what there is, as far as the reader has granted. */
  pump(ring: ByteRing, ringId: string): void {
    if (this.#told?.ring !== ringId) this.#tell(ringId, Math.max(this.#next, ring.first))
    while (ring.end > this.#next && creditRoom(this.#credit) > 0) {
      const piece = ring.read(this.#next, Math.min(PIECE_BYTES_MAX, creditRoom(this.#credit)))
      if (this.#told?.offset !== piece.at) this.#tell(ringId, piece.at)
      this.#link.send(piece.bytes)
      this.#credit = noteBytesSent(this.#credit, piece.bytes.length)
      this.#next = piece.at + piece.bytes.length
      this.#told = { ring: ringId, offset: this.#next }
    }
  }

  end(why: keyof typeof CONSOLE_CLOSE, reason: string): void {
    this.#link.close(CONSOLE_CLOSE[why], reason)
  }

  leave(code: number, reason: string): void {
    this.#link.close(code, reason)
  }

  #tell(ring: string, offset: number): void {
    const before = this.#told ?? this.wants.from ?? undefined
    const lost = before?.ring === ring ? Math.max(0, offset - before.offset) : 0
    this.#told = { ring, offset }
    this.say({ kind: 'at', ring, offset, lost })
  }
}

function parse(message: string): ConsoleFromReader | undefined {
  try {
    return consoleFromReaderSchema.safeParse(JSON.parse(message)).data
  } catch {
    return undefined
  }
}
