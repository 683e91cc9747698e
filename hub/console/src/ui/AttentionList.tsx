import type { Attention } from '@brickyard/api/schemas'
import { Mark, type Shape } from './Mark.tsx'
import { SiteLink, SledLink } from './SledLink.tsx'
import { Ago } from './Time.tsx'
import { TONE_TEXT, type Tone } from './tone.ts'

const SEVERITY: Readonly<Record<Attention['severity'], { tone: Tone; shape: Shape }>> = {
  critical: { tone: 'bad', shape: 'diamond' },
  warning: { tone: 'warn', shape: 'triangle' },
  info: { tone: 'rest', shape: 'ring' },
}

/** What needs a person, worst first as the hub sorted it, with what can be done. */
export function AttentionList({ items }: { items: readonly Attention[] }) {
  return (
    <ul>
      {items.map((item) => (
        <AttentionRow key={item.id} item={item} />
      ))}
    </ul>
  )
}

function AttentionRow({ item }: { item: Attention }) {
  const { tone, shape } = SEVERITY[item.severity]
  return (
    <li className="grid grid-cols-[1rem_minmax(0,1fr)] gap-x-3 border-b border-line px-4 py-3 last:border-b-0 sm:grid-cols-[1rem_minmax(0,1fr)_auto]">
      <Mark shape={shape} className={`mt-0.5 size-4 ${TONE_TEXT[tone]}`} />
      <div>
        <p className="text-sm font-medium">
          <span className="sr-only">{item.severity}: </span>
          {item.what}
        </p>
        <p className="mt-0.5 text-sm text-ink-soft">{item.advice}</p>
      </div>
      <div className="col-start-2 flex flex-wrap gap-x-3 pt-1 text-xs sm:col-start-3 sm:block sm:pt-0 sm:text-right">
        {item.sled === null ? (
          <SiteLink site={item.site} />
        ) : (
          <SledLink site={item.site} sled={item.sled} />
        )}
        <div className="text-ink-faint sm:mt-0.5">
          <Ago atMs={item.sinceMs} />
        </div>
      </div>
    </li>
  )
}
