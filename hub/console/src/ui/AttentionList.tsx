import type { Attention } from '@brickyard/api/schemas'
import { Link } from '@tanstack/react-router'
import { Mark, type Shape } from './Mark.tsx'
import { countText } from './quantity.ts'
import { SiteLink, SledLink } from './SledLink.tsx'
import { Ago } from './Time.tsx'
import { TONE_TEXT, type Tone } from './tone.ts'

const SEVERITY: Readonly<Record<Attention['severity'], { tone: Tone; shape: Shape }>> = {
  critical: { tone: 'bad', shape: 'diamond' },
  warning: { tone: 'warn', shape: 'triangle' },
  info: { tone: 'rest', shape: 'ring' },
}

/** What needs a person, worst first as the hub sorted it; what can wait is folded away. */
export function AttentionList({ items }: { items: readonly Attention[] }) {
  const pressing = items.filter(needsPerson)
  const notes = items.filter((item) => !needsPerson(item))
  return (
    <>
      <ul>
        {pressing.map((item) => (
          <AttentionRow key={item.id} item={item} />
        ))}
      </ul>
      {notes.length > 0 && (
        <details className={pressing.length > 0 ? 'border-t border-line' : ''}>
          <summary className="px-4 py-2.5 text-sm text-ink-soft hover:bg-raised/60">
            {countText(notes.length, 'note')} that can wait
          </summary>
          <ul className="border-t border-line">
            {notes.map((item) => (
              <AttentionRow key={item.id} item={item} />
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

/** True for what should not wait until somebody happens to look. */
export const needsPerson = ({ severity }: Attention): boolean => severity !== 'info'

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
        <Subject item={item} />
        <div className="text-ink-faint sm:mt-0.5">
          <Ago atMs={item.sinceMs} />
        </div>
      </div>
    </li>
  )
}

/** The pages where one can do something about it. */
function Subject({ item }: { item: Attention }) {
  return (
    <>
      {item.sled !== null && <SledLink site={item.site} sled={item.sled} />}
      {item.sled === null && item.site !== '' && <SiteLink site={item.site} />}
      {item.deployment !== null && (
        <div>
          <Link
            to="/deployments/$id"
            params={{ id: item.deployment }}
            className="font-medium hover:underline"
          >
            deployment
          </Link>
        </div>
      )}
    </>
  )
}
