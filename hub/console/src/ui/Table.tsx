import type { ReactNode } from 'react'

/** A real table with a caption for those who cannot see where it stands. Scrolls sideways alone. */
export function Table(props: { caption: string; head: ReactNode; children: ReactNode }) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="group" aria-label={props.caption}>
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{props.caption}</caption>
        <thead>
          <tr className="border-b border-line">{props.head}</tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  )
}

export function Th(props: { children: ReactNode; right?: boolean }) {
  return (
    <th
      scope="col"
      className={`px-4 py-2 text-xs font-medium whitespace-nowrap text-ink-faint ${props.right === true ? 'text-right' : 'text-left'}`}
    >
      {props.children}
    </th>
  )
}

export function Tr({ children }: { children: ReactNode }) {
  return <tr className="border-b border-line last:border-b-0 hover:bg-raised/60">{children}</tr>
}

export function Td(props: { children: ReactNode; right?: boolean; className?: string }) {
  return (
    <td
      className={`px-4 py-2 align-middle ${props.right === true ? 'text-right' : ''} ${props.className ?? ''}`}
    >
      {props.children}
    </td>
  )
}

/** The cell that names the row. */
export function RowHead({ children }: { children: ReactNode }) {
  return (
    <th scope="row" className="px-4 py-2 text-left font-medium whitespace-nowrap">
      {children}
    </th>
  )
}
