import { Mark } from './Mark.tsx'
import type { Said } from './state-words.ts'
import { TONE_TEXT, TONE_WASH } from './tone.ts'

/**
 * A state as shape, word and tone. A stale one keeps its shape and word and loses its colour:
 * nothing that may no longer be true is ever green.
 */
export function Badge({ said, stale = false }: { said: Said; stale?: boolean }) {
  const tone = stale ? 'rest' : said.tone
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-md px-1.5 py-0.5 text-xs font-medium whitespace-nowrap ${TONE_WASH[tone]} ${TONE_TEXT[tone]} ${stale ? 'border border-dashed border-line-strong' : 'border border-transparent'}`}
    >
      <Mark shape={said.shape} className="size-3" />
      {said.word}
    </span>
  )
}

/** The same without the box, for dense tables. */
export function PlainBadge({ said, stale = false }: { said: Said; stale?: boolean }) {
  return (
    <span
      className={`inline-flex items-center gap-1.5 text-sm whitespace-nowrap ${TONE_TEXT[stale ? 'rest' : said.tone]}`}
    >
      <Mark shape={said.shape} className="size-3" />
      {said.word}
    </span>
  )
}
