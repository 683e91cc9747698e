import type { Site, SiteDetail } from '@brickyard/api/schemas'
import type { RackDocument } from '@brickyard/model/rack'
import type { AgentLinks } from '../agent-link/links.ts'
import type { SiteRow } from '../store/sites.ts'

const MICRO = 1_000_000

/** A site as the API shows it. */
export function siteView(
  row: SiteRow,
  counts: Readonly<Record<string, number>> | undefined,
  links: AgentLinks,
): Site {
  const sledCountByState = counts ?? {}
  return {
    name: row.name,
    owner: row.owner,
    displayName: row.display_name,
    latitude: row.latitude_e6 === null ? null : row.latitude_e6 / MICRO,
    longitude: row.longitude_e6 === null ? null : row.longitude_e6 / MICRO,
    link: links.state(row.name),
    lastSeenMs: links.lastSeenMs(row.name) ?? row.last_seen_ms,
    agentVersion: row.agent_version,
    wantedGeneration: row.wanted_generation,
    heldGeneration: row.held_generation,
    appliedGeneration: row.applied_generation,
    journalAckedSeq: row.acked_seq,
    journalLastSeq: row.last_seq === null ? null : Math.max(row.last_seq, row.acked_seq),
    sledCount: Object.values(sledCountByState).reduce((sum, count) => sum + count, 0),
    sledCountByState,
  }
}

export function siteDetailView(
  row: SiteRow,
  counts: Readonly<Record<string, number>> | undefined,
  links: AgentLinks,
): SiteDetail {
  const rack = row.rack === null ? undefined : (JSON.parse(row.rack) as RackDocument)
  return {
    ...siteView(row, counts, links),
    sealingKey: row.sealing_key,
    rack:
      rack === undefined
        ? null
        : {
            site: row.name,
            networks: rack.networks.map(({ name, role, mode, subnet, agentAddress }) => ({
              name,
              role,
              mode,
              subnet,
              agentAddress,
            })),
            cages: rack.cages.map((cage) => ({ ...cage })),
          },
  }
}

export const toMicro = (degrees: number | undefined): number | null =>
  degrees === undefined ? null : Math.round(degrees * MICRO)
