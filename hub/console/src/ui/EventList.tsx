import type { ApiEvent } from '@brickyard/api/schemas'
import { useInfiniteQuery } from '@tanstack/react-query'
import { eventsQuery, type EventFilter } from '../api/queries.ts'
import { ErrorNote } from './ErrorNote.tsx'
import { Empty } from './Panel.tsx'
import { clockText, fullText } from './time.ts'

/** The newest events in a narrow column: when and what. */
export function EventList({ filter, limit }: { filter: EventFilter; limit: number }) {
  const events = useInfiniteQuery(eventsQuery(filter, limit))
  if (events.data === undefined) {
    return events.error === null ? (
      <p className="breathe px-4 py-4 text-sm text-ink-faint">Loading …</p>
    ) : (
      <div className="p-4">
        <ErrorNote error={events.error} />
      </div>
    )
  }
  const items = events.data.pages[0]?.items ?? []
  if (items.length === 0) return <Empty title="No event yet." />
  return (
    <ol className="max-h-[26rem] overflow-y-auto py-1.5" tabIndex={0} aria-label="Newest events">
      {items.map((event) => (
        <EventLine key={event.id} event={event} />
      ))}
    </ol>
  )
}

function EventLine({ event }: { event: ApiEvent }) {
  return (
    <li className="grid grid-cols-[4.25rem_minmax(0,1fr)] gap-2 px-4 py-1 text-sm">
      <time
        dateTime={new Date(event.atMs).toISOString()}
        title={fullText(event.atMs)}
        className="font-mono text-xs leading-5 text-ink-faint"
      >
        {clockText(event.atMs)}
      </time>
      <span>
        {event.text}
        {!event.readable && <span className="text-warn"> (kept unread)</span>}
      </span>
    </li>
  )
}
