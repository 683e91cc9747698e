/** Whether more unknown clients ask than people plug in. A flood has no name of its own: MACs are invented. */
export interface FloodMachine {
  /** New clients that may still be told of one by one. */
  tokens: number
  filledAtMs: number
  /** New clients since the flood began; undefined when there is none. */
  flooding: number | undefined
}

export type FloodNotice =
  | { readonly kind: 'flood'; readonly clients: number }
  | { readonly kind: 'flood-over'; readonly clients: number }

/** A rack's worth of machines may be plugged in at once. */
const BURST_CLIENTS = 64
/** And then one in this time. */
const REFILL_MS = 2_000
/** A flood is over when there was quiet for this many refills. */
const CALM_TOKENS = 16

export const createFloodMachine = (nowMs: number): FloodMachine => ({
  tokens: BURST_CLIENTS,
  filledAtMs: nowMs,
  flooding: undefined,
})

/**
 * A client was heard that nobody declared and nobody saw before. `quiet`: there are too many to tell
 * of this one; `notice` names the flood once as it begins and once when it has ended.
 */
export function stepFlood(
  machine: FloodMachine,
  nowMs: number,
): { readonly quiet: boolean; readonly notice: FloodNotice | undefined } {
  const refills = Math.floor((nowMs - machine.filledAtMs) / REFILL_MS)
  machine.tokens = Math.min(BURST_CLIENTS, machine.tokens + refills)
  machine.filledAtMs += refills * REFILL_MS
  const ended = machine.flooding !== undefined && machine.tokens >= CALM_TOKENS
  const over: FloodNotice | undefined = ended
    ? { kind: 'flood-over', clients: machine.flooding ?? 0 }
    : undefined
  if (ended) machine.flooding = undefined
  if (machine.flooding === undefined && machine.tokens > 0) {
    machine.tokens--
    return { quiet: false, notice: over }
  }
  machine.tokens = Math.max(0, machine.tokens - 1)
  const begins = machine.flooding === undefined
  machine.flooding = (machine.flooding ?? BURST_CLIENTS) + 1
  return {
    quiet: true,
    notice: begins ? { kind: 'flood', clients: machine.flooding } : undefined,
  }
}
