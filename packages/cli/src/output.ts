/** What a command found out: the API's own JSON for programs, a table for people. */
export interface Output {
  readonly json: unknown
  readonly text: string
}

export type Cell = string | number | null

/** Columns as wide as their widest cell, the last one free; `null` is a dash: not known. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [
    head,
    ...rows.map((row) => row.map((cell) => (cell === null ? '-' : String(cell)))),
  ]
  const widths = head.map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? '').length)),
  )
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

/** Names and values, one a line. */
export const facts = (rows: readonly (readonly [string, Cell])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value ?? '-'}\n`).join('')
}

/** `2026-11-21 14:02:11Z`; a dash when it is not known. */
export const timeText = (atMs: number | null): string | null =>
  atMs === null ? null : `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')}Z`

/** `4.2 s`, `3 min 05 s`. */
export function spanText(spanMs: number): string {
  if (spanMs < 60_000) return `${(spanMs / 1000).toFixed(1)} s`
  const seconds = Math.floor((spanMs % 60_000) / 1000)
  return `${Math.floor(spanMs / 60_000)} min ${String(seconds).padStart(2, '0')} s`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`
}
