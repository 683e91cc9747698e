import type { BootAttempt, BootLine, BootState } from '@brickyard/model/boot-attempt'
import { Minutes } from '@brickyard/std/units'
import { type BootRecord, type Seen } from './boot-trace.ts'
import type {
  DhcpEvent,
  DiscEvent,
  FileEvent,
  OperationEvent,
  RefusalEvent,
  ScriptEvent,
} from './boot-trace-events.ts'
import { type BootSurroundings, findingsOf, otherServerOf } from './boot-trace-findings.ts'
import {
  bootFileInWords,
  durationInWords,
  optionsInWords,
  sizeInWords,
  speakerOf,
} from './boot-trace-words.ts'

/** Silence after which a boot that nothing awaits has stopped: firmware and iPXE ask on for less. */
const QUIET_MS = Minutes(2)

/** A boot in words. */
export function readBoot(record: BootRecord, around: BootSurroundings): BootAttempt {
  const { mac, sled, network, startedAtMs, lastAtMs, seen, leftOut } = record
  const state = bootState(record, around.nowMs)
  const lines = [...seen.flatMap(linesOf), ...operationLines(record.operation)]
  if (leftOut > 0) lines.push(leftOutLine(record))
  return {
    mac,
    sled,
    network,
    startedAtMs,
    lastAtMs,
    state,
    summary: summaryOf(record, state),
    findings: findingsOf(record, around),
    lines: lines.toSorted((a, b) => a.atMs - b.atMs),
  }
}

/** How a boot stands at `nowMs`, wall clock. */
export function bootState(record: BootRecord, nowMs: number): BootState {
  const { operation, followedAtMs, lastAtMs } = record
  if (operation !== null) {
    if (operation.state === 'done') return 'done'
    if (operation.state === 'failed' || operation.state === 'cancelled') return 'stopped'
    return followedAtMs === null ? 'going' : 'done'
  }
  if (!wasAnswered(record)) return 'unanswered'
  const refusal = refusalOf(record)
  if (refusal !== undefined) return 'refused'
  if (sentToDisk(record) || record.phase === 'system') return 'done'
  return followedAtMs === null && nowMs - lastAtMs < QUIET_MS ? 'going' : 'stopped'
}

const wasAnswered = ({ seen }: BootRecord): boolean =>
  seen.some(({ event }) => event.kind !== 'dhcp' || (event.sent && event.answer.kind !== 'silent'))

/** The last thing we said about booting, where that was a no. */
function refusalOf({ seen }: BootRecord): string | undefined {
  const last = seen.findLast(
    ({ event }) =>
      event.kind === 'script' ||
      event.kind === 'refusal' ||
      event.kind === 'disc' ||
      (event.kind === 'dhcp' && event.boot !== null),
  )?.event
  if (last?.kind === 'refusal') return `its installer was refused: ${last.reason}`
  if (last?.kind === 'script') return last.what === 'refused' ? (last.reason ?? '') : undefined
  if (last?.kind === 'dhcp' && last.boot?.way === 'none') return last.boot.reason
  return undefined
}

const sentToDisk = ({ seen }: BootRecord): boolean => {
  const script = seen.findLast(({ event }) => event.kind === 'script')?.event
  return script?.kind === 'script' && script.what === 'local-disk'
}

/** How it ended or where it is; the state itself stands beside it. */
function summaryOf(record: BootRecord, state: BootState): string {
  const { operation } = record
  switch (state) {
    case 'done':
      return doneInWords(record)
    case 'refused':
      return refusalOf(record) ?? 'no reason is known'
    case 'unanswered':
      return unansweredReason(record)
    case 'going':
      return reachedInWords(record)
    case 'stopped':
      return operation !== null && operation.state !== 'running'
        ? `${operation.what} ${operation.state}: ${operation.reason ?? 'no reason is known'}`
        : reachedInWords(record)
  }
}

function doneInWords(record: BootRecord): string {
  const { operation } = record
  if (operation?.state === 'done') {
    return operation.what === 'provision'
      ? 'provision done: the installed OS called home'
      : `${operation.what} done`
  }
  if (operation !== null) return `${operation.what} goes on with the next boot`
  if (sentToDisk(record)) return 'sent to its own disk'
  return 'an operating system took its address'
}

function unansweredReason({ seen }: BootRecord): string {
  const last = seen.findLast(({ event }) => event.kind === 'dhcp')?.event as DhcpEvent | undefined
  if (last === undefined) return 'no reason is known'
  if (last.answer.kind === 'silent') return last.answer.reason ?? 'no reason is known'
  return `network ${last.network} is ${last.mode}`
}

/** The furthest it came, and what has not been seen after it. */
function reachedInWords(record: BootRecord): string {
  const { phase, operation } = record
  const step = operation?.steps.findLast(({ state }) => state === 'running' || state === 'failed')
  switch (phase) {
    case 'asked':
      return askedInWords(record)
    case 'addressed':
      return 'it has its address; a whole loader was not fetched'
    case 'loader':
      return 'it fetched its loader; iPXE was not heard after it'
    case 'ipxe':
      return 'iPXE asked for an address; its script was not fetched'
    case 'script':
      return 'it has its script; nothing was fetched whole after it'
    case 'files':
      return 'it fetched the installer, which has not called back'
    case 'installer':
      return step === undefined ? 'the installer called back' : `the installer's step: ${step.name}`
    case 'system':
      return operation === null
        ? 'an operating system took its address'
        : 'the installed OS has its address and has not called home'
  }
}

function askedInWords(record: BootRecord): string {
  const server = otherServerOf(record)
  if (server !== undefined) return `it took the offer of another server, ${server}`
  return 'it was offered an address; its request for it was not seen'
}

function linesOf(seen: Seen): BootLine[] {
  const { event } = seen
  switch (event.kind) {
    case 'dhcp':
      return dhcpLines(seen, event)
    case 'file':
      // Where it began: what the machine did with the file came after.
      return [{ ...lineOf(seen, fileLine(event)), atMs: event.atMs - event.durationMs }]
    case 'script':
      return [lineOf(seen, scriptLine(event))]
    case 'disc':
      return [lineOf(seen, discLine(event))]
    case 'refusal':
      return [lineOf(seen, refusalLine(event))]
  }
}

type Said = Pick<BootLine, 'part' | 'tone' | 'text'> & { readonly details?: readonly string[] }

const lineOf = ({ event, count, lastAtMs }: Seen, said: Said): BootLine => ({
  atMs: event.atMs,
  lastAtMs,
  count,
  details: [],
  ...said,
})

function dhcpLines(seen: Seen, event: DhcpEvent): BootLine[] {
  const { client, message, mac } = event
  const asked = lineOf(seen, {
    part: 'client',
    tone: 'plain',
    text: `${speakerOf(client)} sends ${message.toUpperCase()} from ${mac}`,
    details: optionsInWords(client),
  })
  return [asked, lineOf(seen, answerLine(event))]
}

function answerLine({ answer, sent, mode, network, boot, client }: DhcpEvent): Said {
  const part = 'answer'
  const details = boot === null ? [] : [bootFileInWords(client, boot)]
  const lease = answer.reserved ? 'kept for it' : 'from the pool'
  const what =
    answer.address === null
      ? answer.kind.toUpperCase()
      : `${answer.kind.toUpperCase()} of ${answer.address}, ${lease}`
  if (answer.kind === 'silent') {
    return { part, tone: 'warning', text: `No answer: ${answer.reason ?? 'no reason is known'}` }
  }
  if (!sent) {
    const text = `No answer: network ${network} is ${mode}. It would be ${what}`
    return { part, tone: 'warning', text, details }
  }
  if (answer.kind === 'nak') {
    return { part, tone: 'warning', text: `NAK: ${answer.reason ?? 'no reason is known'}` }
  }
  const tone = boot?.way === 'none' ? 'bad' : 'plain'
  return { part, tone, text: what, details }
}

function fileLine({ way, name, result, bytes, bytesTotal, durationMs, reason }: FileEvent): Said {
  const by = way === 'tftp' ? 'TFTP' : 'HTTP'
  const why = reason === null ? '' : `: ${reason}`
  if (result === 'refused') {
    // Loaders ask for files they can do without, such as autoexec.ipxe.
    return { part: 'file', tone: 'warning', text: `${name} by ${by} refused${why}` }
  }
  const took = durationInWords(durationMs)
  if (result === 'whole') {
    const text = `${name} by ${by}: ${sizeInWords(bytes)} in ${took}`
    return { part: 'file', tone: 'good', text }
  }
  if (way === 'tftp' && bytes === 0) {
    const details = ['Firmware asks for the size of a file in this way.']
    const text = `${name} by ${by}: nothing of ${sizeInWords(bytesTotal)} was taken${why}`
    return { part: 'file', tone: 'plain', text, details }
  }
  const text = `${name} by ${by} ended after ${sizeInWords(bytes)} of ${sizeInWords(bytesTotal)}, ${took}${why}`
  return { part: 'file', tone: 'bad', text }
}

function scriptLine({ what, reason }: ScriptEvent): Said {
  const why = reason === null ? '' : `: ${reason}`
  switch (what) {
    case 'installer':
      return { part: 'script', tone: 'good', text: `Its script: boot the installer${why}` }
    case 'local-disk':
      return { part: 'script', tone: 'good', text: `Its script: boot its own disk${why}` }
    case 'refused':
      return { part: 'script', tone: 'bad', text: `Its script: nothing to boot${why}` }
  }
}

function discLine({ mac, address, disc, madeBy, madeAtMs, atMs }: DiscEvent): Said {
  const details = [
    `the disc was made by ${madeBy}, ${durationInWords(atMs - madeAtMs)} before`,
    `the installer calls from ${address}`,
    'Firmware and loader have all they need on the disc: nothing is heard of them.',
  ]
  return { part: 'client', tone: 'good', text: `Booted from disc ${disc}, by ${mac}`, details }
}

function refusalLine({ mac, address, reason }: RefusalEvent): Said {
  const details = [
    `it calls from ${address}, by ${mac}`,
    'What it showed stands on a disc, or in the script that booted it; each is good for one claim.',
  ]
  return { part: 'installer', tone: 'bad', text: `Its installer is refused: ${reason}`, details }
}

function operationLines(operation: OperationEvent | null): BootLine[] {
  if (operation === null) return []
  const steps = operation.steps.flatMap((step): BootLine[] => {
    if (step.startedAtMs === null) return []
    const { startedAtMs: atMs, endedAtMs } = step
    const took = endedAtMs === null ? 'running' : `took ${durationInWords(endedAtMs - atMs)}`
    const tone = step.state === 'failed' ? 'bad' : step.state === 'done' ? 'good' : 'plain'
    const details = step.detail === null ? [took] : [took, step.detail]
    const text = `${operation.what}: ${step.name}${step.state === 'failed' ? ' failed' : ''}`
    return [{ atMs, lastAtMs: endedAtMs ?? atMs, count: 1, part: 'installer', tone, text, details }]
  })
  if (operation.state === 'running' || operation.state === 'waiting') return steps
  const home = operation.what === 'provision' && operation.state === 'done'
  const ended: BootLine = {
    atMs: operation.atMs,
    lastAtMs: operation.atMs,
    count: 1,
    part: 'installer',
    tone: operation.state === 'done' ? 'good' : 'bad',
    text: home ? 'The installed OS called home' : `${operation.what} ${operation.state}`,
    details: operation.reason === null ? [] : [operation.reason],
  }
  return [...steps, ended]
}

function leftOutLine({ seen, leftOut, startedAtMs }: BootRecord): BootLine {
  const atMs = seen.at(-1)?.event.atMs ?? startedAtMs
  const text = `${leftOut} more were seen in between and not kept`
  return { atMs, lastAtMs: atMs, count: 1, part: 'note', tone: 'plain', text, details: [] }
}

/** Whether a boot is one of a machine that its UUID says to be another. */
export const uuidsOf = ({ seen }: BootRecord): readonly string[] => [
  ...new Set(seen.flatMap(({ event }) => (event.kind === 'dhcp' && event.client.uuid) || [])),
]
