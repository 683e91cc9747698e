/** Full-jitter reconnect backoff: base 1 s, doubling, cap 60 s, for ever. `fraction` is in [0, 1). */
export function reconnectDelayMs(attempt: number, fraction: number): number {
  const ceilingMs = Math.min(60_000, 1000 * 2 ** Math.min(attempt, 16))
  return Math.floor(ceilingMs * fraction)
}
