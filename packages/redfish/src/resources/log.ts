import { booleanOf, fieldOf, linkOf, numberOf, textOf, type JsonObject } from '../loose-json.ts'
import { parseMessage, type RedfishMessage } from '../message.ts'
import { actionOf } from './reset-action.ts'

/** `LogService`: one log of a system, manager or chassis. */
export interface LogService {
  readonly id: string | undefined
  readonly name: string | undefined
  readonly enabled: boolean | undefined
  /** `SEL`, `Event`, `Multiple`, `OEM` … */
  readonly entryType: string | undefined
  readonly recordsMax: number | undefined
  readonly overwrite: string | undefined
  readonly dateTime: string | undefined
  readonly entries: string | undefined
  readonly clearTarget: string | undefined
}

export const parseLogService = (body: JsonObject): LogService => ({
  id: textOf(body['Id']),
  name: textOf(body['Name']),
  enabled: booleanOf(body['ServiceEnabled']),
  entryType: textOf(body['LogEntryType']),
  recordsMax: numberOf(body['MaxNumberOfRecords']),
  overwrite: textOf(body['OverWritePolicy']),
  dateTime: textOf(body['DateTime']),
  entries: linkOf(body['Entries']),
  clearTarget: actionOf(body, '#LogService.ClearLog')?.target,
})

/** `LogEntry`. */
export interface LogEntry {
  readonly id: string | undefined
  /** When the BMC thinks it was: ISO 8601, and wrong where its clock is. */
  readonly created: string | undefined
  readonly entryType: string | undefined
  readonly severity: 'ok' | 'warning' | 'critical' | undefined
  readonly sensorType: string | undefined
  readonly sensorNumber: number | undefined
  readonly entryCode: string | undefined
  readonly message: RedfishMessage
  readonly resolved: boolean | undefined
}

const SEVERITIES: Readonly<Record<string, LogEntry['severity']>> = {
  ok: 'ok',
  warning: 'warning',
  critical: 'critical',
}

export function parseLogEntry(body: JsonObject): LogEntry {
  const severity = textOf(body['Severity'])?.toLowerCase() ?? ''
  const code = body['EntryCode']
  return {
    id: textOf(body['Id']),
    created: textOf(body['EventTimestamp']) ?? textOf(body['Created']),
    entryType: textOf(body['EntryType']),
    severity: Object.hasOwn(SEVERITIES, severity) ? SEVERITIES[severity] : undefined,
    sensorType: textOf(body['SensorType']) ?? textOf(fieldOf(body['SensorType'], 'Member')),
    sensorNumber: numberOf(body['SensorNumber']),
    // The first releases had an array of objects here.
    entryCode: textOf(code) ?? textOf(fieldOf(Array.isArray(code) ? code[0] : code, 'Member')),
    message: parseMessage(body),
    resolved: booleanOf(body['Resolved']),
  }
}
