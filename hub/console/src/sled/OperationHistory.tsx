import type { Operation } from '@brickyard/api/schemas'
import { PlainBadge } from '../ui/Badge.tsx'
import { Panel } from '../ui/Panel.tsx'
import { OPERATION_SAID, OPERATION_TITLE } from '../ui/state-words.ts'
import { RowHead, Table, Td, Th, Tr } from '../ui/Table.tsx'
import { Ago } from '../ui/Time.tsx'
import { durationText } from '../ui/time.ts'

export function OperationHistory({ operations }: { operations: readonly Operation[] }) {
  if (operations.length < 2) return null
  return (
    <Panel title="Timeline of operations" flush>
      <Table
        caption="Operations of this sled, newest first"
        head={
          <>
            <Th>Operation</Th>
            <Th>State</Th>
            <Th>Began</Th>
            <Th right>Took</Th>
            <Th>Asked by</Th>
            <Th>Reason</Th>
          </>
        }
      >
        {operations.map((operation) => (
          <Tr key={operation.id}>
            <RowHead>{OPERATION_TITLE[operation.kind]}</RowHead>
            <Td>
              <PlainBadge said={OPERATION_SAID[operation.state]} />
            </Td>
            <Td className="text-ink-soft">
              <Ago atMs={operation.startedAtMs} />
            </Td>
            <Td right className="font-mono text-xs whitespace-nowrap">
              {operation.endedAtMs === null
                ? ''
                : durationText(operation.endedAtMs - operation.startedAtMs)}
            </Td>
            <Td className="text-ink-soft">{operation.requestedBy}</Td>
            <Td className="text-ink-soft">{operation.reason ?? ''}</Td>
          </Tr>
        ))}
      </Table>
    </Panel>
  )
}
