import type { BootRecord } from './boot-trace.ts'
import { type DhcpEvent, stageOf } from './boot-trace-events.ts'

/** Firmware repeats a DISCOVER when an OFFER was lost; three in a row were not lost by chance. */
const UNTAKEN_OFFERS = 3
/** iPXE takes its address once; a repeated REQUEST or a failed download makes it two or three. */
const LOADER_ROUNDS = 3

/** What stands out in a boot; each says only what was seen. */
export function findingsOf(record: BootRecord, macs: readonly string[]): string[] {
  const heard = record.seen.flatMap(({ event, count }) =>
    event.kind === 'dhcp' ? [{ event, count }] : [],
  )
  const found = [otherNic(record, macs), otherServer(record), untaken(heard), loopOf(heard)]
  return found.filter((text) => text !== undefined)
}

/** A sled that boots by a NIC other than its first one. */
function otherNic({ mac, sled }: BootRecord, macs: readonly string[]): string | undefined {
  const [first] = macs
  if (sled === null || first === undefined || mac === first) return undefined
  const at = macs.indexOf(mac)
  return at < 0
    ? `It boots by ${mac}, which is not among the NICs declared for ${sled}.`
    : `It boots by its NIC ${at + 1} of ${macs.length}, ${mac}; the first one declared is ${first}.`
}

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
function untaken(heard: readonly { event: DhcpEvent; count: number }[]): string | undefined {
  const firmware = heard.filter(({ event }) => stageOf(event.client) !== 'system')
  const offers = firmware
    .filter(({ event }) => event.message === 'discover' && event.answer.kind === 'offer')
    .filter(({ event }) => event.sent)
    .reduce((sum, { count }) => sum + count, 0)
  const asked = firmware.some(({ event }) => event.message === 'request')
  if (offers < UNTAKEN_OFFERS || asked) return undefined
  return (
    `${offers} offers were sent and no REQUEST followed: the machine does not hear us, or does not want ` +
    'our offer. A switch port in a bond without LACP fallback, a port still in spanning tree, or ' +
    'another server look like this from here.'
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
