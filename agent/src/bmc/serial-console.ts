import type { Bmc } from '@brickyard/bmc/bmc'
import type { ConsoleSession } from '@brickyard/bmc/console'
import type { BmcFault } from '@brickyard/bmc/fault'
import { ByteRing } from '@brickyard/protocol/byte-ring'
import { SERIAL_RING_BYTES, type SerialState } from '@brickyard/protocol/serial-stream'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import { err, type Result } from '@brickyard/std/result'
import { Milliseconds, Minutes, Seconds } from '@brickyard/std/units'

/** A reader who comes back within this finds the console open, and every byte. */
const RELEASE_MS = Minutes(2)
/** Pauses before a console that did not open is tried again; the last one for ever. */
const RETRY_PAUSES_MS = [2, 5, 10, 20, 30, 60].map(Seconds)
/** Many BMCs lock an account whose login fails again and again. */
const REFUSED_LOGIN_PAUSE_MS = Minutes(1)
/** A full driver is asked again so often; a serial port sends a packet's worth in less. */
const TYPED_RETRY_MS = Milliseconds(20)
/** What the driver takes at a time: a BMC's packet holds about as much. */
const TYPED_PIECE_BYTES = 128

/** A connection to a sled's BMC for its console alone, and how to give it back. */
export interface SerialConnection {
  readonly console?: Bmc['console'] | undefined
  close(): Promise<void>
}

export interface SerialReader {
  /** Bytes were added to the ring. */
  onBytes(): void
  onState(state: SerialStanding): void
}

export interface SerialStanding {
  readonly state: SerialState | 'idle'
  readonly reason: string | null
  readonly atMs: number
}

export interface SerialConsoleParts {
  /** A fresh connection, a session of its own beside the desk's. */
  readonly connect: () => Result<SerialConnection, BmcFault>
  readonly clock: Clock
  /** Names the ring: offsets of another life of the agent mean nothing in it. */
  readonly ringId: string
  /** Nobody has read for so long that the console was given back. */
  readonly onReleased: () => void
}

/**
 * The serial console of one sled: opened when somebody reads, given back when nobody does, opened
 * anew when it is lost. What the sled said last stays in a ring, so readers may come and go.
 */
export class SerialConsole {
  readonly ring = new ByteRing(SERIAL_RING_BYTES)
  readonly ringId: string
  readonly #parts: SerialConsoleParts
  readonly #readers = new Set<SerialReader>()
  #standing: SerialStanding
  /** Counts openings, so that what an earlier one still says is not heard. */
  #turn = 0
  #session: ConsoleSession | undefined
  #connection: SerialConnection | undefined
  #failures = 0
  #timer: Timer | undefined
  #typedTimer: Timer | undefined
  #typed: { bytes: Uint8Array; readonly taken: (bytes: number) => void }[] = []

  constructor(parts: SerialConsoleParts) {
    this.#parts = parts
    this.ringId = parts.ringId
    this.#standing = { state: 'idle', reason: null, atMs: parts.clock.wallMs() }
  }

  get standing(): SerialStanding {
    return this.#standing
  }

  /** Opens the console if need be and tells how it stands; the answer ends the reading. */
  attach(reader: SerialReader): () => void {
    if (this.#standing.state === 'idle') void this.#open(false)
    else if (this.#session !== undefined) this.#timer?.cancel()
    this.#readers.add(reader)
    reader.onState(this.#standing)
    return () => {
      if (!this.#readers.delete(reader) || this.#readers.size > 0) return
      this.#later(RELEASE_MS, () => void this.release())
    }
  }

  /** Types bytes, in order. `taken` is told of each as it left for the BMC, or was dropped. */
  type(bytes: Uint8Array, taken: (bytes: number) => void): void {
    if (this.#standing.state !== 'open') return taken(bytes.length)
    this.#typed.push({ bytes, taken })
    this.#drain()
  }

  /** False when the console is not open. */
  sendBreak(): boolean {
    if (this.#session === undefined || this.#standing.state !== 'open') return false
    this.#session.sendBreak()
    return true
  }

  /** Ends a console that somebody else holds; false where nobody does. */
  takeOver(): boolean {
    if (this.#standing.state !== 'elsewhere') return false
    void this.#open(true)
    return true
  }

  /** Gives the console back to the BMC; it is opened anew when somebody reads. */
  async release(): Promise<void> {
    this.#timer?.cancel()
    this.#stand('idle', null)
    const ended = this.#drop()
    this.#parts.onReleased()
    await ended
    if (this.#readers.size > 0 && this.#standing.state === 'idle') void this.#open(false)
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.#readers.clear()
    await this.release()
  }

  async #open(takeOver: boolean): Promise<void> {
    this.#timer?.cancel()
    this.#stand('opening', null)
    const ended = this.#drop()
    const turn = this.#turn
    await ended
    if (turn !== this.#turn) return
    const connected = this.#parts.connect()
    if (!connected.ok) return this.#failed(connected.error)
    const connection = connected.value
    this.#connection = connection
    const opened = await this.#activate(connection, turn, takeOver)
    if (turn !== this.#turn) {
      if (opened.ok) await opened.value.close()
      return await connection.close()
    }
    if (!opened.ok) return this.#failed(opened.error)
    this.#session = opened.value
    this.#failures = 0
    this.#stand('open', null)
    if (this.#readers.size === 0) this.#later(RELEASE_MS, () => void this.release())
  }

  #activate(
    { console }: SerialConnection,
    turn: number,
    takeOver: boolean,
  ): Promise<Result<ConsoleSession, BmcFault>> {
    if (console === undefined) {
      const message = 'its BMC is declared with a protocol that has no serial console'
      return Promise.resolve(err({ kind: 'refused', message }))
    }
    const mine = (): boolean => turn === this.#turn
    const listener = {
      onData: (bytes: Uint8Array) => {
        if (!mine()) return
        this.ring.append(bytes)
        for (const reader of this.#readers) reader.onBytes()
      },
      onInterrupted: (state: 'lost' | 'back') => {
        if (!mine()) return
        // What was typed before is not typed into whatever runs when it comes back.
        this.#dropTyped()
        if (state === 'back') this.#stand('open', null)
        else this.#stand('reconnecting', 'the BMC stopped answering')
      },
      onClosed: (why: string) => {
        if (mine()) this.#failed({ kind: 'unreachable', message: why })
      },
    }
    return console.open(listener, { takeOver })
  }

  #failed(fault: BmcFault): void {
    const pauseMs =
      fault.kind === 'auth'
        ? REFUSED_LOGIN_PAUSE_MS
        : (RETRY_PAUSES_MS[Math.min(this.#failures, RETRY_PAUSES_MS.length - 1)] ?? RELEASE_MS)
    this.#failures += 1
    void this.#drop()
    this.#stand(fault.elsewhere === true ? 'elsewhere' : 'failed', fault.message)
    this.#later(pauseMs, () => {
      if (this.#readers.size > 0) void this.#open(false)
      else void this.release()
    })
  }

  /** Lets go of session and connection; what they still say is not heard. */
  async #drop(): Promise<void> {
    this.#turn += 1
    const [session, connection] = [this.#session, this.#connection]
    this.#session = undefined
    this.#connection = undefined
    this.#dropTyped()
    await session?.close()
    await connection?.close()
  }

  #drain(): void {
    this.#typedTimer?.cancel()
    for (;;) {
      const [next] = this.#typed
      if (next === undefined || this.#session === undefined) return
      const piece = next.bytes.subarray(0, TYPED_PIECE_BYTES)
      if (piece.length > 0 && !this.#session.write(piece)) break
      next.bytes = next.bytes.subarray(piece.length)
      if (next.bytes.length === 0) this.#typed.shift()
      next.taken(piece.length)
    }
    this.#typedTimer = this.#parts.clock.after(TYPED_RETRY_MS, () => this.#drain())
  }

  #dropTyped(): void {
    this.#typedTimer?.cancel()
    for (const { bytes, taken } of this.#typed.splice(0)) taken(bytes.length)
  }

  #later(delayMs: number, work: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#parts.clock.after(delayMs, work)
  }

  #stand(state: SerialStanding['state'], reason: string | null): void {
    this.#standing = { state, reason, atMs: this.#parts.clock.wallMs() }
    for (const reader of this.#readers) reader.onState(this.#standing)
  }
}
