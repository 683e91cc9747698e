import type { Deployment } from '@brickyard/api/schemas'
import { commandText } from '@brickyard/cli/command-table'
import { networkInWords, NO_NETWORK } from '@brickyard/cli/network-wish'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { deploymentQuery } from '../api/queries.ts'
import { answered, hub } from '../api/request.ts'
import { Assignments } from '../deployments/Assignments.tsx'
import { deployCommand } from '../deployments/deploy-command.ts'
import { PlacedPanel, RefusedPanel } from '../deployments/PlacementPanels.tsx'
import { Answer } from '../ui/Answer.tsx'
import { Badge } from '../ui/Badge.tsx'
import { Button } from '../ui/Button.tsx'
import { Confirm } from '../ui/Confirm.tsx'
import { CommandLine } from '../ui/Copy.tsx'
import { PageHead } from '../ui/Page.tsx'
import { Facts, Mono, Panel } from '../ui/Panel.tsx'
import { countText, middleCut } from '../ui/quantity.ts'
import { DEPLOYMENT_SAID } from '../ui/state-words.ts'
import { Ago } from '../ui/Time.tsx'

export function DeploymentPage() {
  const { id } = useParams({ from: '/signed-in/deployments/$id' })
  const deployment = useQuery(deploymentQuery(id))
  return (
    <>
      <PageHead
        title={deployment.data?.name ?? id}
        above={
          <Link to="/deployments" className="hover:text-ink">
            Deployments
          </Link>
        }
        beside={
          deployment.data !== undefined && <Badge said={DEPLOYMENT_SAID[deployment.data.state]} />
        }
        actions={deployment.data !== undefined && <Release deployment={deployment.data} />}
        below={deployment.data?.reason ?? deployment.data?.placement.summary}
      />
      <Answer query={deployment}>{(data) => <DeploymentBody deployment={data} />}</Answer>
    </>
  )
}

function DeploymentBody({ deployment }: { deployment: Deployment }) {
  return (
    <div className="grid gap-5">
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)]">
        <div className="grid gap-5">
          <Assignments assignments={deployment.assignments} />
          <PlacedPanel placement={deployment.placement} />
        </div>
        <Panel title="Request">
          <Facts rows={requestRows(deployment)} />
        </Panel>
      </div>
      <RefusedPanel placement={deployment.placement} />
      <div className="grid max-w-3xl gap-2">
        <CommandLine command={commandText('deploy get', [deployment.id])} />
        <CommandLine
          command={deployCommand(
            {
              name: deployment.name,
              image: deployment.imageName,
              count: deployment.count,
              constraints: deployment.constraints,
              hostname: deployment.hostname,
            },
            deployment.network === null ? NO_NETWORK : 'file',
          )}
        />
        {mayRelease(deployment) && (
          <CommandLine command={commandText('deploy release', [deployment.id], { wait: true })} />
        )}
      </div>
    </div>
  )
}

function requestRows(deployment: Deployment): (readonly [string, React.ReactNode])[] {
  const { constraints } = deployment
  const labels = Object.entries(constraints.labels ?? {}).map(([key, value]) => `${key}=${value}`)
  return [
    ['Sleds', String(deployment.count)],
    [
      'Image',
      <span key="image">
        {deployment.imageName} <Mono>{middleCut(deployment.image, 8)}</Mono>
      </span>,
    ],
    ['Sites', constraints.sites?.join(', ') ?? 'any'],
    ['Named sleds', constraints.sleds?.join(', ') ?? 'any'],
    ['Labels', labels.length === 0 ? 'any' : labels.join(', ')],
    ['Model', constraints.model ?? 'any'],
    ['Spread', constraints.spread === 'site' ? 'over sites' : 'packed'],
    ['Host name', <Mono key="host">{deployment.hostname}</Mono>],
    ['Network', <Network key="network" network={deployment.network} />],
    ['SSH keys', String(deployment.sshKeys.length)],
    ['Tenant', deployment.tenant],
    [
      'Created',
      <span key="at">
        <Ago atMs={deployment.createdAtMs} /> by {deployment.createdBy}
      </span>,
    ],
    ['Id', <Mono key="id">{deployment.id}</Mono>],
  ]
}

/** In words, and as the file that `yard deploy create --network` takes. */
function Network({ network }: Pick<Deployment, 'network'>) {
  if (network === null) return 'DHCP on every NIC'
  return (
    <>
      {networkInWords(network).map((line) => (
        <p key={line}>{line}</p>
      ))}
      <details className="mt-1 text-xs text-ink-soft">
        <summary className="cursor-pointer">network.yaml</summary>
        <pre className="mt-1 overflow-x-auto rounded-md bg-raised p-2 font-mono">
          {JSON.stringify(network, null, 2)}
        </pre>
      </details>
    </>
  )
}

const mayRelease = (deployment: Deployment): boolean =>
  deployment.assignments.some(({ wanted, state }) => wanted === 'running' && state !== 'released')

function Release({ deployment }: { deployment: Deployment }) {
  const [asked, setAsked] = useState(false)
  const queries = useQueryClient()
  const release = useMutation({
    mutationFn: () => answered(hub.deployments.release(deployment.id)),
    onSuccess: async () => {
      setAsked(false)
      await queries.invalidateQueries({ queryKey: ['deployment', deployment.id] })
    },
  })
  if (!mayRelease(deployment)) return null
  const sleds = deployment.assignments.filter(({ wanted }) => wanted === 'running')
  return (
    <>
      <Button look="danger" onClick={() => setAsked(true)}>
        Release …
      </Button>
      {asked && (
        <Confirm
          title={`Release ${deployment.name}`}
          action={`Release and wipe ${countText(sleds.length, 'sled')}`}
          danger
          typed={{ text: deployment.name, what: 'the name' }}
          busy={release.isPending}
          error={release.error}
          onConfirm={() => release.mutate()}
          onClose={() => {
            setAsked(false)
            release.reset()
          }}
        >
          <p>
            {countText(sleds.length, 'sled')} will be booted into the installer, every disk is wiped
            and read back, and the sleds become ready again. What is on them is gone.
          </p>
          <p className="font-mono text-xs">
            {sleds.map(({ site, sled }) => `${site}/${sled}`).join(', ')}
          </p>
        </Confirm>
      )}
    </>
  )
}
