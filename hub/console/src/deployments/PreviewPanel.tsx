import type { DeploymentAsked } from '@brickyard/api/schemas'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { previewQuery } from '../api/queries.ts'
import { PlainBadge } from '../ui/Badge.tsx'
import { ErrorNote } from '../ui/ErrorNote.tsx'
import { Panel } from '../ui/Panel.tsx'
import { SledLink } from '../ui/SledLink.tsx'

/** The hub is asked once typing rests this long. */
const REST_MS = 350
/** Chosen sleds listed before "and n more". */
const LISTED_MAX = 8

/** What the hub would decide about this request now, before it is sent. */
export function PreviewPanel({ wanted }: { wanted: DeploymentAsked | undefined }) {
  const settled = useSettled(wanted)
  const preview = useQuery(previewQuery(settled))
  const placement = settled === undefined ? undefined : preview.data
  if (placement === undefined) {
    return (
      <Panel title="If you asked now">
        {preview.error === null ? (
          <p className="text-sm text-ink-soft">
            Once the request is complete, the sleds it would get stand here.
          </p>
        ) : (
          <ErrorNote error={preview.error} />
        )}
      </Panel>
    )
  }
  const refused = Object.entries(placement.refusedCountByRule).sort((a, b) => b[1] - a[1])
  const placed = placement.placed.length > 0
  return (
    <Panel
      title="If you asked now"
      aside={
        <PlainBadge
          said={
            placed
              ? { word: 'would be placed', shape: 'check', tone: 'good' }
              : { word: 'would be refused', shape: 'diamond', tone: 'warn' }
          }
        />
      }
    >
      <p className="text-sm">{placement.summary}</p>
      {placed && (
        <ul aria-label="Sleds it would get" className="mt-3 grid gap-1 border-t border-line pt-3">
          {placement.placed.slice(0, LISTED_MAX).map(({ site, sled, score }) => (
            <li key={`${site}/${sled}`} className="flex justify-between gap-3 text-sm">
              <SledLink site={site} sled={sled} />
              <span className="font-mono text-xs text-ink-faint">score {score}</span>
            </li>
          ))}
          {placement.placed.length > LISTED_MAX && (
            <li className="text-sm text-ink-faint">
              and {placement.placed.length - LISTED_MAX} more
            </li>
          )}
        </ul>
      )}
      {refused.length > 0 && (
        <ul
          aria-label="Candidates that would be refused"
          className="mt-3 grid gap-1 border-t border-line pt-3 text-sm text-ink-soft"
        >
          {refused.map(([rule, count]) => (
            <li key={rule} className="flex justify-between gap-3">
              <span>{rule.replaceAll('-', ' ')}</span>
              <span className="font-mono text-xs">{count}</span>
            </li>
          ))}
        </ul>
      )}
      {placement.networkConfigs.length > 0 && (
        <div className="mt-3 grid gap-2 border-t border-line pt-3">
          {placement.networkConfigs.map(({ site, sled, text }, n) => (
            <details key={`${site}/${sled}`} open={n === 0} className="text-sm">
              <summary className="cursor-pointer text-ink-soft">
                network-config of {site}/{sled}
              </summary>
              <pre className="mt-1 max-h-72 overflow-auto rounded-md bg-raised p-2 font-mono text-xs">
                {text}
              </pre>
            </details>
          ))}
        </div>
      )}
    </Panel>
  )
}

function useSettled(wanted: DeploymentAsked | undefined): DeploymentAsked | undefined {
  const text = wanted === undefined ? undefined : JSON.stringify(wanted)
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), REST_MS)
    return () => clearTimeout(timer)
  }, [text])
  return settled === undefined ? undefined : (JSON.parse(settled) as DeploymentAsked)
}
