import type { ApiEvent } from '@brickyard/api/schemas'
import { commandText } from '@brickyard/cli/command-table'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { eventsQuery, sitesQuery } from '../api/queries.ts'
import { Button } from '../ui/Button.tsx'
import { CommandLine } from '../ui/Copy.tsx'
import { ErrorNote } from '../ui/ErrorNote.tsx'
import { Field, inputClass } from '../ui/Field.tsx'
import { PageHead } from '../ui/Page.tsx'
import { Empty, Mono } from '../ui/Panel.tsx'
import { SiteLink, SledLink } from '../ui/SledLink.tsx'
import { clockText, fullText } from '../ui/time.ts'

/** Events asked for at once. */
const PAGE_ROWS = 50

/** Kinds a site reports, for the filter; others can be typed into the address. */
const KINDS = [
  'sled.state',
  'sled.power',
  'sled.facts',
  'sled.place',
  'sled.firmware',
  'operation.changed',
  'act.result',
  'intent.claimed',
  'intent.refused',
  'netboot.served',
  'netboot.refused',
  'dhcp.unknown-client',
  'dhcp.pool-exhausted',
  'image.fetched',
  'image.refused',
  'wanted.applied',
  'work-order.changed',
  'site.started',
  'site.trouble',
]

export function EventsPage() {
  const filter = useSearch({ from: '/signed-in/events' })
  const events = useInfiniteQuery(eventsQuery(filter, PAGE_ROWS))
  return (
    <>
      <PageHead title="Events" below="What the sites have told, numbered by them, never changed." />
      <Filters />
      {events.error !== null && (
        <ErrorNote error={events.error} retry={() => void events.refetch()} />
      )}
      <div className="panel">
        <EventRows items={events.data?.pages.flatMap(({ items }) => items)} />
      </div>
      <div className="mt-4 flex flex-wrap items-center gap-4">
        {events.hasNextPage && (
          <Button disabled={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
            {events.isFetchingNextPage ? 'Loading …' : 'Older events'}
          </Button>
        )}
        <div className="min-w-0 max-w-xl flex-1">
          <CommandLine command={commandText('events', [], { ...filter })} />
        </div>
      </div>
    </>
  )
}

function Filters() {
  const filter = useSearch({ from: '/signed-in/events' })
  const navigate = useNavigate({ from: '/events' })
  const sites = useQuery(sitesQuery).data?.items ?? []
  const set = (part: Partial<Record<'site' | 'sled' | 'kind', string>>): void =>
    void navigate({
      replace: true,
      search: (old) =>
        Object.fromEntries(Object.entries({ ...old, ...part }).filter(([, value]) => value !== '')),
    })
  return (
    <search className="mb-4 flex flex-wrap items-end gap-3">
      <Field label="Site">
        <select
          className={inputClass}
          value={filter.site ?? ''}
          onChange={(event) => set({ site: event.target.value })}
        >
          <option value="">all sites</option>
          {sites.map((site) => (
            <option key={site.name} value={site.name}>
              {site.displayName}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Sled">
        <input
          className={inputClass}
          placeholder="any"
          value={filter.sled ?? ''}
          onChange={(event) => set({ sled: event.target.value })}
        />
      </Field>
      <Field label="Kind">
        <select
          className={inputClass}
          value={filter.kind ?? ''}
          onChange={(event) => set({ kind: event.target.value })}
        >
          <option value="">any kind</option>
          {[...new Set([...KINDS, ...(filter.kind === undefined ? [] : [filter.kind])])].map(
            (kind) => (
              <option key={kind} value={kind}>
                {kind}
              </option>
            ),
          )}
        </select>
      </Field>
      <Button onClick={() => void navigate({ search: {} })}>Clear</Button>
    </search>
  )
}

function EventRows({ items }: { items: readonly ApiEvent[] | undefined }) {
  if (items === undefined) return <p className="breathe px-4 py-4 text-ink-faint">Loading …</p>
  if (items.length === 0) {
    return (
      <Empty title="No event fits.">
        <p>
          An event is a fact in a site’s journal: a lease refused, a step done, a state changed.
        </p>
      </Empty>
    )
  }
  return (
    <ol aria-label="Events, newest first">
      {items.map((event) => (
        <EventRow key={event.id} event={event} />
      ))}
    </ol>
  )
}

function EventRow({ event }: { event: ApiEvent }) {
  return (
    <li className="border-b border-line last:border-b-0">
      <details className="group">
        <summary className="grid list-none grid-cols-[4.5rem_minmax(0,1fr)] items-baseline gap-x-4 gap-y-0.5 px-4 py-2 text-sm hover:bg-raised/60 md:grid-cols-[4.5rem_11rem_10rem_minmax(0,1fr)]">
          <time
            dateTime={new Date(event.atMs).toISOString()}
            title={fullText(event.atMs)}
            className="font-mono text-xs text-ink-faint"
          >
            {clockText(event.atMs)}
          </time>
          <span className="truncate font-mono text-xs text-ink-soft">{event.kind}</span>
          <span className="col-start-2 truncate text-ink-soft md:col-start-auto">
            {event.sled === null ? event.site : `${event.site}/${event.sled}`}
          </span>
          <span className="col-start-2 md:col-start-auto">
            {event.text}
            {!event.readable && <span className="text-warn"> (kept unread by this release)</span>}
          </span>
        </summary>
        <div className="grid gap-2 px-4 pb-3 text-sm md:pl-[6.5rem]">
          <p className="flex flex-wrap gap-x-5 gap-y-1 text-xs text-ink-faint">
            <span>{fullText(event.atMs)}</span>
            <span>
              epoch <Mono>{event.epoch}</Mono>, number <Mono>{event.seq}</Mono>
            </span>
            <span>received {fullText(event.receivedAtMs)}</span>
            {event.sled === null ? (
              <SiteLink site={event.site} />
            ) : (
              <SledLink site={event.site} sled={event.sled} />
            )}
          </p>
          <pre
            tabIndex={0}
            aria-label="Body of the event"
            className="max-h-80 overflow-auto rounded-md bg-raised p-3 font-mono text-xs"
          >
            {JSON.stringify(event.body, null, 2)}
          </pre>
        </div>
      </details>
    </li>
  )
}
