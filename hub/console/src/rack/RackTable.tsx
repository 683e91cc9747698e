import type { Sled } from '@brickyard/api/schemas'
import { PlainBadge } from '../ui/Badge.tsx'
import { Empty, Unknown } from '../ui/Panel.tsx'
import { SledLink } from '../ui/SledLink.tsx'
import { GRADE_SAID, POWER_SAID } from '../ui/state-words.ts'
import { RowHead, Table, Td, Th, Tr } from '../ui/Table.tsx'
import { AsOf } from '../ui/Time.tsx'
import { lookOf } from './sled-look.ts'

export function positionText(position: Sled['position']): string {
  return position.kind === 'slot'
    ? `${position.cage}, slot ${position.slot}`
    : `unit ${position.unit}`
}

/** The elevation as a table, for screen readers, print and copying. */
export function RackTable({
  sleds,
  withSite = false,
}: {
  sleds: readonly Sled[]
  withSite?: boolean
}) {
  if (sleds.length === 0) return <Empty title="No sled is here." />
  return (
    <Table
      caption={withSite ? 'Sleds of all sites' : 'Sleds of this rack'}
      head={
        <>
          <Th>Sled</Th>
          <Th>State</Th>
          <Th>Power</Th>
          <Th>Place</Th>
          <Th>Model and serial</Th>
          <Th>Address</Th>
          <Th>Why</Th>
        </>
      }
    >
      {sleds.map((sled) => (
        <SledRow key={`${sled.site}/${sled.name}`} sled={sled} withSite={withSite} />
      ))}
    </Table>
  )
}

function SledRow({ sled, withSite }: { sled: Sled; withSite: boolean }) {
  const look = lookOf(sled)
  return (
    <Tr>
      <RowHead>
        <SledLink site={sled.site} sled={sled.name} short={!withSite} />
      </RowHead>
      <Td>
        <PlainBadge said={look.said} stale={look.stale} />
      </Td>
      <Td>
        <PlainBadge said={POWER_SAID[sled.power]} stale={sled.stale} />
        {sled.stale && (
          <div>
            <AsOf atMs={sled.powerAsOfMs} />
          </div>
        )}
      </Td>
      <Td className="whitespace-nowrap text-ink-soft">
        {positionText(sled.position)}
        <div className="text-xs text-ink-faint">{GRADE_SAID[sled.placeGrade].word}</div>
      </Td>
      <Td className="whitespace-nowrap text-ink-soft">
        {sled.model ?? <Unknown word="model unknown" />}
        <div className="font-mono text-xs text-ink-faint">
          {sled.serial ?? <Unknown word="serial unknown" />}
        </div>
      </Td>
      <Td className="font-mono text-xs">{sled.address ?? <Unknown />}</Td>
      <Td className="min-w-48 text-ink-soft">{sled.stateReason ?? ''}</Td>
    </Tr>
  )
}
