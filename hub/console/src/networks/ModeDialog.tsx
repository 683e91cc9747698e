import type { NetbootPreviewAnswer } from '@brickyard/api/boot-schemas'
import type { SiteDetail } from '@brickyard/api/schemas'
import { commandText } from '@brickyard/cli/command-table'
import { NETWORK_MODES, type NetworkMode } from '@brickyard/model/rack'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { netbootPreviewQuery } from '../api/queries.ts'
import { answered, hub } from '../api/request.ts'
import { Confirm } from '../ui/Confirm.tsx'
import { CommandLine } from '../ui/Copy.tsx'
import { ErrorNote } from '../ui/ErrorNote.tsx'
import { Field, inputClass } from '../ui/Field.tsx'
import { RowHead, Table, Td, Th, Tr } from '../ui/Table.tsx'
import { Ago } from '../ui/Time.tsx'
import { isLouder, MODE_SAID } from './mode-words.ts'

type Network = NonNullable<SiteDetail['rack']>['networks'][number]
type Previewed = NetbootPreviewAnswer['networks'][number]

/** Puts a network into another mode: first the preview, then the question. */
export function ModeDialog(props: { site: string; network: Network; onClose: () => void }) {
  const { site, network, onClose } = props
  const others = NETWORK_MODES.filter((mode) => mode !== network.mode)
  const [mode, setMode] = useState<NetworkMode>(
    network.mode === 'listen-only' ? 'authoritative' : 'listen-only',
  )
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: () => answered(hub.sites.setNetworkMode(site, network.name, mode)),
    onSuccess: async () => {
      onClose()
      await queries.invalidateQueries({ queryKey: ['site', site] })
    },
  })
  const louder = isLouder(network.mode, mode)
  return (
    <Confirm
      wide
      title={`Network ${network.name} of ${site}`}
      action={mode === 'listen-only' ? 'Answer nothing more' : `Make it ${mode}`}
      danger={louder || mode === 'listen-only'}
      typed={louder ? { text: network.name, what: 'the name' } : undefined}
      busy={change.isPending}
      error={change.error}
      onConfirm={() => change.mutate()}
      onClose={onClose}
    >
      <Field label="Mode" hint={`Now it is ${network.mode}.`}>
        <select
          className={inputClass}
          value={mode}
          onChange={(event) =>
            setMode(others.find((each) => each === event.target.value) ?? network.mode)
          }
        >
          {others.map((each) => (
            <option key={each} value={each}>
              {MODE_SAID[each].choice}
            </option>
          ))}
        </select>
      </Field>
      {mode === 'listen-only' && (
        <p>
          Nothing netboots there any more, and who has its address from the site loses it when its
          lease ends.
        </p>
      )}
      <Preview site={site} network={network.name} mode={mode} />
      <CommandLine command={commandText('netboot mode', [site, network.name, mode])} />
    </Confirm>
  )
}

/** What the site would answer there, asked of it now. */
function Preview(props: { site: string; network: string; mode: NetworkMode }) {
  const preview = useQuery(netbootPreviewQuery(props.site, props.mode))
  if (preview.error !== null) return <ErrorNote error={preview.error} />
  if (preview.data === undefined) return <p>The site is asked what it would answer …</p>
  const found = preview.data.networks.find(({ network }) => network === props.network)
  if (found === undefined) return <p>The site does not listen on this network yet.</p>
  return (
    <>
      {found.foreignServers.map(({ address, atMs, about }) => (
        <p key={address} className="rounded-md bg-warn-wash px-3 py-2 text-ink">
          Another DHCP server answers there: <span className="font-mono">{address}</span>, heard{' '}
          <Ago atMs={atMs} />
          {about !== undefined && ` (${about})`}. Two that give addresses hinder each other.
        </p>
      ))}
      <Machines found={found} />
    </>
  )
}

const Machines = ({ found }: { found: Previewed }) => (
  <div className="max-h-64 overflow-auto rounded-md border border-line">
    <Table
      caption={`What ${found.network} would answer as ${found.as}`}
      head={
        <>
          <Th>Machine</Th>
          <Th>Answer</Th>
        </>
      }
    >
      {found.machines.map(({ machine, mac, summary }) => (
        <Tr key={mac}>
          <RowHead>{machine}</RowHead>
          <Td className="w-full text-xs text-ink-soft">{summary}</Td>
        </Tr>
      ))}
    </Table>
  </div>
)
