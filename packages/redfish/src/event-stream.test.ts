import { describe, expect, it } from 'vitest'
import { createEventDecoder } from './event-stream.ts'

describe('a stream of events', () => {
  it('gives whole events, whatever pieces they come in', () => {
    const text =
      ': kept alive\n\nid: 1\ndata: {"a":\ndata: 1}\n\nevent: x\r\ndata:{"b":\r\ndata:2}\r\n\r\n'
    for (const size of [1, 2, 3, 7, text.length]) {
      const decoder = createEventDecoder()
      const found: unknown[] = []
      for (let at = 0; at < text.length; at += size) {
        found.push(...decoder.take(text.slice(at, at + size)))
      }
      expect(found).toEqual([{ a: 1 }, { b: 2 }])
    }
  })

  it('passes over rubbish and over an event that never ends, and hears the next one', () => {
    const decoder = createEventDecoder()
    expect(decoder.take('data: {"half"\n\nnonsense\n\ndata: [1]\n\n')).toEqual([{}])
    const piece = `data: ${'x'.repeat(64 * 1024)}\n`
    for (let n = 0; n < 64; n++) expect(decoder.take(piece)).toEqual([])
    expect(decoder.take('\n\ndata: {"ok":true}\n\n')).toEqual([{ ok: true }])
  })
})
