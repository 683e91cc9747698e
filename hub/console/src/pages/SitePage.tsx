import type { SiteDetail, Sled } from '@brickyard/api/schemas'
import { commandText } from '@brickyard/cli/command-table'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { overviewQuery, siteQuery, sledsQuery } from '../api/queries.ts'
import { Networks } from '../networks/Networks.tsx'
import { Elevation } from '../rack/Elevation.tsx'
import { Legend } from '../rack/Legend.tsx'
import { RackTable } from '../rack/RackTable.tsx'
import { Answer } from '../ui/Answer.tsx'
import { AttentionList, needsPerson } from '../ui/AttentionList.tsx'
import { Badge } from '../ui/Badge.tsx'
import { CommandLine } from '../ui/Copy.tsx'
import { EventList } from '../ui/EventList.tsx'
import { PageHead } from '../ui/Page.tsx'
import { Empty, Facts, Panel } from '../ui/Panel.tsx'
import { LINK_SAID } from '../ui/state-words.ts'
import { Ago, AsOf } from '../ui/Time.tsx'
import { GenerationText } from './SitesPage.tsx'

export function SitePage() {
  const { site: name } = useParams({ from: '/signed-in/sites/$site' })
  const site = useQuery(siteQuery(name))
  const sleds = useQuery(sledsQuery(name))
  return (
    <>
      <PageHead
        title={site.data?.displayName ?? name}
        above={
          <Link to="/sites" className="hover:text-ink">
            Sites
          </Link>
        }
        beside={
          site.data !== undefined && (
            <>
              <Badge said={LINK_SAID[site.data.link]} />
              {site.data.link === 'away' && <AsOf atMs={site.data.lastSeenMs} />}
            </>
          )
        }
      />
      <Answer query={site}>{(data) => <SiteBody site={data} sleds={sleds.data?.items} />}</Answer>
    </>
  )
}

function SiteBody({ site, sleds }: { site: SiteDetail; sleds: readonly Sled[] | undefined }) {
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)]">
      {site.link === 'away' && <AwayNote site={site} />}
      <div className="grid gap-5">
        <Panel title="Rack" aside={<Legend />}>
          {site.rack === null ? (
            <Empty title="No rack has been declared for this site.">
              <p>A rack document names its cages, networks and sleds:</p>
              <CommandLine command={commandText('rack put', [site.name, 'rack.yaml'])} />
            </Empty>
          ) : (
            <Elevation rack={site.rack} sleds={sleds ?? []} />
          )}
        </Panel>
      </div>
      <div className="grid gap-5">
        <NeedsPersonHere site={site.name} />
        <Panel title="Link and state">
          <Facts rows={linkRows(site)} />
        </Panel>
        <Panel title="Networks" flush>
          <Networks site={site} />
        </Panel>
        <Panel
          title="Events"
          aside={
            <Link to="/events" search={{ site: site.name }} className="link">
              all of this site
            </Link>
          }
          flush
        >
          <EventList filter={{ site: site.name }} limit={12} />
        </Panel>
      </div>
      <div className="lg:col-span-2">
        <Panel title="Sleds" flush>
          <RackTable sleds={sleds ?? []} />
        </Panel>
      </div>
      <div className="max-w-xl lg:col-span-2">
        <CommandLine command={commandText('sled list', [], { site: site.name })} />
      </div>
    </div>
  )
}

/** The site's share of the overview's first list; nothing when there is none. */
function NeedsPersonHere({ site }: { site: string }) {
  const items = useQuery(overviewQuery).data?.attention.filter((item) => item.site === site) ?? []
  if (!items.some(needsPerson)) return null
  return (
    <Panel title="Needs a person" flush>
      <AttentionList items={items} />
    </Panel>
  )
}

function AwayNote({ site }: { site: SiteDetail }) {
  return (
    <p className="rounded-lg border border-dashed border-line-strong px-4 py-3 text-sm text-ink-soft lg:col-span-2">
      <strong className="font-medium text-ink">The hub cannot hear this site.</strong> It goes on by
      itself: leases, boots, power and operations it had accepted. What is shown here is{' '}
      <AsOf atMs={site.lastSeenMs} />. What you ask of it now waits until it is back.
    </p>
  )
}

function linkRows(site: SiteDetail): (readonly [string, React.ReactNode])[] {
  const waiting =
    site.journalLastSeq === null ? null : Math.max(0, site.journalLastSeq - site.journalAckedSeq)
  return [
    ['Last heard', site.lastSeenMs === null ? null : <Ago atMs={site.lastSeenMs} />],
    ['Agent', site.agentVersion],
    [
      'Journal',
      site.journalLastSeq === null
        ? `event ${site.journalAckedSeq} stored; what the site holds is unknown`
        : `event ${site.journalAckedSeq} of ${site.journalLastSeq} stored, ${waiting} waiting at the site`,
    ],
    ['Wanted state', <GenerationText key="generation" site={site} />],
    [
      'Generations',
      `wanted ${site.wantedGeneration} · held ${site.heldGeneration ?? 'unknown'} · applied ${site.appliedGeneration ?? 'unknown'}`,
    ],
    ['Owner', site.owner],
    [
      'Place',
      site.latitude === null || site.longitude === null
        ? null
        : `${site.latitude.toFixed(4)}, ${site.longitude.toFixed(4)}`,
    ],
  ]
}
