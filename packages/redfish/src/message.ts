import { fieldOf, listOf, objectOf, textOf, textsOf, type JsonObject } from './loose-json.ts'

/** One message of a service (DSP0266 §11.6, `Message` v1.1). */
export interface RedfishMessage {
  /** E.g. `Base.1.8.PropertyNotWritable`; vendors add their own. */
  readonly id: string | undefined
  /** The last part of the id, by which it is known across versions. */
  readonly key: string | undefined
  readonly text: string | undefined
  readonly args: readonly string[]
  readonly severity: string | undefined
  readonly resolution: string | undefined
  /** Properties it speaks of, e.g. `#/Boot/BootSourceOverrideMode`. */
  readonly properties: readonly string[]
}

/** Most messages taken from one answer. */
const MESSAGES_MAX = 32
const EXTENDED = '@Message.ExtendedInfo'

/** All messages of an answer, wherever services put them; those beside single properties as well. */
export function messagesOf(body: unknown): readonly RedfishMessage[] {
  const object = objectOf(body)
  const found = [
    ...listOf(fieldOf(object, 'error', EXTENDED)),
    ...Object.entries(object).flatMap(([name, value]) =>
      name.endsWith(EXTENDED) ? listOf(value) : [],
    ),
    ...listOf(object['Messages']),
  ]
  const error = objectOf(object['error'])
  // A bare error has only code and message (DSP0266 §8.6); some have no words but those.
  const silent = found.every((one) => textOf(fieldOf(one, 'Message')) === undefined)
  const bare = silent && textOf(error['message']) !== undefined
  const all = bare ? [...found, { MessageId: error['code'], Message: error['message'] }] : found
  return all.slice(0, MESSAGES_MAX).map((one) => parseMessage(objectOf(one)))
}

export function parseMessage(body: JsonObject): RedfishMessage {
  // OpenBMC and old iLOs write MessageID.
  const id = textOf(body['MessageId']) ?? textOf(body['MessageID'])
  return {
    id,
    key: id?.split('.').at(-1),
    text: textOf(body['Message']),
    args: listOf(body['MessageArgs']).map((arg) => textOf(arg) ?? JSON.stringify(arg)),
    severity: textOf(body['MessageSeverity']) ?? textOf(body['Severity']),
    resolution: textOf(body['Resolution']),
    properties: textsOf(body['RelatedProperties']),
  }
}

/** Sentences by message key; `%1` stands for the first argument. */
export type MessageRegistry = ReadonlyMap<string, string>

/** What a `MessageRegistry` resource (DSP0266 §9.12) says of its keys. */
export const parseMessageRegistry = (body: unknown): MessageRegistry =>
  new Map(
    Object.entries(objectOf(fieldOf(body, 'Messages'))).flatMap(([key, message]) => {
      const text = textOf(fieldOf(message, 'Message'))
      return text === undefined ? [] : [[key, text] as const]
    }),
  )

/** Our own words for messages that often come without any text. */
const BASE_WORDS: MessageRegistry = new Map([
  ['AccessDenied', 'access to %1 was denied'],
  ['ActionNotSupported', 'the action %1 is not supported'],
  ['ActionParameterMissing', 'the action %1 lacks its parameter %2'],
  ['ActionParameterNotSupported', 'the action %2 does not take the parameter %1'],
  ['ActionParameterValueNotInList', 'the parameter %2 of %3 may not be %1'],
  ['GeneralError', 'the service reports a general error'],
  ['InsufficientPrivilege', 'the account lacks a privilege'],
  ['InternalError', 'the service reports an internal error'],
  ['PasswordChangeRequired', 'the password of this account must be changed first'],
  ['PreconditionFailed', 'the resource has changed in the meantime'],
  ['PreconditionRequired', 'the service wants an ETag with this change'],
  ['PropertyNotWritable', 'the property %1 cannot be written'],
  ['PropertyUnknown', 'the property %1 is not known here'],
  ['PropertyValueNotInList', 'the property %2 may not be %1'],
  ['ResourceInUse', 'the resource is in use'],
  ['ResourceInStandby', 'the resource is in standby'],
  ['ServiceTemporarilyUnavailable', 'the service is not ready; it asks for a retry in %1 s'],
  ['SessionLimitExceeded', 'all sessions of the service are taken'],
])

/** A sentence for people: the service's own text, a registry's, ours, or at least the id. */
export function wordsOf(
  message: RedfishMessage,
  registries: readonly MessageRegistry[] = [],
): string {
  const { key, id, text, args } = message
  // Some services send the registry's pattern itself, with its placeholders unfilled.
  const known = [...registries, BASE_WORDS].flatMap((registry) => registry.get(key ?? '') ?? [])
  const pattern = text ?? known[0] ?? id ?? 'no reason given'
  return pattern.replace(/%(\d{1,2})/g, (whole, n: string) => args[Number(n) - 1] ?? whole)
}

/** Whether one of `messages` has one of `keys` as the last part of its id. */
export const saysAny = (messages: readonly RedfishMessage[], ...keys: readonly string[]): boolean =>
  messages.some(({ key }) => key !== undefined && keys.includes(key))
