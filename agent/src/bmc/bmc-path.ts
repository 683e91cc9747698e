import type { BmcDeclaration } from '@brickyard/model/rack'
import { Seconds } from '@brickyard/std/units'

/** A host's NIC, and the switch port behind it, are back within this after the host was switched. */
const SHARED_SILENCE_MS = Seconds(120)

/**
 * How long a BMC may be silent after its sled was switched: its declaration says it for its model;
 * a BMC with a port of its own is not touched by its host.
 */
export function silenceMsOf(bmc: Pick<BmcDeclaration, 'path'> | undefined): number {
  const { port, silenceSeconds } = bmc?.path ?? {}
  if (silenceSeconds !== undefined) return Seconds(silenceSeconds)
  return port === 'shared' ? SHARED_SILENCE_MS : 0
}
