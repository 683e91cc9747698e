import type { ConsoleFromReader, ConsoleToReader } from '@brickyard/api/console-wire'
import type { SiteName, SledName } from '@brickyard/model/names'
import { ByteRing } from '@brickyard/protocol/byte-ring'
import {
  SERIAL_OUTPUT_WINDOW_BYTES,
  SERIAL_RING_BYTES,
  SERIAL_TYPED_WINDOW_BYTES,
  type SerialTold,
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
import type { Clock } from '@brickyard/runtime/clock'
import type { AgentLinks } from '../agent-link/links.ts'
import { SITE_WENT_AWAY, type StreamToSite } from '../agent-link/streams.ts'
import type { ConsoleReader, ReadFrom } from './console-reader.ts'
import type { ConsoleRecord } from './console-record.ts'

export interface SledConsoleParts {
  readonly site: SiteName
  readonly sled: SledName
  readonly clock: Clock
  readonly links: Pick<AgentLinks, 'openSerial' | 'lastSeenMs'>
  readonly record: ConsoleRecord
  readonly onLeft: (reader: ConsoleReader) => void
  /** The last reader has left. */
  readonly onEmpty: () => void
}

/**
 * A sled's console while somebody reads it: one stream from the site for all readers, and one of
 * them, at most, who writes. A reader who is slow misses the oldest bytes, and is told so; neither
 * the site nor another reader waits for it.
 */
export class SledConsole {
  readonly #parts: SledConsoleParts
  readonly #readers = new Set<ConsoleReader>()
  #writer: ConsoleReader | undefined
  #ring = new ByteRing(SERIAL_RING_BYTES)
  /** Undefined until the site has said what it sends. */
  #ringId: string | undefined
  /** How far back the site was asked. */
  #tail = 0
  #state: Extract<ConsoleToReader, { kind: 'state' }>
  #stream: StreamToSite | undefined
  /** Counts streams, so that what an earlier one still says is not heard. */
  #turn = 0
  #output = receiverCredit(SERIAL_OUTPUT_WINDOW_BYTES)
  #typed = senderCredit()

  constructor(parts: SledConsoleParts) {
    this.#parts = parts
    this.#state = { kind: 'state', state: 'opening', reason: null, atMs: parts.clock.wallMs() }
  }

  get readers(): ReadonlySet<ConsoleReader> {
    return this.#readers
  }

  join(reader: ConsoleReader): void {
    this.#readers.add(reader)
    this.#parts.record.note(reader.user, 'joined')
    reader.start({
      said: (message) => this.#hear(reader, message),
      typed: (bytes) => this.#type(reader, bytes),
      closed: () => this.leave(reader),
    })
    const { from, tail } = reader.wants
    const here = from !== null && from.ring === this.#ringId ? from : undefined
    const deeper = here === undefined ? tail > this.#tail : here.offset < this.#ring.first
    if (this.#ringId === undefined) {
      if (this.#readers.size === 1) void this.#begin(reader.wants)
    } else if (deeper) {
      // Those who are here go on where they are: their offsets hold in the same ring.
      this.#open(reader.wants)
    } else {
      reader.place(this.#ringId, Math.max(this.#ring.first, this.#ring.end - tail))
      reader.pump(this.#ring, this.#ringId)
    }
    reader.say(this.#state)
    this.#tellPeople()
  }

  leave(reader: ConsoleReader): void {
    if (!this.#readers.delete(reader)) return
    this.#parts.onLeft(reader)
    this.#parts.record.note(reader.user, 'left')
    if (this.#writer === reader) this.#write(undefined)
    else this.#tellPeople()
    if (this.#readers.size > 0) return
    this.#turn += 1
    this.#stream?.close('nobody reads any more')
    this.#stream = undefined
    this.#parts.record.end()
    this.#parts.onEmpty()
  }

  /** The site is here anew: go on behind the last byte that came. */
  connected(): void {
    const from = this.#ringId === undefined ? null : { ring: this.#ringId, offset: this.#ring.end }
    this.#open({ from, tail: this.#tail })
  }

  /** A reader who was here before brings its offset; what no record has of before that is asked too. */
  async #begin({ from, tail }: ReadFrom): Promise<void> {
    if (from === null) return this.#open({ from, tail })
    const held = await this.#parts.record.upTo()
    if (this.#readers.size === 0 || this.#stream !== undefined) return
    const offset = held?.ring === from.ring ? Math.min(held.offset, from.offset) : from.offset
    this.#open({ from: { ring: from.ring, offset }, tail })
  }

  #open(wants: ReadFrom): void {
    const { site, sled, links } = this.#parts
    const turn = ++this.#turn
    const mine =
      <T>(take: (value: T) => void) =>
      (value: T): void => {
        if (turn === this.#turn) take(value)
      }
    this.#stream?.close('opened anew')
    this.#tail = Math.max(this.#tail, wants.tail)
    this.#output = receiverCredit(SERIAL_OUTPUT_WINDOW_BYTES)
    this.#typed = senderCredit()
    const events = {
      data: mine((bytes: Uint8Array) => this.#take(bytes)),
      told: mine((told: SerialTold) => this.#told(told)),
      credit: mine((bytes: number) => this.#granted(bytes)),
      closed: mine((reason: string) => this.#closed(reason, reasonState(reason))),
    }
    this.#stream = links.openSerial(site, { sled, ...wants, tail: this.#tail }, events)
    if (this.#stream === undefined) return this.#closed('the site is away', 'site-away')
    this.#grant()
    this.#granted(SERIAL_TYPED_WINDOW_BYTES)
    this.#tellPeople()
  }

  #take(bytes: Uint8Array): void {
    const received = noteReceived(this.#output, bytes.length)
    if (received === undefined || this.#ringId === undefined) {
      this.#stream?.close('more came than was granted')
      return this.#closed('the site sent what was not asked for', 'failed')
    }
    this.#parts.record.printed(this.#ringId, this.#ring.end, bytes)
    this.#ring.append(bytes)
    this.#output = noteTaken(received, bytes.length)
    this.#grant()
    for (const reader of this.#readers) reader.pump(this.#ring, this.#ringId)
  }

  #told(told: SerialTold): void {
    if (told.kind === 'state') return this.#stand(told)
    const { ring, offset } = told
    const begins = ring !== this.#ringId
    if (begins || offset !== this.#ring.end) this.#ring = new ByteRing(SERIAL_RING_BYTES, offset)
    this.#ringId = ring
    for (const reader of this.#readers) {
      if (begins) reader.place(ring, offset)
      reader.pump(this.#ring, ring)
    }
  }

  #closed(reason: string, state: 'site-away' | 'failed'): void {
    this.#stream = undefined
    this.#typed = senderCredit()
    this.#writer?.mayType(0)
    const { links, site, clock } = this.#parts
    const atMs = links.lastSeenMs(site) ?? clock.wallMs()
    this.#stand({ kind: 'state', state, reason, atMs })
  }

  #stand(state: Extract<ConsoleToReader, { kind: 'state' }>): void {
    this.#state = state
    this.#tell(state)
  }

  #grant(): void {
    const { credit, bytes } = nextGrant(this.#output)
    this.#output = credit
    if (bytes > 0) this.#stream?.credit(bytes)
  }

  #granted(bytes: number): void {
    this.#typed = noteGrant(this.#typed, bytes)
    this.#writer?.mayType(creditRoom(this.#typed))
  }

  #hear(reader: ConsoleReader, message: ConsoleFromReader): void {
    switch (message.kind) {
      case 'credit':
        if (this.#ringId !== undefined) reader.pump(this.#ring, this.#ringId)
        return
      case 'write':
        return this.#wantsToWrite(reader, message.take)
      case 'release':
        if (this.#writer === reader) this.#write(undefined)
        return
      case 'break':
      case 'take-over':
        return this.#ask(reader, message.kind)
      case 'alive':
        return
    }
  }

  #wantsToWrite(reader: ConsoleReader, take: boolean): void {
    const now = this.#writer
    if (now === reader) return
    if (now === undefined || take) return this.#write(reader)
    reader.refuse('write', `${now.user} writes; it has to be taken over`)
  }

  #write(writer: ConsoleReader | undefined): void {
    const before = this.#writer
    this.#writer = writer
    if (writer !== undefined) {
      const from = before === undefined ? '' : `, taken over from ${before.user}`
      this.#parts.record.note(writer.user, `writes${from}`)
      writer.mayType(creditRoom(this.#typed))
    } else if (before !== undefined) this.#parts.record.note(before.user, 'writes no more')
    this.#tellPeople()
  }

  #ask(reader: ConsoleReader, kind: 'break' | 'take-over'): void {
    if (this.#stream === undefined) return reader.refuse(kind, 'the site is away')
    if (kind === 'break' && this.#writer !== reader) {
      return reader.refuse(kind, 'only who writes may send a break')
    }
    this.#parts.record.note(reader.user, kind)
    this.#stream.ask({ kind, by: reader.user })
  }

  #type(reader: ConsoleReader, bytes: Uint8Array): void {
    if (this.#writer !== reader) return reader.refuse('type', 'you only read here')
    if (this.#stream === undefined || bytes.length > creditRoom(this.#typed)) {
      reader.refuse('type', 'it is not taken now, and was dropped')
      return reader.mayType(creditRoom(this.#typed))
    }
    this.#typed = noteBytesSent(this.#typed, bytes.length)
    this.#parts.record.typed(reader.user, bytes)
    this.#stream.data(bytes)
  }

  #tellPeople(): void {
    const readers = [...this.#readers].map(({ user }) => user)
    const writer = this.#writer?.user ?? null
    this.#stream?.ask({ kind: 'people', readers, writer })
    for (const reader of this.#readers) {
      const you = reader === this.#writer ? 'writer' : 'reader'
      reader.say({ kind: 'people', readers, writer, you })
    }
  }

  #tell(message: ConsoleToReader): void {
    for (const reader of this.#readers) reader.say(message)
  }
}

const reasonState = (reason: string): 'site-away' | 'failed' =>
  reason === SITE_WENT_AWAY ? 'site-away' : 'failed'
