import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { useEffect, useState, type ReactNode } from 'react'
import { deploymentsQuery, sitesQuery, sledsQuery } from '../api/queries.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { Icon } from '../ui/Icon.tsx'

/** Jump to anything by name, serial, MAC or address: `/` or Ctrl+K. */
export function Palette() {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const typing =
        event.target instanceof HTMLElement &&
        event.target.closest('input, textarea, select, dialog') !== null
      const wanted =
        (event.key === 'k' && (event.metaKey || event.ctrlKey)) || (event.key === '/' && !typing)
      if (!wanted) return
      event.preventDefault()
      setOpen(true)
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="inline-flex h-8 items-center gap-2 rounded-md border border-line bg-surface px-2.5 text-sm text-ink-faint hover:border-line-strong hover:text-ink sm:w-64"
      >
        <Icon name="search" className="size-3.5" />
        <span className="sr-only sm:not-sr-only">Search sleds, sites …</span>
        <kbd
          aria-hidden="true"
          className="ml-auto hidden rounded border border-line px-1 font-mono text-2xs sm:inline"
        >
          /
        </kbd>
      </button>
      {open && <PaletteDialog onClose={() => setOpen(false)} />}
    </>
  )
}

const PLACES = [
  ['Overview', '/'],
  ['Sites', '/sites'],
  ['Sleds', '/sleds'],
  ['Deployments', '/deployments'],
  ['New deployment', '/deployments/new'],
  ['Images', '/images'],
  ['Events', '/events'],
] as const

function PaletteDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const { data: sites } = useQuery(sitesQuery)
  const { data: sleds } = useQuery(sledsQuery())
  const { data: deployments } = useQuery(deploymentsQuery)
  const go = (move: Promise<void>): void => {
    onClose()
    void move
  }
  return (
    <Dialog title="Search" onClose={onClose} wide>
      <Command label="Search the fleet" loop>
        <Command.Input
          autoFocus
          placeholder="Name, serial, MAC, address …"
          className="h-9 w-full rounded-md border border-line-strong bg-ground px-3 text-sm"
        />
        <Command.List className="mt-3 max-h-[50vh] overflow-y-auto" tabIndex={0}>
          <Command.Empty className="py-6 text-center text-sm text-ink-faint">
            Nothing in the fleet is called that.
          </Command.Empty>
          <Group heading="Go to">
            {PLACES.map(([word, to]) => (
              <Item key={to} value={`go ${word}`} onSelect={() => go(navigate({ to }))}>
                {word}
              </Item>
            ))}
          </Group>
          <Group heading="Sites">
            {(sites?.items ?? []).map((site) => (
              <Item
                key={site.name}
                value={`site ${site.name} ${site.displayName}`}
                onSelect={() => go(navigate({ to: '/sites/$site', params: { site: site.name } }))}
                note={site.name}
              >
                {site.displayName}
              </Item>
            ))}
          </Group>
          <Group heading="Sleds">
            {(sleds?.items ?? []).map((sled) => (
              <Item
                key={`${sled.site}/${sled.name}`}
                value={`${sled.site}/${sled.name}`}
                keywords={[
                  sled.serial ?? '',
                  ...sled.macs,
                  sled.address ?? '',
                  sled.bmcAddress ?? '',
                ]}
                onSelect={() =>
                  go(
                    navigate({
                      to: '/sites/$site/sleds/$sled',
                      params: { site: sled.site, sled: sled.name },
                    }),
                  )
                }
                note={sled.serial ?? sled.macs[0] ?? ''}
              >
                {sled.site}/{sled.name}
              </Item>
            ))}
          </Group>
          <Group heading="Deployments">
            {(deployments?.items ?? []).map((deployment) => (
              <Item
                key={deployment.id}
                value={`deployment ${deployment.name} ${deployment.id}`}
                onSelect={() =>
                  go(navigate({ to: '/deployments/$id', params: { id: deployment.id } }))
                }
                note={deployment.imageName}
              >
                {deployment.name}
              </Item>
            ))}
          </Group>
        </Command.List>
      </Command>
    </Dialog>
  )
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="mb-2 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-faint"
    >
      {children}
    </Command.Group>
  )
}

function Item(props: {
  value: string
  keywords?: string[]
  onSelect: () => void
  note?: string
  children: ReactNode
}) {
  return (
    <Command.Item
      value={props.value}
      {...(props.keywords === undefined ? {} : { keywords: props.keywords })}
      onSelect={props.onSelect}
      className="flex cursor-pointer items-center justify-between gap-4 rounded-md px-2 py-1.5 text-sm data-[selected=true]:bg-raised"
    >
      <span>{props.children}</span>
      {props.note !== undefined && (
        <span className="truncate font-mono text-xs text-ink-faint">{props.note}</span>
      )}
    </Command.Item>
  )
}
