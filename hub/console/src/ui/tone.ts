/** What colour may say, and nothing else says it in colour. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'rest' | 'alien'

export const TONE_TEXT: Readonly<Record<Tone, string>> = {
  good: 'text-good',
  busy: 'text-busy',
  warn: 'text-warn',
  bad: 'text-bad',
  rest: 'text-rest',
  alien: 'text-alien',
}

export const TONE_WASH: Readonly<Record<Tone, string>> = {
  good: 'bg-good-wash',
  busy: 'bg-busy-wash',
  warn: 'bg-warn-wash',
  bad: 'bg-bad-wash',
  rest: 'bg-rest-wash',
  alien: 'bg-alien-wash',
}

/** The same tones for SVG, where classes do not reach `fill` in a handy way. */
export const TONE_VALUE: Readonly<Record<Tone, string>> = {
  good: 'var(--good)',
  busy: 'var(--busy)',
  warn: 'var(--warn)',
  bad: 'var(--bad)',
  rest: 'var(--rest)',
  alien: 'var(--alien)',
}

export const TONE_WASH_VALUE: Readonly<Record<Tone, string>> = {
  good: 'var(--good-wash)',
  busy: 'var(--busy-wash)',
  warn: 'var(--warn-wash)',
  bad: 'var(--bad-wash)',
  rest: 'var(--rest-wash)',
  alien: 'var(--alien-wash)',
}
