import type { RackDocument, SledDeclaration } from '@brickyard/model/rack'
import type { GradedPlace } from '@brickyard/open19/grade'
import type { Clock } from '@brickyard/runtime/clock'
import { gradeSleds, type BmcSighting, type DhcpSighting } from './discovery/gather-witnesses.ts'
import type { DhcpServer } from './netboot/dhcp-server.ts'
import type { SiteStore } from './store/site-store.ts'

/** Where each sled was seen, graded; every change of a grade is told. */
export interface Places {
  of(sled: string): GradedPlace
  /** The BMC at a sled's declared address gave this serial. */
  noteBmc(asked: BmcSighting['asked'], serial: string | undefined): void
  /** Grades anew and tells what changed. */
  refresh(): void
}

const UNKNOWN: GradedPlace = {
  grade: 'unknown',
  reason: 'it is in no declared place',
  witnesses: [],
}

export function createPlaces(parts: {
  readonly site: SiteStore
  readonly clock: Clock
  readonly rack: () => RackDocument | undefined
  readonly dhcpServers: () => ReadonlyMap<string, DhcpServer>
}): Places {
  const { site, clock, rack } = parts
  const bmcs = new Map<string, BmcSighting>()
  const told = new Map<string, string>()
  let graded: ReadonlyMap<string, GradedPlace> = new Map()

  return {
    of: (sled) => graded.get(sled) ?? UNKNOWN,
    noteBmc(asked, serial) {
      bmcs.set(asked, { asked, serial, atMs: clock.monotonicMs() })
    },
    refresh() {
      const nowMs = clock.monotonicMs()
      const sleds = rack()?.sleds ?? []
      const dhcp = sightings(sleds, parts.dhcpServers(), nowMs)
      graded = gradeSleds(sleds, { dhcp, bmcs: [...bmcs.values()] }, nowMs)
      for (const [sled, place] of graded) {
        const kinds = place.witnesses.map(({ kind, detail }) => `${kind} ${detail}`).sort()
        const key = JSON.stringify([place.grade, kinds])
        if (told.get(sled) === key || !site.sleds.has(sled)) continue
        const toWallMs = clock.wallMs() - nowMs
        site.commit((change) =>
          change.event('sled.place', {
            sled,
            grade: place.grade,
            witnesses: place.witnesses.map(({ kind, detail, atMs }) => ({
              kind,
              says: detail,
              atMs: Math.max(0, Math.round(atMs + toWallMs)),
            })),
          }),
        )
        told.set(sled, key)
      }
    },
  }
}

/** Bound leases of declared machines are sightings: each was answered at its address. */
function sightings(
  sleds: readonly SledDeclaration[],
  servers: ReadonlyMap<string, DhcpServer>,
  nowMs: number,
): DhcpSighting[] {
  const macs = sleds.flatMap((sled) => [...sled.macs, ...(sled.bmc?.mac ? [sled.bmc.mac] : [])])
  return [...servers].flatMap(([network, server]) => {
    const expiries = new Map(server.leases().map((lease) => [lease.address, lease.expiresAtMs]))
    return macs.flatMap((mac): DhcpSighting[] => {
      const address = server.addressOf(mac)
      const expiresAtMs = address === undefined ? undefined : expiries.get(address)
      if (address === undefined || expiresAtMs === undefined || expiresAtMs <= nowMs) return []
      return [{ mac, network, address, atMs: nowMs, expiresAtMs }]
    })
  })
}
