import type { Placement } from '@brickyard/api/schemas'
import { PlainBadge } from '../ui/Badge.tsx'
import { Panel } from '../ui/Panel.tsx'
import { countText } from '../ui/quantity.ts'
import { SiteLink, SledLink } from '../ui/SledLink.tsx'
import { RowHead, Table, Td, Th, Tr } from '../ui/Table.tsx'
import { fullText } from '../ui/time.ts'

/** Why these sleds. */
export function PlacedPanel({ placement }: { placement: Placement }) {
  if (placement.placed.length === 0) return null
  return (
    <Panel title="Why these sleds" aside={`decided ${fullText(placement.decidedAtMs)}`} flush>
      <Table
        caption="Chosen sleds with the parts of their score"
        head={
          <>
            <Th>Sled</Th>
            <Th right>Score</Th>
            <Th>Made of</Th>
          </>
        }
      >
        {placement.placed.map((choice) => (
          <Tr key={`${choice.site}/${choice.sled}`}>
            <RowHead>
              <SledLink site={choice.site} sled={choice.sled} />
            </RowHead>
            <Td right className="font-mono text-xs">
              {choice.score}
            </Td>
            <Td className="w-full text-ink-soft">
              {choice.parts.map((part) => (
                <div key={part.name} className="text-xs">
                  <span className="mr-2 inline-block w-8 text-right font-mono text-ink">
                    {part.points > 0 ? `+${part.points}` : part.points}
                  </span>
                  {part.name.replaceAll('-', ' ')}
                  {part.reason !== '' && <span className="text-ink-faint">: {part.reason}</span>}
                </div>
              ))}
            </Td>
          </Tr>
        ))}
      </Table>
    </Panel>
  )
}

/** Every candidate that was refused, under the rule that refused it. */
export function RefusedPanel({ placement }: { placement: Placement }) {
  const counts = Object.entries(placement.refusedCountByRule).sort((a, b) => b[1] - a[1])
  if (counts.length === 0) return null
  const total = counts.reduce((sum, [, count]) => sum + count, 0)
  // A refused deployment is read for its reasons; for a placed one they are background.
  const open = placement.placed.length === 0
  return (
    <Panel title="Why not the others" aside={countText(total, 'candidate')} flush>
      {counts.map(([rule, count]) => {
        const refused = placement.refused.filter((each) => each.rule === rule)
        // A line about a whole site stands for all its sleds.
        const left = refused.some(({ sled }) => sled === null) ? 0 : count - refused.length
        return (
          <details key={rule} open={open} className="border-b border-line last:border-b-0">
            <summary className="flex items-center gap-3 px-4 py-2.5 text-sm hover:bg-raised/60">
              <PlainBadge
                said={{ word: rule.replaceAll('-', ' '), shape: 'struck', tone: 'rest' }}
              />
              <span className="font-mono text-xs text-ink-faint">{count}</span>
              <span className="min-w-0 truncate text-ink-faint">{refused[0]?.reason}</span>
            </summary>
            <ul className="grid gap-1 px-4 pb-3 sm:pl-11">
              {refused.map((each) => (
                <li
                  key={`${each.site}/${each.sled ?? ''}/${each.reason}`}
                  className="grid gap-x-4 text-sm sm:grid-cols-[14rem_minmax(0,1fr)]"
                >
                  {each.sled === null ? (
                    <SiteLink site={each.site} />
                  ) : (
                    <SledLink site={each.site} sled={each.sled} />
                  )}
                  <span className="text-ink-soft">{each.reason}</span>
                </li>
              ))}
              {left > 0 && (
                <li className="text-sm text-ink-faint">
                  and {left} more for the same rule, not listed
                </li>
              )}
            </ul>
          </details>
        )
      })}
    </Panel>
  )
}
