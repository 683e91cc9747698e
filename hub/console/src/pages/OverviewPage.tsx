import type { Attention, Operation, Overview } from '@brickyard/api/schemas'
import { SLED_STATES } from '@brickyard/model/sled-lifecycle'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { overviewQuery } from '../api/queries.ts'
import { OperationRow } from '../sled/OperationRow.tsx'
import { AttentionList, needsPerson } from '../ui/AttentionList.tsx'
import { Answer } from '../ui/Answer.tsx'
import { Mark } from '../ui/Mark.tsx'
import { PageHead } from '../ui/Page.tsx'
import { Empty, Panel } from '../ui/Panel.tsx'
import { countText } from '../ui/quantity.ts'
import { LINK_SAID, SLED_SAID } from '../ui/state-words.ts'
import { TONE_TEXT, TONE_VALUE } from '../ui/tone.ts'

export function OverviewPage() {
  const overview = useQuery(overviewQuery)
  return (
    <>
      <PageHead title="Overview" below={<Glance overview={overview.data} />} />
      <Answer query={overview}>
        {(data) => (
          <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_21rem]">
            <div className="grid gap-5">
              <NeedsPerson items={data.attention} />
              <Running operations={data.runningOperations} />
            </div>
            <div className="grid gap-5 md:grid-cols-2 xl:grid-cols-1">
              <Sleds counts={data.sledCountByState} />
              <Sites counts={data.siteCountByLink} />
            </div>
          </div>
        )}
      </Answer>
    </>
  )
}

/** The whole fleet in one sentence. */
function Glance({ overview }: { overview: Overview | undefined }) {
  if (overview === undefined) return <span>Asking the hub …</span>
  const sites = Object.values(overview.siteCountByLink).reduce((sum, count) => sum + count, 0)
  const sleds = Object.values(overview.sledCountByState).reduce((sum, count) => sum + count, 0)
  const needs = overview.attention.filter(needsPerson).length
  if (sites === 0) return <span>No site has been declared yet.</span>
  const fleet = `${countText(sleds, 'sled')} at ${countText(sites, 'site')}`
  const work =
    overview.runningOperations.length === 0
      ? 'nothing is running'
      : `${countText(overview.runningOperations.length, 'operation')} running`
  return (
    <span>
      {fleet}, {work},{' '}
      {needs === 0
        ? 'nothing needs a person'
        : `${needs} ${needs === 1 ? 'thing needs' : 'things need'} a person`}
      .
    </span>
  )
}

function NeedsPerson({ items }: { items: readonly Attention[] }) {
  return (
    <Panel title="Needs a person" aside={items.some(needsPerson) ? 'worst first' : undefined} flush>
      {!items.some(needsPerson) && (
        <div className="flex items-center gap-3 px-4 py-7">
          <Mark shape="check" className="size-5 text-good" />
          <div>
            <p className="font-medium">Nothing needs a person.</p>
            <p className="text-sm text-ink-soft">
              What does will stand here first, with what can be done about it.
            </p>
          </div>
        </div>
      )}
      <AttentionList items={items} />
    </Panel>
  )
}

function Running({ operations }: { operations: readonly Operation[] }) {
  return (
    <Panel
      title="Running operations"
      aside={operations.length > 0 ? String(operations.length) : undefined}
      flush
    >
      {operations.length === 0 ? (
        <Empty title="Nothing is running.">
          <p>
            A{' '}
            <Link to="/deployments/new" className="link">
              new deployment
            </Link>
            , a power verb on a sled or an inspection starts one.
          </p>
        </Empty>
      ) : (
        <ul>
          {operations.map((operation) => (
            <OperationRow key={`${operation.site}/${operation.id}`} operation={operation} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

/** States that say the same at this distance stand together. */
function Sleds({ counts }: { counts: Readonly<Record<string, number>> }) {
  const rows = SLED_STATES.map((state) => ({
    state,
    said: SLED_SAID[state],
    count: counts[state] ?? 0,
  })).filter(({ count }) => count > 0)
  const total = rows.reduce((sum, { count }) => sum + count, 0)
  return (
    <Panel title="Sleds" aside={total.toLocaleString('en')}>
      {total === 0 ? (
        <p className="text-sm text-ink-soft">
          No sled is declared. A rack document declares them:{' '}
          <code className="font-mono text-xs">yard rack put SITE rack.yaml</code>
        </p>
      ) : (
        <>
          <div aria-hidden="true" className="mb-3.5 flex h-2 gap-0.5 overflow-hidden rounded-full">
            {rows.map(({ state, said, count }) => (
              <div
                key={state}
                style={{
                  flexGrow: count,
                  background: TONE_VALUE[said.tone],
                  opacity: said.tone === 'rest' ? 0.35 : 1,
                }}
              />
            ))}
          </div>
          <ul className="grid gap-1">
            {rows.map(({ state, said, count }) => (
              <li key={state}>
                <Link
                  to="/sleds"
                  search={{ state }}
                  className="-mx-1.5 flex items-center gap-2 rounded px-1.5 py-0.5 text-sm hover:bg-raised"
                >
                  <Mark shape={said.shape} className={TONE_TEXT[said.tone]} />
                  <span className="flex-1">{said.word}</span>
                  <span className="font-mono text-xs">{count}</span>
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  )
}

function Sites({ counts }: { counts: Readonly<Record<string, number>> }) {
  return (
    <Panel
      title="Sites"
      aside={
        <Link to="/sites" className="link">
          all sites
        </Link>
      }
    >
      <ul className="grid gap-1">
        {(['connected', 'away', 'never-seen'] as const).map((link) => (
          <li key={link} className="flex items-center gap-2 text-sm">
            <Mark
              shape={LINK_SAID[link].shape}
              className={
                (counts[link] ?? 0) === 0 ? 'text-ink-faint' : TONE_TEXT[LINK_SAID[link].tone]
              }
            />
            <span className="flex-1">{LINK_SAID[link].word}</span>
            <span className="font-mono text-xs">{counts[link] ?? 0}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
