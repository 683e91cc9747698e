import { Minutes } from '@brickyard/std/units'
import type { BootRecord } from './boot-trace.ts'
import { type DhcpEvent, stageOf } from './boot-trace-events.ts'
import type { BootSurroundings } from './boot-trace-findings.ts'
import { durationInWords } from './boot-trace-words.ts'

/** What a boot tells of its sled's NICs and of the switch ports that they are plugged into. */

/** Firmware goes from one NIC to the next within this: later it is a boot of its own. */
const IN_TURN_MS = Minutes(10)
/** An installed OS is heard within this: a server's self test and its first start. */
const SILENT_BOND_MS = Minutes(10)
/** What makers call it when a port of a bond carries traffic before LACP has come up. */
export const FALLBACK_WORDS =
  '`lacp fallback`, `force-up`, `no lacp suspend-individual`, `lacp-bypass`'

/** A sled that boots by a NIC other than the first one declared, and what became of that one. */
export function otherNic(
  { mac, sled, startedAtMs }: BootRecord,
  { macs, before }: BootSurroundings,
): string | undefined {
  const [first] = macs
  if (sled === null || first === undefined || mac === first) return undefined
  const at = macs.indexOf(mac)
  if (at < 0) {
    return (
      `It boots by ${mac}, which is not among the NICs declared for ${sled}. Declare it if it is ` +
      'one of its own; otherwise look what is plugged in there.'
    )
  }
  const asked = before?.mac === first && startedAtMs - before.lastAtMs < IN_TURN_MS
  const fate = !asked
    ? 'was not heard before it'
    : before.phase === 'asked'
      ? `asked ${durationInWords(startedAtMs - before.startedAtMs)} before it and got no further`
      : `booted ${durationInWords(startedAtMs - before.startedAtMs)} before it`
  return (
    `It boots by its NIC ${at + 1} of ${macs.length}, ${mac}; the first one declared is ${first}, ` +
    `which ${fate}. Look at the cable, the link and the switch port of the first NIC and at the ` +
    'boot order of the firmware; or declare the NIC that is to boot first.'
  )
}

/** Offers to firmware or a loader in a boot that never asked for one of them. */
export function offersUntaken(
  heard: readonly { readonly event: DhcpEvent; readonly count: number }[],
): number {
  const loading = heard.filter(({ event }) => stageOf(event.client) !== 'system')
  if (loading.some(({ event }) => event.message === 'request')) return 0
  return loading
    .filter(({ event }) => event.message === 'discover' && event.answer.kind === 'offer')
    .filter(({ event }) => event.sent)
    .reduce((sum, { count }) => sum + count, 0)
}

/** Two NICs of a sled that ask in turn and take nothing: each answer goes out by the other port. */
export function bothInVain(
  record: BootRecord,
  { macs, before }: BootSurroundings,
): string | undefined {
  if (before === undefined || before.mac === record.mac) return undefined
  if (!macs.includes(record.mac) || !macs.includes(before.mac)) return undefined
  if (record.startedAtMs - before.lastAtMs >= IN_TURN_MS) return undefined
  if (untakenIn(record) === 0 || untakenIn(before) === 0) return undefined
  return (
    `It asked by ${before.mac} and then by ${record.mac}, and took no offer on either. So it looks ` +
    'where both switch ports are in one bond (LACP) that does not fall back to a single port: ' +
    'firmware speaks no LACP, and the switch sends our answers to the other port or to none. ' +
    `Turn on the fallback of that port channel (${FALLBACK_WORDS}), or take one port out of it ` +
    'until the sled is installed.'
  )
}

const untakenIn = ({ seen }: BootRecord): number =>
  offersUntaken(
    seen.flatMap(({ event, count }) => (event.kind === 'dhcp' ? [{ event, count }] : [])),
  )

/** What a boot's own deployment asks of the switch ports, for a finding that they may explain. */
export function whatOfLacp({ operation }: BootRecord): string {
  const lacp = operation?.lacp
  if (lacp === undefined) return ''
  return (
    ` Its deployment makes ${lacp.bond} of ${lacp.nics.join(', ')} by LACP, so look there first: ` +
    `the port channel needs a fallback for firmware (${FALLBACK_WORDS}).`
  )
}

/** An installed OS that was to come up with a bond by LACP, and was never heard. */
export function silentBond(
  { operation, seen }: BootRecord,
  { nowMs }: BootSurroundings,
): string | undefined {
  const lacp = operation?.lacp
  if (operation?.what !== 'provision' || operation.state === 'done') return undefined
  const started = operation.steps.find(({ name }) => name === STARTS_OS)?.endedAtMs ?? undefined
  if (lacp === undefined || started === undefined) return undefined
  const isHeard = seen.some(
    ({ event, lastAtMs }) =>
      event.kind === 'dhcp' && lastAtMs > started && stageOf(event.client) === 'system',
  )
  if (isHeard) return undefined
  const silentMs = (operation.state === 'running' ? nowMs : operation.atMs) - started
  if (silentMs < SILENT_BOND_MS) return undefined
  return (
    `The installed OS was started and not heard in ${durationInWords(silentMs)}. It makes ` +
    `${lacp.bond} of ${lacp.nics.join(', ')} by LACP (802.3ad): both switch ports have to be in one ` +
    'port channel with LACP, on one switch or a pair that shares it. The switch shows whether it ' +
    `is up; on the OS's own console /proc/net/bonding/${lacp.bond} names the partner it sees.`
  )
}

/** The installer's last step: the sled starts from its disk. */
const STARTS_OS = 'reboot'
