import { FALLBACK_WORDS } from './boot-trace-nics.ts'
import type { OperationEvent } from './boot-trace-events.ts'
import { durationInWords } from './boot-trace-words.ts'

/** An operation that powered a sled to the network and waits for its installer. */
export interface AwaitedBoot {
  readonly what: string
  /** Wall clock. */
  readonly poweredAtMs: number
  readonly lacp?: OperationEvent['lacp']
}

/** What nothing means: of a sled that was powered to the network and has not spoken since. */
export function silenceOf(
  { what, poweredAtMs, lacp }: AwaitedBoot,
  lastHeardAtMs: number | undefined,
  nowMs: number,
): string | undefined {
  if (lastHeardAtMs !== undefined && lastHeardAtMs >= poweredAtMs) return undefined
  const ago = durationInWords(Math.max(0, nowMs - poweredAtMs))
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
