import type { Sled } from '@brickyard/api/schemas'
import { markShape } from '../ui/Mark.tsx'
import { POWER_SAID } from '../ui/state-words.ts'
import { TONE_VALUE, TONE_WASH_VALUE } from '../ui/tone.ts'
import type { Box, Brick } from './plan.ts'
import { lookOf, type SledLook } from './sled-look.ts'

/** Below this width a brick shows its power by its shape alone. */
const WIDE_ENOUGH = 170

/** One sled in the rack: name, state by shape, word and tone, power, and what it is doing. */
export function BrickDrawing({ brick }: { brick: Brick }) {
  const { sled, box } = brick
  const look = lookOf(sled)
  const tone = look.stale ? 'rest' : look.said.tone
  const middleY = box.y + box.height / 2
  return (
    <>
      <title>{`${sled.name}, ${look.said.word}${look.stale ? ', as last reported' : ''}`}</title>
      <desc>{sentence(sled, look, brick.place)}</desc>
      <rect
        className="brick-face"
        {...box}
        rx="5"
        fill={look.unseen || look.stale ? 'var(--surface)' : TONE_WASH_VALUE[tone]}
        stroke={look.unseen ? 'var(--ink-faint)' : edge(tone)}
        strokeWidth={look.unseen ? 1.4 : 1}
        strokeDasharray={look.unseen ? '5 4' : undefined}
      />
      {look.pending && (
        <rect
          x={box.x + 3}
          y={box.y + 3}
          width={box.width - 6}
          height={box.height - 6}
          rx="3"
          fill="none"
          stroke={TONE_VALUE.busy}
          strokeWidth="1.2"
        />
      )}
      <svg
        x={box.x + 9}
        y={middleY - 8}
        width="16"
        height="16"
        viewBox="0 0 16 16"
        style={{ color: TONE_VALUE[tone] }}
      >
        {markShape(look.said.shape)}
      </svg>
      <text x={box.x + 32} y={middleY - 3} className="fill-ink text-[12.5px] font-semibold">
        {sled.name}
      </text>
      <text x={box.x + 32} y={middleY + 12} className="text-[11px]" fill={TONE_VALUE[tone]}>
        {look.said.word}
        {look.pending ? ', pending' : ''}
      </text>
      <Power sled={sled} look={look} box={box} />
    </>
  )
}

/** Power at the right edge: a shape, and where there is room its word and the sled's address. */
function Power({ sled, look, box }: { sled: Sled; look: SledLook; box: Box }) {
  const power = POWER_SAID[sled.power]
  const lit = sled.power === 'on' && !look.stale
  const right = box.x + box.width - 10
  const middleY = box.y + box.height / 2
  return (
    <>
      <svg
        x={right - 12}
        y={middleY - 13}
        width="12"
        height="12"
        viewBox="0 0 16 16"
        style={{ color: lit ? 'var(--good)' : 'var(--ink-faint)' }}
      >
        {markShape(power.shape)}
      </svg>
      {box.width >= WIDE_ENOUGH && (
        <>
          <text
            x={right - 16}
            y={middleY - 3}
            textAnchor="end"
            className="fill-ink-soft text-[11px]"
          >
            power {power.word}
          </text>
          <text
            x={right}
            y={middleY + 12}
            textAnchor="end"
            className="fill-ink-faint font-mono text-[10px]"
          >
            {sled.address ?? ''}
          </text>
        </>
      )}
    </>
  )
}

const edge = (tone: SledLook['said']['tone']): string =>
  tone === 'rest'
    ? 'var(--line-strong)'
    : `color-mix(in oklab, ${TONE_VALUE[tone]} 45%, transparent)`

function sentence(sled: Sled, look: SledLook, place: string): string {
  return [
    place,
    look.said.word,
    look.unseen ? 'declared here, not seen' : undefined,
    look.pending ? 'a change is pending' : undefined,
    `power ${sled.power}`,
    look.stale ? 'the site is away, these are its last values' : undefined,
    sled.stateReason ?? undefined,
  ]
    .filter((each) => each !== undefined)
    .join('; ')
}
