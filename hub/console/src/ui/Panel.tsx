import { useId, type ReactNode } from 'react'

/** A titled part of a page; its title is a heading, so that it can be jumped to. */
export function Panel(props: {
  title: string
  aside?: ReactNode
  children: ReactNode
  flush?: boolean
  className?: string
}) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={`panel min-w-0 ${props.className ?? ''}`}>
      <div className="flex min-h-11 items-center justify-between gap-3 border-b border-line px-4 py-2">
        <h2 id={id} className="text-sm font-semibold">
          {props.title}
        </h2>
        {props.aside !== undefined && <div className="text-xs text-ink-faint">{props.aside}</div>}
      </div>
      <div className={props.flush === true ? '' : 'px-4 py-3.5'}>{props.children}</div>
    </section>
  )
}

/** Names and values. An unknown value says so. */
export function Facts({ rows }: { rows: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[minmax(7rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-faint">{name}</dt>
          <dd className="min-w-0 break-words">
            {value === null || value === undefined || value === '' ? <Unknown /> : value}
          </dd>
        </div>
      ))}
    </dl>
  )
}

export function Unknown({ word = 'unknown' }: { word?: string }) {
  return <span className="text-ink-faint italic">{word}</span>
}

export function Mono({ children }: { children: ReactNode }) {
  return <span className="font-mono text-xs break-all">{children}</span>
}

/** Nothing here yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="grid justify-items-start gap-2 px-4 py-8 text-sm">
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="grid gap-3 text-ink-soft">{children}</div>}
    </div>
  )
}

export function Progress({ percent, name }: { percent: number | null; name: string }) {
  const known = percent !== null
  return (
    <div
      role="progressbar"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(known ? { 'aria-valuenow': Math.round(percent) } : {})}
      className="h-1.5 w-full overflow-hidden rounded-full bg-raised"
    >
      <div
        className={`h-full rounded-full bg-busy transition-[width] duration-300 ${known ? '' : 'breathe'}`}
        style={{ width: known ? `${Math.max(2, Math.min(100, percent))}%` : '100%' }}
      />
    </div>
  )
}
