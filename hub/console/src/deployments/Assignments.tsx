import type { Assignment } from '@brickyard/api/schemas'
import { useQuery } from '@tanstack/react-query'
import { operationsQuery } from '../api/queries.ts'
import { isOver, stepNow, stepWords } from '../sled/operation-words.ts'
import { PlainBadge } from '../ui/Badge.tsx'
import { Empty, Panel, Progress } from '../ui/Panel.tsx'
import { SledLink } from '../ui/SledLink.tsx'
import { ASSIGNMENT_SAID } from '../ui/state-words.ts'
import { RowHead, Table, Td, Th, Tr } from '../ui/Table.tsx'

/** The sleds of a deployment and how far each has come. */
export function Assignments({ assignments }: { assignments: readonly Assignment[] }) {
  return (
    <Panel title="Sleds" aside={String(assignments.length)} flush>
      {assignments.length === 0 ? (
        <Empty title="No sled carries it.">
          <p>It was refused: the reasons stand below, rule by rule.</p>
        </Empty>
      ) : (
        <Table
          caption="Sleds of this deployment"
          head={
            <>
              <Th>Sled</Th>
              <Th>State</Th>
              <Th>Host name</Th>
              <Th>Now</Th>
            </>
          }
        >
          {assignments.map((assignment) => (
            <Tr key={assignment.id}>
              <RowHead>
                <SledLink site={assignment.site} sled={assignment.sled} />
              </RowHead>
              <Td>
                <PlainBadge said={ASSIGNMENT_SAID[assignment.state]} />
              </Td>
              <Td className="font-mono text-xs whitespace-nowrap">{assignment.hostname}</Td>
              <Td className="w-full min-w-56">
                <Doing assignment={assignment} />
              </Td>
            </Tr>
          ))}
        </Table>
      )}
    </Panel>
  )
}

function Doing({ assignment }: { assignment: Assignment }) {
  const busy = assignment.state === 'provisioning' || assignment.state === 'releasing'
  const operations = useQuery({
    ...operationsQuery(assignment.site, assignment.sled),
    enabled: busy,
  })
  const operation = operations.data?.items.find((each) => !isOver(each))
  if (!busy || operation === undefined) {
    return <span className="text-ink-soft">{assignment.reason ?? ''}</span>
  }
  const step = stepNow(operation)
  return (
    <div>
      <div className="mb-1 text-xs text-ink-soft">
        {step === undefined ? 'waiting to begin' : stepWords(step.name)}
        {operation.percent !== null && ` · ${Math.floor(operation.percent)} %`}
      </div>
      <Progress
        percent={operation.percent}
        name={`${assignment.site}/${assignment.sled}, running step`}
      />
    </div>
  )
}
