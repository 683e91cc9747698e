import type { SiteDetail } from '@brickyard/api/schemas'
import { useState } from 'react'
import { Button } from '../ui/Button.tsx'
import { Empty } from '../ui/Panel.tsx'
import { MODE_SAID } from './mode-words.ts'
import { ModeDialog } from './ModeDialog.tsx'

/** The networks of a site, and what it does on each. */
export function Networks({ site }: { site: SiteDetail }) {
  const [changing, setChanging] = useState<string>()
  const networks = site.rack?.networks ?? []
  const network = networks.find(({ name }) => name === changing)
  if (networks.length === 0) return <Empty title="No network has been declared." />
  return (
    <>
      <ul>
        {networks.map(({ name, role, subnet, mode, agentAddress }) => (
          <li
            key={name}
            className="flex items-center justify-between gap-3 border-b border-line px-4 py-2 text-sm last:border-b-0"
          >
            <div className="min-w-0">
              <p className="flex flex-wrap items-baseline gap-x-3">
                <span className="font-medium">{name}</span>
                <span className="text-ink-soft">{role}</span>
                <span className="font-mono text-xs text-ink-soft">{subnet}</span>
              </p>
              <p className="text-xs text-ink-faint">
                {mode === 'listen-only' ? '' : `${agentAddress} `}
                {MODE_SAID[mode].now}
              </p>
            </div>
            <Button
              look="quiet"
              aria-label={`Change the mode of ${name}`}
              onClick={() => setChanging(name)}
            >
              Change …
            </Button>
          </li>
        ))}
      </ul>
      {network !== undefined && (
        <ModeDialog
          key={network.name}
          site={site.name}
          network={network}
          onClose={() => setChanging(undefined)}
        />
      )}
    </>
  )
}
