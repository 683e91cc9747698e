import {
  booleanOf,
  fieldOf,
  linkOf,
  listOf,
  objectOf,
  pathOf,
  textOf,
  type JsonObject,
} from '../loose-json.ts'
import { parseMessage, type RedfishMessage } from '../message.ts'

/** `EventService`: how a service tells by itself what happens. */
export interface EventService {
  readonly enabled: boolean | undefined
  /** Where events come as a stream; undefined: it sends them to subscribers only. */
  readonly streamPath: string | undefined
  readonly subscriptions: string | undefined
}

export const parseEventService = (body: JsonObject): EventService => ({
  enabled: booleanOf(body['ServiceEnabled']),
  streamPath: pathOf(body['ServerSentEventUri']),
  subscriptions: linkOf(body['Subscriptions']),
})

/** One record of an `Event`. */
export interface EventRecord {
  readonly id: string | undefined
  /** `Alert`, `StatusChange`, `ResourceAdded` …; newer services leave it out. */
  readonly type: string | undefined
  /** When the service thinks it was, ISO 8601. */
  readonly at: string | undefined
  readonly message: RedfishMessage
  readonly origin: string | undefined
}

/** The records of an `Event`, or none where it is something else (a metric report). */
export const parseEvent = (body: JsonObject): readonly EventRecord[] =>
  listOf(body['Events']).map((one) => ({
    id: textOf(fieldOf(one, 'EventId')) ?? textOf(fieldOf(one, 'MemberId')),
    type: textOf(fieldOf(one, 'EventType')),
    at: textOf(fieldOf(one, 'EventTimestamp')),
    message: parseMessage(objectOf(one)),
    origin: linkOf(fieldOf(one, 'OriginOfCondition')),
  }))
