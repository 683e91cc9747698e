import { FALLBACK_WORDS } from './boot-trace-nics.ts'
import type { OperationEvent } from './boot-trace-events.ts'
import { durationInWords } from './boot-trace-words.ts'

/** An operation that powered a sled to the network, or to its disc, and waits for its installer. */
export interface AwaitedBoot {
  readonly what: string
  /** Wall clock. */
  readonly poweredAtMs: number
  readonly lacp?: OperationEvent['lacp']
  /** It was told to boot from the disc that is in it. */
  readonly fromDisc?: boolean | undefined
}

/** What nothing means: of a sled that was powered to the network and has not spoken since. */
export function silenceOf(
  { what, poweredAtMs, lacp, fromDisc }: AwaitedBoot,
  lastHeardAtMs: number | undefined,
  nowMs: number,
): string | undefined {
  if (lastHeardAtMs !== undefined && lastHeardAtMs >= poweredAtMs) return undefined
  const ago = durationInWords(Math.max(0, nowMs - poweredAtMs))
  if (fromDisc === true) {
    return (
      `It was powered to the disc that is said to be in it ${ago} ago (${what}), and its installer has not ` +
      "called since. A server's self test takes up to 8 minutes; after that the disc is not in it, was " +
      'made for another sled, is not what its firmware boots from, or its first NIC does not reach this ' +
      'appliance with the address and VLAN that the disc gives it.'
    )
  }
  const bond =
    lacp === undefined
      ? 'or its port is in a port channel without LACP fallback'
      : `or, since its deployment makes ${lacp.bond} of ${lacp.nics.join(', ')} by LACP, its ports are in ` +
        `a port channel without fallback (${FALLBACK_WORDS})`
  return (
    `It was powered to the network ${ago} ago (${what}), and nothing was heard of it since. A ` +
    "server's self test takes up to 8 minutes; after that it has no link, is plugged into a network " +
    `that the site does not listen on, does not boot by network, ${bond}.`
  )
}
