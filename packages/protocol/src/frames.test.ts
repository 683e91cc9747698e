import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEvent } from './events.ts'
import { decodeHubFrame, decodeSiteFrame, encodeFrame, FRAME_CHARS_MAX } from './frames.ts'

interface Vector {
  readonly name: string
  readonly from: 'site' | 'hub'
  readonly text: string
  readonly rejected?: boolean
}

const folder = new URL('../vectors/', import.meta.url)
const files = readdirSync(folder).filter((name) => /^frames-v\d+\.jsonl$/.test(name))
const vectors = files.flatMap((file) =>
  readFileSync(new URL(file, folder), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Vector),
)

const decode = ({ from, text }: Pick<Vector, 'from' | 'text'>) =>
  from === 'site' ? decodeSiteFrame(text) : decodeHubFrame(text)

describe('captured frames', () => {
  const good = vectors.filter(({ rejected }) => rejected !== true)
  const bad = vectors.filter(({ rejected }) => rejected === true)

  it.each(good)('$name ($from) is read as it was', (vector) => {
    const frame = decode(vector)
    if (!frame.ok) throw new Error(frame.error)
    // Fields of later releases are let through or left out; nothing of ours may change.
    expect(JSON.parse(vector.text)).toMatchObject(JSON.parse(encodeFrame(frame.value)) as object)
  })

  it.each(bad)('$name ($from) is refused with a reason', (vector) => {
    const frame = decode(vector)
    expect(frame.ok ? 'was read' : frame.error).toMatch(/^a frame /)
  })

  it('cover every kind there is', () => {
    const kinds = new Set(
      good.map(({ from, text }) => `${from} ${(JSON.parse(text) as { kind: string }).kind}`),
    )
    expect([...kinds].sort()).toEqual([
      'hub ack',
      'hub act',
      'hub certificate',
      'hub heard',
      'hub journal-held',
      'hub refused',
      'hub stream-ask',
      'hub stream-close',
      'hub stream-credit',
      'hub stream-data',
      'hub stream-open',
      'hub upgrade',
      'hub wanted',
      'hub welcome',
      'site alive',
      'site events',
      'site hello',
      'site journal-ask',
      'site readings',
      'site renew',
      'site stream-close',
      'site stream-credit',
      'site stream-data',
      'site stream-told',
      'site wanted-report',
      'site wanted-resend',
    ])
  })
})

describe('decoding', () => {
  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        decodeSiteFrame(text)
        decodeHubFrame(text)
      }),
    )
  })

  it('never throws over a frame that was bent', () => {
    const bent = fc.tuple(fc.constantFrom(...vectors), fc.nat(), fc.string({ maxLength: 4 }))
    fc.assert(
      fc.property(bent, ([{ from, text }, at, put]) => {
        const cut = at % (text.length + 1)
        decode({ from, text: text.slice(0, cut) + put + text.slice(cut + put.length) })
      }),
    )
  })

  it('refuses a frame that is too long before it reads it', () => {
    const frame = decodeSiteFrame(' '.repeat(FRAME_CHARS_MAX + 1))
    expect(frame).toMatchObject({
      ok: false,
      error: `a frame of ${FRAME_CHARS_MAX + 1} characters`,
    })
  })

  it('reads an event or says that it cannot, for any kind and body', () => {
    const kinds = fc.oneof(fc.string(), fc.constantFrom('sled.state', '__proto__', 'toString'))
    fc.assert(
      fc.property(kinds, fc.jsonValue(), (kind, body) => {
        readEvent({ seq: 1, atMs: 0, kind, body })
      }),
    )
  })
})
