import { err, ok, type Result } from '@brickyard/std/result'

/** A record of a CSV file, and the line it begins in, from 1. */
export interface CsvRecord {
  readonly line: number
  readonly cells: readonly string[]
}

/** What is wrong with the form of a file, and where. */
export interface CsvFault {
  readonly line: number
  readonly message: string
}

/**
 * Reads comma-separated values (RFC 4180): quotes around a cell, doubled inside, and line breaks in
 * them; CRLF or LF. Blank lines and lines that begin with `#` are left out; a byte order mark is too.
 */
export function parseCsv(text: string): Result<CsvRecord[], CsvFault> {
  const records: CsvRecord[] = []
  let cells: string[] = []
  let cell = ''
  let line = 1
  let beginsAt = 1
  let quoted: 'no' | 'inside' | 'after' = 'no'
  const endCell = (): void => {
    cells.push(cell)
    cell = ''
    quoted = 'no'
  }
  const endRecord = (): void => {
    endCell()
    const blank = cells.length === 1 && cells[0]?.trim() === ''
    if (!blank && cells[0]?.startsWith('#') !== true) records.push({ line: beginsAt, cells })
    cells = []
  }
  const content = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  for (let at = 0; at < content.length; at++) {
    const letter = content.charAt(at)
    if (letter === '\n') line++
    if (quoted === 'inside') {
      if (letter !== '"') cell += letter
      else if (content.charAt(at + 1) === '"') cell += content.charAt(++at)
      else quoted = 'after'
    } else if (letter === ',') endCell()
    else if (letter === '\n') {
      endRecord()
      beginsAt = line
    } else if (letter === '"' && cell === '' && quoted === 'no') quoted = 'inside'
    else if (quoted === 'after') return err({ line, message: 'text behind the closing quote' })
    else cell += letter
  }
  if (quoted === 'inside') return err({ line: beginsAt, message: 'a quote that is never closed' })
  if (cell !== '' || cells.length > 0 || quoted === 'after') endRecord()
  return ok(records)
}
