/** Time as a port: the real clock, or the virtual one of the simulation. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. May jump; never used to order anything. */
  wallMs(): number
  /** Milliseconds that only ever grow; starts anywhere. */
  monotonicMs(): number
  /** Runs `work` once after `delayMs`. */
  after(delayMs: number, work: () => void): Timer
}

export interface Timer {
  cancel(): void
}

/** Settles after `delayMs` on `clock`. */
export const sleep = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delayMs, resolve)
  })
