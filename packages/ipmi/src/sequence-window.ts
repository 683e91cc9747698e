/** How far a packet may run ahead of or lag behind the highest seen (IPMI 2.0 §6.12.13, RMCP+). */
export const WINDOW_AHEAD = 15
export const WINDOW_BEHIND = 16

/** What was already received in a session: the highest sequence number and a bit for each one below it. */
export interface SequenceWindow {
  readonly highest: number
  /** Bit i set: `highest - 1 - i` was seen. */
  readonly seenBelow: number
}

/** Before the first packet, which carries number 1. */
export const FRESH_WINDOW: SequenceWindow = { highest: 0, seenBelow: 0 }

const SEEN_MASK = 2 ** WINDOW_BEHIND - 1
const SEQUENCES = 2 ** 32

/** The window after `sequence` was received; undefined when it is zero, a repeat or out of reach. */
export function admit(window: SequenceWindow, sequence: number): SequenceWindow | undefined {
  if (sequence === 0) return undefined
  const ahead = (sequence - window.highest + SEQUENCES) % SEQUENCES
  if (ahead >= 1 && ahead <= WINDOW_AHEAD) {
    const seenBelow = ((window.seenBelow << ahead) | (1 << (ahead - 1))) & SEEN_MASK
    return { highest: sequence, seenBelow }
  }
  const behind = (window.highest - sequence + SEQUENCES) % SEQUENCES
  if (behind < 1 || behind > WINDOW_BEHIND) return undefined
  const bit = 1 << (behind - 1)
  if ((window.seenBelow & bit) !== 0) return undefined
  return { highest: window.highest, seenBelow: window.seenBelow | bit }
}

/** The next outgoing number; zero is skipped because it means "no session" (§6.12.8). */
export const nextSequence = (sequence: number): number =>
  sequence >= SEQUENCES - 1 ? 1 : sequence + 1
