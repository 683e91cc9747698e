import { describe, expect, it } from 'vitest'
import { parseCsv } from './csv.ts'

const cells = (text: string): unknown => {
  const read = parseCsv(text)
  return read.ok ? read.value.map((record) => [record.line, ...record.cells]) : read.error
}

describe('comma-separated values', () => {
  it('are read with quotes, doubled quotes, line breaks inside and CRLF', () => {
    expect(cells('a,b\r\n"x,""y"" z",2\r\n"two\r\nlines",3')).toEqual([
      [1, 'a', 'b'],
      [2, 'x,"y" z', '2'],
      [3, 'two\nlines', '3'],
    ])
  })

  it('keep the number of the line over blank lines and remarks', () => {
    expect(cells('\uFEFFa,b\n\n# remark, "not read\n1,\n')).toEqual([
      [1, 'a', 'b'],
      [4, '1', ''],
    ])
  })

  it('are refused where a quote stays open or text follows a closed one', () => {
    expect(cells('a\n"b\nc')).toEqual({ line: 2, message: 'a quote that is never closed' })
    expect(cells('a\n"b"c')).toEqual({ line: 2, message: 'text behind the closing quote' })
    expect(cells('')).toEqual([])
  })
})
