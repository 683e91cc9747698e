import type { Sled } from '@brickyard/api/schemas'
import { SLED_STATES } from '@brickyard/model/sled-lifecycle'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { sitesQuery, sledsQuery } from '../api/queries.ts'
import { RackTable } from '../rack/RackTable.tsx'
import { Answer } from '../ui/Answer.tsx'
import { Button } from '../ui/Button.tsx'
import { Field, inputClass } from '../ui/Field.tsx'
import { PageHead } from '../ui/Page.tsx'
import { countText } from '../ui/quantity.ts'
import { SLED_SAID } from '../ui/state-words.ts'

interface Filter {
  readonly q?: string
  readonly site?: string
  readonly state?: string
}

function matches(sled: Sled, filter: Filter): boolean {
  if (filter.site !== undefined && sled.site !== filter.site) return false
  if (filter.state !== undefined && sled.state !== filter.state) return false
  if (filter.q === undefined) return true
  const wanted = filter.q.toLowerCase()
  return [
    sled.name,
    sled.site,
    sled.serial,
    sled.model,
    sled.address,
    sled.bmcAddress,
    ...sled.macs,
  ]
    .filter((each) => each !== null)
    .some((each) => each.toLowerCase().includes(wanted))
}

export function SledsPage() {
  const filter = useSearch({ from: '/signed-in/sleds' })
  const navigate = useNavigate({ from: '/sleds' })
  const sleds = useQuery(sledsQuery())
  const sites = useQuery(sitesQuery).data?.items ?? []
  const set = (part: Partial<Record<'q' | 'site' | 'state', string>>): void =>
    void navigate({
      replace: true,
      search: (old) =>
        Object.fromEntries(Object.entries({ ...old, ...part }).filter(([, value]) => value !== '')),
    })
  return (
    <>
      <PageHead title="Sleds" below="Of every site, with what stands in their way." />
      <search className="mb-4 flex flex-wrap items-end gap-3">
        <Field label="Find">
          <input
            className={`${inputClass} sm:w-72`}
            placeholder="name, serial, MAC, address, model"
            value={filter.q ?? ''}
            onChange={(event) => set({ q: event.target.value })}
          />
        </Field>
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
        <Field label="State">
          <select
            className={inputClass}
            value={filter.state ?? ''}
            onChange={(event) => set({ state: event.target.value })}
          >
            <option value="">any state</option>
            {SLED_STATES.map((state) => (
              <option key={state} value={state}>
                {SLED_SAID[state].word}
              </option>
            ))}
          </select>
        </Field>
        <Button onClick={() => void navigate({ search: {} })}>Clear</Button>
      </search>
      <Answer query={sleds}>
        {({ items, cut }) => {
          const shown = items.filter((sled) => matches(sled, filter))
          return (
            <>
              <p role="status" className="mb-2 text-sm text-ink-faint">
                {countText(shown.length, 'sled')} of {items.length.toLocaleString('en')}
                {cut && ' (the fleet is larger: choose a site to see all of it)'}
              </p>
              <div className="panel">
                <RackTable sleds={shown} withSite />
              </div>
            </>
          )
        }}
      </Answer>
    </>
  )
}
