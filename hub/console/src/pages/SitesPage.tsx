import type { Site } from '@brickyard/api/schemas'
import { commandText } from '@brickyard/cli/command-table'
import { useQuery } from '@tanstack/react-query'
import { sitesQuery } from '../api/queries.ts'
import { Answer } from '../ui/Answer.tsx'
import { PlainBadge } from '../ui/Badge.tsx'
import { CommandLine } from '../ui/Copy.tsx'
import { PageHead } from '../ui/Page.tsx'
import { Empty, Unknown } from '../ui/Panel.tsx'
import { SiteLink } from '../ui/SledLink.tsx'
import { LINK_SAID } from '../ui/state-words.ts'
import { RowHead, Table, Td, Th, Tr } from '../ui/Table.tsx'
import { Ago } from '../ui/Time.tsx'

export function SitesPage() {
  const sites = useQuery(sitesQuery)
  return (
    <>
      <PageHead
        title="Sites"
        below="Each runs its own agent and goes on when its uplink does not."
      />
      <Answer query={sites}>
        {({ items }) => (
          <div className="panel">
            {items.length === 0 ? <NoSites /> : <SitesTable sites={items} />}
          </div>
        )}
      </Answer>
      {sites.data !== undefined && sites.data.items.length > 0 && (
        <div className="mt-4 max-w-xl">
          <CommandLine command={commandText('site list', [])} />
        </div>
      )}
    </>
  )
}

function NoSites() {
  return (
    <Empty title="No site has been declared yet.">
      <p>Declare one, then give its appliance a one-time token:</p>
      <CommandLine command={commandText('site create', ['edge-1'])} />
      <CommandLine command={commandText('site enrol-token', ['edge-1'])} />
    </Empty>
  )
}

function SitesTable({ sites }: { sites: readonly Site[] }) {
  return (
    <Table
      caption="Sites"
      head={
        <>
          <Th>Site</Th>
          <Th>Link</Th>
          <Th>Last heard</Th>
          <Th right>In use</Th>
          <Th right>Ready</Th>
          <Th right>Sleds</Th>
          <Th>Wanted state</Th>
          <Th right>Events waiting</Th>
          <Th>Agent</Th>
        </>
      }
    >
      {sites.map((site) => (
        <SiteRow key={site.name} site={site} />
      ))}
    </Table>
  )
}

function SiteRow({ site }: { site: Site }) {
  const away = site.link !== 'connected'
  const waiting =
    site.journalLastSeq === null ? null : Math.max(0, site.journalLastSeq - site.journalAckedSeq)
  return (
    <Tr>
      <RowHead>
        <SiteLink site={site.name}>{site.displayName}</SiteLink>
        <div className="font-mono text-xs font-normal text-ink-faint">{site.name}</div>
      </RowHead>
      <Td>
        <PlainBadge said={LINK_SAID[site.link]} />
      </Td>
      <Td className="text-ink-soft">
        {site.lastSeenMs === null ? <Unknown word="never" /> : <Ago atMs={site.lastSeenMs} />}
      </Td>
      <Count count={site.sledCountByState['in-use'] ?? 0} away={away} />
      <Count count={site.sledCountByState['ready'] ?? 0} away={away} />
      <Count count={site.sledCount} away={false} />
      <Td className="text-ink-soft">
        <GenerationText site={site} />
      </Td>
      <Td right className="font-mono text-xs">
        {waiting === null ? <Unknown /> : waiting}
      </Td>
      <Td className="font-mono text-xs text-ink-soft">{site.agentVersion ?? <Unknown />}</Td>
    </Tr>
  )
}

function Count({ count, away }: { count: number; away: boolean }) {
  return (
    <Td right className={`font-mono text-xs ${away ? 'text-ink-faint' : ''}`}>
      {count}
      {away && <span title="as last reported; the site is away"> *</span>}
    </Td>
  )
}

/** How far the site has come with what is wanted of it, in one word or two. */
export function GenerationText({ site }: { site: Site }) {
  if (site.appliedGeneration === null) return <Unknown word="not reported" />
  if (site.appliedGeneration >= site.wantedGeneration) {
    return <span>generation {site.wantedGeneration} applied</span>
  }
  return (
    <span className="text-busy">
      pending, generation {site.wantedGeneration}{' '}
      <span className="text-ink-faint">(applied {site.appliedGeneration})</span>
    </span>
  )
}
