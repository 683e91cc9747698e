/** One figure of `npm run bench`: ours beside the peer's in the same run. */
export interface BenchRow {
  readonly bench: string
  readonly metric: string
  readonly unit: string
  readonly ours: number
  /** Null when there is no peer for the figure. */
  readonly peer: number | null
  readonly peerName: string | null
  /** Above 1 means we are better; null without a peer. */
  readonly ratio: number | null
}

/** A row where a smaller figure is better (times, memory). */
export const smallerIsBetter = (row: Omit<BenchRow, 'ratio'>): BenchRow => ({
  ...row,
  ratio: row.peer === null ? null : row.peer / row.ours,
})

/** A row where a larger figure is better (rates). */
export const largerIsBetter = (row: Omit<BenchRow, 'ratio'>): BenchRow => ({
  ...row,
  ratio: row.peer === null ? null : row.ours / row.peer,
})

/** The middle value; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
