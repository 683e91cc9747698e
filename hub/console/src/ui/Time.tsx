import { agoText, asOfText, fullText, useNow } from './time.ts'

/** A time told relatively, with the exact one on hover and for machines. */
export function Ago({ atMs }: { atMs: number }) {
  const now = useNow(1000)
  return (
    <time
      dateTime={new Date(atMs).toISOString()}
      title={fullText(atMs)}
      className="whitespace-nowrap"
    >
      {agoText(atMs, now)}
    </time>
  )
}

/** The freshness of a value that may no longer be true. */
export function AsOf({ atMs }: { atMs: number | null }) {
  const now = useNow(10_000)
  return (
    <span
      className="text-xs whitespace-nowrap text-ink-faint"
      title={atMs === null ? 'No report has come from this site.' : fullText(atMs)}
    >
      {asOfText(atMs, now)}
    </span>
  )
}
