import { useEffect, type ReactNode } from 'react'

/** The heading of a page: also the tab's title and what the route announcer says. */
export function PageHead(props: {
  title: string
  above?: ReactNode
  beside?: ReactNode
  below?: ReactNode
  actions?: ReactNode
}) {
  useEffect(() => {
    document.title = `${props.title} · Brickyard`
  }, [props.title])
  return (
    <div className="mb-5">
      {props.above !== undefined && (
        <nav aria-label="Breadcrumb" className="mb-1 text-sm text-ink-faint">
          {props.above}
        </nav>
      )}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
        <h1 className="text-xl font-semibold tracking-tight">{props.title}</h1>
        {props.beside}
        {props.actions !== undefined && (
          <div className="ml-auto flex flex-wrap gap-2">{props.actions}</div>
        )}
      </div>
      {props.below !== undefined && (
        <div className="mt-1.5 text-sm text-ink-soft">{props.below}</div>
      )}
    </div>
  )
}
