import type { HubFrame, SiteFrame } from '@brickyard/protocol/frames'
import {
  SERIAL_STREAM,
  type SerialAsk,
  type SerialOpen,
  type SerialTold,
} from '@brickyard/protocol/serial-stream'

export type StreamFrame = Extract<SiteFrame, { stream: number }>

/** Why streams end with their link. */
export const SITE_WENT_AWAY = 'the site went away'

/** What a stream tells whoever opened it. */
export interface StreamEvents {
  data(bytes: Uint8Array): void
  told(told: SerialTold): void
  /** The site takes so many more typed bytes. */
  credit(bytes: number): void
  /** Called once: the site ended it, or the link is gone. */
  closed(reason: string): void
}

/** An open stream to a site. After `closed` nothing leaves any more. */
export interface StreamToSite {
  data(bytes: Uint8Array): void
  ask(ask: SerialAsk): void
  credit(bytes: number): void
  close(reason: string): void
}

/** The streams of one connection of a site. */
export interface Streams {
  openSerial(serial: SerialOpen, events: StreamEvents): StreamToSite
  take(frame: StreamFrame): void
  /** The link is gone. */
  end(): void
}

export function createStreams(send: (frame: HubFrame) => void): Streams {
  const open = new Map<number, StreamEvents>()
  let opened = 0

  const close = (stream: number, reason: string): void => {
    const events = open.get(stream)
    open.delete(stream)
    events?.closed(reason)
  }

  return {
    openSerial(serial, events) {
      opened += 1
      const stream = opened
      open.set(stream, events)
      send({ v: 1, kind: 'stream-open', stream, what: SERIAL_STREAM, serial })
      const say = (frame: HubFrame): void => {
        if (open.has(stream)) send(frame)
      }
      return {
        data: (bytes) => {
          const data = Buffer.from(bytes).toString('base64')
          say({ v: 1, kind: 'stream-data', stream, data })
        },
        ask: (ask) => say({ v: 1, kind: 'stream-ask', stream, ask }),
        credit: (bytes) => say({ v: 1, kind: 'stream-credit', stream, bytes }),
        close(reason) {
          say({ v: 1, kind: 'stream-close', stream, reason })
          open.delete(stream)
        },
      }
    },
    take(frame) {
      const events = open.get(frame.stream)
      switch (frame.kind) {
        case 'stream-data':
          return events?.data(new Uint8Array(Buffer.from(frame.data, 'base64')))
        case 'stream-told':
          return events?.told(frame.told)
        case 'stream-credit':
          return events?.credit(frame.bytes)
        case 'stream-close':
          return close(frame.stream, frame.reason)
      }
    },
    end() {
      for (const stream of open.keys()) close(stream, SITE_WENT_AWAY)
    },
  }
}
