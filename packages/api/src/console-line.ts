import {
  CONSOLE_ALIVE_MS,
  CONSOLE_CLOSE,
  CONSOLE_WINDOW_BYTES,
  type ConsoleFromReader,
  type ConsoleState,
  type ConsoleToReader,
} from './console-wire.ts'

/** Pauses before the hub is tried again; the last one for ever. */
const REDIAL_PAUSES_MS = [500, 1000, 2000, 5000, 10_000]
/** Typed bytes that wait for the sled; a paste of more is refused whole. */
const TYPED_WAITING_BYTES_MAX = 65_536
/** Typed bytes in one message. */
const TYPED_PIECE_BYTES = 4096
/** Answers of the hub after which it is no use to come again. */
const FINAL: readonly number[] = [CONSOLE_CLOSE.sessionEnded, CONSOLE_CLOSE.broken]

/** What a person sees of a console beside its text. */
export interface ConsoleView {
  readonly link: 'connecting' | 'connected' | 'lost' | 'ended'
  /** Why the link is lost or ended. */
  readonly linkReason: string | null
  readonly state: ConsoleState
  readonly stateReason: string | null
  /** Since when, or as of when, by the clock of who knows. */
  readonly stateAtMs: number | null
  readonly readers: readonly string[]
  readonly writer: string | null
  readonly isWriter: boolean
  /** Bytes shown, and bytes that were gone before they could be. */
  readonly receivedBytes: number
  readonly lostBytes: number
}

export const BLANK_VIEW: ConsoleView = {
  link: 'connecting',
  linkReason: null,
  state: 'opening',
  stateReason: null,
  stateAtMs: null,
  readers: [],
  writer: null,
  isWriter: false,
  receivedBytes: 0,
  lostBytes: 0,
}

export interface LineSocket {
  send(message: string | Uint8Array): void
  close(): void
}

export interface LineEvents {
  readonly opened: () => void
  readonly message: (message: string | Uint8Array) => void
  /** `final`: it is no use to dial again. */
  readonly closed: (code: number, reason: string, final?: boolean) => void
}

export interface LineOptions {
  /** Opens the WebSocket with this query and the subprotocol; tells its events later. */
  readonly dial: (query: string, events: LineEvents) => LineSocket
  /** Runs `work` later; the answer takes that back. */
  readonly after: (delayMs: number, work: () => void) => () => void
  /** Bytes of before that are wanted at first. */
  readonly tail: number
  /** Shows bytes, in order; `shown` lets more come. */
  readonly onBytes: (bytes: Uint8Array, shown: () => void) => void
  readonly onView: (view: ConsoleView) => void
  /** Something that was asked for was not done. */
  readonly onRefused: (what: string, reason: string) => void
}

/** A reader's end of a console: dials for ever, goes on at the byte where it was. */
export interface ConsoleLine {
  readonly view: ConsoleView
  /** Typed bytes that have not left. */
  readonly waitingBytes: number
  /** False when too much waits already: nothing of it was taken. */
  type(bytes: Uint8Array): boolean
  write(take: boolean): void
  release(): void
  sendBreak(): void
  takeOver(): void
  close(): void
}

export function openConsoleLine(options: LineOptions): ConsoleLine {
  return new Line(options)
}

class Line implements ConsoleLine {
  readonly #options: LineOptions
  #view = BLANK_VIEW
  #socket: LineSocket | undefined
  /** Counts sockets, so that what an earlier one still says is not heard. */
  #turn = 0
  #failures = 0
  #cancel: (() => void) | undefined
  #at: { readonly ring: string; readonly offset: number } | undefined
  /** Shown and not yet granted anew. */
  #shownBytes = 0
  #typedBytes = 0
  #mayTypeUpTo = 0
  #waiting: Uint8Array[] = []
  #waitingBytes = 0

  constructor(options: LineOptions) {
    this.#options = options
    this.#dial()
  }

  get view(): ConsoleView {
    return this.#view
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  type(bytes: Uint8Array): boolean {
    if (!this.#view.isWriter || this.#waitingBytes + bytes.length > TYPED_WAITING_BYTES_MAX) {
      return false
    }
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    this.#drain()
    return true
  }

  write(take: boolean): void {
    this.#say({ kind: 'write', take })
  }

  release(): void {
    this.#say({ kind: 'release' })
  }

  sendBreak(): void {
    this.#say({ kind: 'break' })
  }

  takeOver(): void {
    this.#say({ kind: 'take-over' })
  }

  close(): void {
    this.#turn += 1
    this.#cancel?.()
    this.#socket?.close()
    this.#change({ link: 'ended', linkReason: null })
  }

  #dial(): void {
    const turn = ++this.#turn
    const mine = (): boolean => turn === this.#turn
    const from = this.#at
    const query =
      from === undefined
        ? `tail=${this.#options.tail}`
        : `ring=${from.ring}&offset=${from.offset}&tail=${this.#options.tail}`
    const wrote = this.#view.isWriter
    this.#shownBytes = 0
    this.#typedBytes = 0
    this.#mayTypeUpTo = 0
    this.#socket = this.#options.dial(query, {
      opened: () => {
        if (!mine()) return
        this.#change({ link: 'connected', linkReason: null, isWriter: false })
        if (wrote) this.write(false)
        this.#alive(turn)
      },
      message: (message) => {
        if (!mine()) return
        if (typeof message === 'string') this.#hear(message)
        else this.#show(message, turn)
      },
      closed: (code, reason, final = false) => {
        if (mine()) this.#lost(reason, final || FINAL.includes(code))
      },
    })
  }

  #lost(reason: string, final: boolean): void {
    this.#turn += 1
    this.#cancel?.()
    // What was typed for the screen of before is not typed into the one of later.
    this.#waiting = []
    this.#waitingBytes = 0
    this.#change({ link: final ? 'ended' : 'lost', linkReason: reason })
    if (final) return
    const pauseMs = REDIAL_PAUSES_MS[Math.min(this.#failures, REDIAL_PAUSES_MS.length - 1)] ?? 0
    this.#failures += 1
    this.#cancel = this.#options.after(pauseMs, () => this.#dial())
  }

  #alive(turn: number): void {
    this.#cancel = this.#options.after(CONSOLE_ALIVE_MS, () => {
      if (turn !== this.#turn) return
      this.#say({ kind: 'alive' })
      this.#alive(turn)
    })
  }

  #hear(text: string): void {
    const message = JSON.parse(text) as ConsoleToReader
    switch (message.kind) {
      case 'at':
        this.#at = { ring: message.ring, offset: message.offset }
        if (message.lost > 0) this.#change({ lostBytes: this.#view.lostBytes + message.lost })
        return
      case 'state': {
        this.#failures = 0
        const { state, reason, atMs } = message
        return this.#change({ state, stateReason: reason, stateAtMs: atMs })
      }
      case 'people': {
        const { readers, writer, you } = message
        return this.#change({ readers, writer, isWriter: you === 'writer' })
      }
      case 'may-type':
        this.#mayTypeUpTo = message.upTo
        return this.#drain()
      case 'refused':
        return this.#options.onRefused(message.what, message.reason)
      case 'alive':
        return
    }
  }

  #show(bytes: Uint8Array, turn: number): void {
    if (this.#at !== undefined) {
      this.#at = { ...this.#at, offset: this.#at.offset + bytes.length }
    }
    this.#change({ receivedBytes: this.#view.receivedBytes + bytes.length })
    this.#options.onBytes(bytes, () => {
      if (turn !== this.#turn) return
      this.#shownBytes += bytes.length
      if (this.#shownBytes * 2 < CONSOLE_WINDOW_BYTES) return
      this.#say({ kind: 'credit', bytes: this.#shownBytes })
      this.#shownBytes = 0
    })
  }

  #drain(): void {
    for (;;) {
      const [next] = this.#waiting
      const room = Math.min(this.#mayTypeUpTo - this.#typedBytes, TYPED_PIECE_BYTES)
      if (next === undefined || room <= 0 || !this.#view.isWriter) return
      const piece = next.subarray(0, room)
      if (piece.length === next.length) this.#waiting.shift()
      else this.#waiting[0] = next.subarray(piece.length)
      this.#waitingBytes -= piece.length
      this.#typedBytes += piece.length
      this.#socket?.send(piece)
    }
  }

  #say(message: ConsoleFromReader): void {
    if (this.#view.link === 'connected') this.#socket?.send(JSON.stringify(message))
  }

  #change(change: Partial<ConsoleView>): void {
    this.#view = { ...this.#view, ...change }
    this.#options.onView(this.#view)
  }
}
