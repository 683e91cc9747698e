import {
  readEvent,
  type EventBody,
  type OperationRecord,
  type ReadEvent,
} from '@brickyard/protocol/events'
import { unreachable } from '@brickyard/std/assert'

/** An event in words; one that this release cannot read says only that. */
export function eventText(kind: string, body: unknown): string {
  const event = readEvent({ seq: 1, atMs: 0, kind, body })
  return event === undefined
    ? `an event of kind '${kind}' that this hub cannot read`
    : inWords(event)
}

function inWords(event: ReadEvent): string {
  switch (event.kind) {
    case 'site.started':
      return `the agent started, release ${event.body.agentVersion}`
    case 'wanted.applied': {
      const { generation, problems } = event.body
      const done = `wanted state ${generation} was carried out`
      return problems.length === 0 ? done : `${done}, but: ${problems.join('; ')}`
    }
    case 'sled.state': {
      const { sled, from, to, reason } = event.body
      return `${sled} is ${to}${from === null ? '' : `, was ${from}`}: ${reason}`
    }
    case 'sled.facts':
      return `${event.body.sled} was inspected: ${factsInWords(event.body)}`
    case 'sled.power': {
      const { sled, power, reason } = event.body
      return `power of ${sled} is ${power}${because(reason)}`
    }
    case 'sled.place':
      return `the place of ${event.body.sled} is ${event.body.grade}`
    case 'sled.firmware': {
      const behind = event.body.items.filter(({ verdict }) => verdict === 'behind')
      return behind.length === 0
        ? `firmware of ${event.body.sled} was judged; nothing is behind`
        : `firmware of ${event.body.sled} is behind: ${behind.map((i) => i.component).join(', ')}`
    }
    case 'sled.log': {
      const { sled, what, id, text } = event.body
      return `event log of ${sled}${what === 'entry' ? `, entry ${id}` : ''}: ${text}`
    }
    case 'sled.intake':
      return intakeInWords(event.body)
    case 'sled.wiped': {
      const { sled, disks } = event.body
      const how = disks.map((disk) => `${disk.path} by ${disk.method}`).join(', ')
      return `${sled} was wiped: ${how === '' ? 'it has no disk' : how}`
    }
    case 'sled.login-sealed': {
      const { sled, user, keyId } = event.body
      return `a new login '${user}' for the BMC of ${sled} is kept, sealed to recovery key ${keyId}`
    }
    case 'sled.console':
      return consoleInWords(event.body)
    case 'sled.login-given':
      return `${event.body.by} gave the login '${event.body.user}' for the BMC of ${event.body.sled}`
    case 'operation.changed':
      return operationInWords(event.body.operation)
    case 'act.result': {
      const { act, ok, reason } = event.body
      return `act ${act} ${ok ? 'was done' : 'failed'}${because(reason)}`
    }
    case 'image.fetched':
      return `image ${short(event.body.sha256)} is at the site`
    case 'image.refused':
      return `image ${short(event.body.sha256)} was refused: ${event.body.reason}`
    case 'dhcp.unknown-client':
    case 'dhcp.pool-exhausted':
    case 'dhcp.pool-available':
    case 'dhcp.address-declined':
    case 'dhcp.reservation-taken':
    case 'dhcp.foreign-server':
    case 'dhcp.foreign-server-gone':
    case 'dhcp.address-in-use':
    case 'dhcp.flood':
    case 'dhcp.flood-over':
    case 'dhcp.client-seen':
    case 'dhcp.would-answer':
    case 'tftp.refused':
      return networkInWords(event)
    case 'netboot.refused':
    case 'netboot.served':
    case 'intent.claimed':
    case 'intent.refused':
    case 'boot-disc.changed':
    case 'work-order.changed':
    case 'site.trouble':
      return netbootInWords(event)
    case 'site.certificate-renewed': {
      const at = new Date(event.body.expiredAtMs).toISOString()
      return `the site renewed its certificate, which had expired at ${at}`
    }
    case 'journal.set-back': {
      const { commonSeq, hubSeq, carried } = event.body
      return (
        `the appliance’s store was set back to event ${commonSeq} of ${hubSeq}: ` +
        `a new journal was begun, ${carried} events that were not here came along`
      )
    }
    default:
      return unreachable(event)
  }
}

type NetworkEvent = Extract<ReadEvent, { kind: `dhcp.${string}` | 'tftp.refused' }>

function networkInWords(event: NetworkEvent): string {
  const { network } = event.body
  switch (event.kind) {
    case 'dhcp.unknown-client': {
      const { mac, vendor } = event.body
      return `unknown machine ${mac}${vendor === null ? '' : ` (${vendor})`} asks on ${network}`
    }
    case 'dhcp.pool-exhausted':
      return `no address is left on ${network} for ${event.body.asked}`
    case 'dhcp.pool-available':
      return `${network} has addresses again`
    case 'dhcp.address-declined':
      return `${event.body.asked} declined ${event.body.address} on ${network}: somebody else has it`
    case 'dhcp.reservation-taken':
      return `${event.body.address} on ${network} is kept for ${event.body.asked} and held by another`
    case 'dhcp.foreign-server':
      return `a foreign DHCP server, ${event.body.server}, answers on ${network}`
    case 'dhcp.foreign-server-gone':
      return `the foreign DHCP server ${event.body.server} is gone from ${network}`
    case 'dhcp.address-in-use':
      return `${event.body.address} on ${network} was to be for ${event.body.mac}, and somebody uses it`
    case 'dhcp.flood':
      return `more unknown machines ask on ${network} than people plug in; they are told of no more`
    case 'dhcp.flood-over':
      return `the flood of unknown machines on ${network} is over: there were ${event.body.clients}`
    case 'dhcp.client-seen': {
      const { sled, mac, address } = event.body
      return `${sled ?? mac} asked on ${network}, ${address === null ? 'no address' : address}`
    }
    case 'dhcp.would-answer': {
      const { sled, mac, asked, would } = event.body
      return `${sled ?? mac} asked ${asked} on ${network}; listening only, the answer would be ${would}`
    }
    case 'tftp.refused': {
      const { client, name, reason } = event.body
      return `${client} asked for '${name}' by TFTP on ${network}: ${reason}`
    }
    default:
      return unreachable(event)
  }
}

type Rest = Extract<
  ReadEvent,
  {
    kind:
      | 'netboot.refused'
      | 'netboot.served'
      | 'intent.claimed'
      | 'intent.refused'
      | 'boot-disc.changed'
      | 'work-order.changed'
      | 'site.trouble'
  }
>

function netbootInWords(event: Rest): string {
  switch (event.kind) {
    case 'netboot.refused':
      return `netboot of ${event.body.sled ?? event.body.mac} was refused: ${event.body.reason}`
    case 'netboot.served':
      return `${event.body.sled} was given ${event.body.what}`
    case 'intent.claimed':
      return `the installer on ${event.body.sled} claimed its boot`
    case 'intent.refused':
      return `a claim by ${event.body.sled ?? event.body.mac} was refused: ${event.body.reason}`
    case 'boot-disc.changed':
      return `boot disc ${event.body.id} of ${event.body.sled}: ${event.body.state} by ${event.body.by}`
    case 'work-order.changed': {
      const { procedure, sled, state, step, by } = event.body
      return `'${procedure}' on ${sled} is ${state}${step === null ? '' : ` at step ${step}`}, by ${by}`
    }
    case 'site.trouble':
      return `${event.body.what}: ${event.body.reason}`
    default:
      return unreachable(event)
  }
}

const because = (reason: string | null): string => (reason === null ? '' : `: ${reason}`)

const short = (sha256: string): string => `${sha256.slice(0, 12)}…`

function factsInWords(facts: Extract<ReadEvent, { kind: 'sled.facts' }>['body']): string {
  const { model, serial, memoryBytes, disks } = facts
  const parts = [
    model ?? 'unknown model',
    serial === null ? 'no serial' : `serial ${serial}`,
    memoryBytes === null ? 'unknown memory' : `${Math.round(memoryBytes / 2 ** 30)} GiB of memory`,
    disks.length === 1 ? '1 disk' : `${disks.length} disks`,
  ]
  return parts.join(', ')
}

function operationInWords({ kind, sled, state, reason, steps }: OperationRecord): string {
  const now = steps.find((step) => step.state === 'running')
  const at = state === 'running' && now !== undefined ? ` at step ${now.name}` : ''
  return `${kind} of ${sled} is ${state}${at}${because(reason)}`
}

function consoleInWords({ sled, what, by, from = null }: EventBody<'sled.console'>): string {
  const where = `the console of ${sled}`
  switch (what) {
    case 'joined':
      return `${by} reads ${where}`
    case 'left':
      return `${by} left ${where}`
    case 'writer':
      if (by === null) return `${from} writes no more on ${where}`
      return `${by} writes on ${where}${from === null ? '' : `, taken over from ${from}`}`
    case 'break':
      return `${by} sent a break on ${where}`
    case 'took-over':
      return `${by} took ${where} from somebody else at its BMC`
  }
}

function intakeInWords({ sled, findings, settings }: EventBody<'sled.intake'>): string {
  const open = findings.filter(({ severity }) => severity !== 'info')
  const found = open.length === 0 ? 'nothing is open' : open.map(({ text }) => text).join('; ')
  const changed = settings.flatMap(({ name, found: was, wanted, state }) =>
    state === 'as-wanted' || wanted === null ? [] : [`${name} ${was ?? 'unknown'}, ${state}`],
  )
  return `the BMC of ${sled} was looked over: ${[found, ...changed].join('; ')}`
}
