import type { BootRecord } from './boot-trace.ts'
import { type DhcpEvent, stageOf } from './boot-trace-events.ts'
import { bothInVain, offersUntaken, otherNic, silentBond, whatOfLacp } from './boot-trace-nics.ts'

/** Firmware repeats a DISCOVER when an OFFER was lost; three in a row were not lost by chance. */
const UNTAKEN_OFFERS = 3
/** iPXE takes its address once; a repeated REQUEST or a failed download makes it two or three. */
const LOADER_ROUNDS = 3

/** What a boot is judged by beside itself. */
export interface BootSurroundings {
  /** NICs declared for the sled, the one it should boot by first. */
  readonly macs: readonly string[]
  /** The boot before it, of the same machine. */
  readonly before?: BootRecord | undefined
  /** Wall clock. */
  readonly nowMs: number
}

/** What stands out in a boot; each says only what was seen, and what to do about it. */
export function findingsOf(record: BootRecord, around: BootSurroundings): string[] {
  const heard = heardIn(record)
  const both = bothInVain(record, around)
  const found = [
    otherNic(record, around),
    otherServer(record),
    both ?? untaken(record, heard),
    loopOf(heard),
    silentBond(record, around),
  ]
  return found.filter((text) => text !== undefined)
}

type Heard = readonly { readonly event: DhcpEvent; readonly count: number }[]

const heardIn = ({ seen }: BootRecord): Heard =>
  seen.flatMap(({ event, count }) => (event.kind === 'dhcp' ? [{ event, count }] : []))

function otherServer(record: BootRecord): string | undefined {
  const server = otherServerOf(record)
  if (server === undefined) return undefined
  return `Another DHCP server answered: the machine took the offer of ${server}.`
}

/** The server whose offer a machine took instead of ours; undefined when it took none. */
export const otherServerOf = ({ seen }: BootRecord): string | undefined =>
  seen
    .flatMap(({ event }) => (event.kind === 'dhcp' ? [event] : []))
    .flatMap(({ answer, client, message }) =>
      message === 'request' && answer.kind === 'silent' ? (client.chosenServer ?? []) : [],
    )
    .at(-1)

/**
 * Offers that nobody takes. We see no more than that: whether the machine hears us is not visible
 * from here, so the causes are named as what they are.
 */
function untaken(record: BootRecord, heard: Heard): string | undefined {
  const offers = offersUntaken(heard)
  if (offers < UNTAKEN_OFFERS) return undefined
  return (
    `${offers} offers were sent and no REQUEST followed: the machine does not hear us, or does not want ` +
    'our offer. A switch port in a bond without LACP fallback, a port still in spanning tree, or ' +
    `another server look like this from here.${whatOfLacp(record)}`
  )
}

/** A loader that loads itself: iPXE that is sent to iPXE again and again. */
function loopOf(heard: readonly { event: DhcpEvent; count: number }[]): string | undefined {
  const rounds = heard
    .filter(({ event }) => stageOf(event.client) === 'ipxe' && event.message === 'request')
    .reduce((sum, { count }) => sum + count, 0)
  if (rounds <= LOADER_ROUNDS) return undefined
  return `iPXE took its address ${rounds} times in one boot: it starts over, or fails after its address.`
}
