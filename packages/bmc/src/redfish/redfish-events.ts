import { createEventDecoder } from '@brickyard/redfish/event-stream'
import { wordsOf } from '@brickyard/redfish/message'
import { parseEvent, parseEventService, type EventRecord } from '@brickyard/redfish/resources/event'
import { err, ok } from '@brickyard/std/result'
import type { BmcEvent, EventControl, EventListener } from '../events.ts'
import { named, type RedfishSession } from './redfish-session.ts'

/** Events by the stream of `EventService` (server-sent events, DSP0266 §13.6). */
export function createRedfishEvents(session: RedfishSession): EventControl {
  return {
    async open(listener) {
      const where = await session.whereabouts()
      if (!where.ok) return where
      const { root, manner } = where.value
      const none = { kind: 'refused', message: 'the BMC has no stream of events' } as const
      if (root.eventService === undefined) return err(none)
      const service = await session.client.get(root.eventService)
      if (!service.ok) return err(named(service.error, manner))
      const { streamPath, enabled } = parseEventService(service.value.body)
      if (streamPath === undefined || enabled === false) return err(none)
      const stream = await session.client.stream(streamPath)
      if (!stream.ok) return err(named(stream.error, manner))
      const state = { closed: false }
      void listen(stream.value, listener, () => state.closed)
      return ok({ close: () => void (state.closed = true) })
    },
  }
}

async function listen(
  body: AsyncIterable<Uint8Array>,
  listener: EventListener,
  closed: () => boolean,
): Promise<void> {
  const decoder = createEventDecoder()
  const text = new TextDecoder()
  let why = 'the BMC ended the stream'
  try {
    for await (const piece of body) {
      if (closed()) break
      for (const body of decoder.take(text.decode(piece, { stream: true }))) {
        for (const record of parseEvent(body)) listener.onEvent(eventOf(record))
      }
    }
  } catch (cause) {
    why = cause instanceof Error ? cause.message : String(cause)
  }
  listener.onClosed(closed() ? 'closed' : why)
}

const HEALTHS = ['ok', 'warning', 'critical'] as const

function eventOf({ id, message }: EventRecord): BmcEvent {
  const said = message.severity?.toLowerCase()
  return {
    id,
    text: wordsOf(message),
    health: HEALTHS.find((one) => one === said) ?? 'unknown',
  }
}
