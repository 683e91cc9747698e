import type { Deployment } from '@brickyard/api/schemas'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { deploymentsQuery } from '../api/queries.ts'
import { commandText } from '@brickyard/cli/command-table'
import { Answer } from '../ui/Answer.tsx'
import { PlainBadge } from '../ui/Badge.tsx'
import { buttonClass } from '../ui/Button.tsx'
import { CommandLine } from '../ui/Copy.tsx'
import { Icon } from '../ui/Icon.tsx'
import { PageHead } from '../ui/Page.tsx'
import { Empty } from '../ui/Panel.tsx'
import { DEPLOYMENT_SAID } from '../ui/state-words.ts'
import { RowHead, Table, Td, Th, Tr } from '../ui/Table.tsx'
import { Ago } from '../ui/Time.tsx'

export function DeploymentsPage() {
  const deployments = useQuery(deploymentsQuery)
  return (
    <>
      <PageHead
        title="Deployments"
        below="A request for sleds that run an image, and what became of it."
        actions={
          <Link to="/deployments/new" className={buttonClass('solid')}>
            <Icon name="plus" className="size-3.5" /> New deployment
          </Link>
        }
      />
      <Answer query={deployments}>
        {({ items }) => (
          <div className="panel">
            {items.length === 0 ? <NoDeployments /> : <DeploymentsTable deployments={items} />}
          </div>
        )}
      </Answer>
    </>
  )
}

function NoDeployments() {
  return (
    <Empty title="Nothing has been deployed yet.">
      <p>
        Say how many sleds and which image; the hub chooses where and tells you why.{' '}
        <Link to="/deployments/new" className="link">
          Create the first deployment
        </Link>
        , or from a terminal:
      </p>
      <CommandLine
        command={commandText('deploy create', [], { image: 'debian-13', count: 1, wait: true })}
      />
    </Empty>
  )
}

function DeploymentsTable({ deployments }: { deployments: readonly Deployment[] }) {
  return (
    <Table
      caption="Deployments, newest first"
      head={
        <>
          <Th>Deployment</Th>
          <Th>State</Th>
          <Th right>In use</Th>
          <Th right>Wanted</Th>
          <Th>Image</Th>
          <Th>Where</Th>
          <Th>By</Th>
          <Th>Created</Th>
        </>
      }
    >
      {deployments.map((deployment) => (
        <DeploymentRow key={deployment.id} deployment={deployment} />
      ))}
    </Table>
  )
}

function DeploymentRow({ deployment }: { deployment: Deployment }) {
  const inUse = deployment.assignments.filter(({ state }) => state === 'in-use').length
  const sites = [...new Set(deployment.assignments.map(({ site }) => site))]
  return (
    <Tr>
      <RowHead>
        <Link to="/deployments/$id" params={{ id: deployment.id }} className="hover:underline">
          {deployment.name}
        </Link>
      </RowHead>
      <Td>
        <PlainBadge said={DEPLOYMENT_SAID[deployment.state]} />
      </Td>
      <Td right className="font-mono text-xs">
        {inUse}
      </Td>
      <Td right className="font-mono text-xs">
        {deployment.count}
      </Td>
      <Td className="text-ink-soft">{deployment.imageName}</Td>
      <Td className="text-ink-soft">{sites.length === 0 ? 'nowhere' : sites.join(', ')}</Td>
      <Td className="text-ink-soft">{deployment.createdBy}</Td>
      <Td className="text-ink-soft">
        <Ago atMs={deployment.createdAtMs} />
      </Td>
    </Tr>
  )
}
