import type { Sled } from '@brickyard/api/schemas'
import { waysOut, type SledState } from '@brickyard/model/sled-lifecycle'
import { Link } from '@tanstack/react-router'
import { Mark } from '../ui/Mark.tsx'
import { SLED_SAID } from '../ui/state-words.ts'
import { TONE_TEXT, TONE_WASH } from '../ui/tone.ts'
import { Ago } from '../ui/Time.tsx'

/** The way a sled goes when nothing happens to it. */
const MAIN_WAY: readonly SledState[] = [
  'seen',
  'discovered',
  'inspected',
  'ready',
  'reserved',
  'provisioning',
  'in-use',
  'releasing',
]

/** Where the sled stands in its life, why, since when, until when, and the ways on from here. */
export function Lifecycle({ sled }: { sled: Sled }) {
  const at = MAIN_WAY.indexOf(sled.state)
  return (
    <section aria-label="Life of the sled" className="panel px-4 py-3.5">
      <ol className="flex flex-wrap items-center gap-x-1 gap-y-1.5">
        {MAIN_WAY.map((state, index) => (
          <li
            key={state}
            className="flex items-center gap-1"
            aria-current={index === at ? 'step' : undefined}
          >
            {index > 0 && (
              <span aria-hidden="true" className="hidden h-px w-5 bg-line-strong sm:block" />
            )}
            <Stop state={state} here={index === at} passed={at > index} stale={sled.stale} />
          </li>
        ))}
        {at < 0 && (
          <li aria-current="step" className="ml-2 flex items-center">
            <Stop state={sled.state} here passed={false} stale={sled.stale} />
          </li>
        )}
      </ol>
      {sled.stateReason !== null && <p className="mt-3 text-sm">{sled.stateReason}</p>}
      <p className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-xs text-ink-faint">
        {sled.stateSinceMs !== null && (
          <span>
            since <Ago atMs={sled.stateSinceMs} />
          </span>
        )}
        {sled.stateDeadlineMs !== null && (
          <span>
            deadline <Ago atMs={sled.stateDeadlineMs} />
          </span>
        )}
        {waysOut(sled.state).length > 0 && (
          <span>
            from here:{' '}
            {waysOut(sled.state)
              .map((state) => SLED_SAID[state].word)
              .join(', ')}
          </span>
        )}
        {sled.deployment !== null && (
          <span>
            carries{' '}
            <Link to="/deployments/$id" params={{ id: sled.deployment }} className="link text-ink">
              its deployment
            </Link>
          </span>
        )}
      </p>
    </section>
  )
}

function Stop(props: { state: SledState; here: boolean; passed: boolean; stale: boolean }) {
  const said = SLED_SAID[props.state]
  const tone = props.stale ? 'rest' : said.tone
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-md px-1.5 py-0.5 text-xs whitespace-nowrap ${
        props.here
          ? `${TONE_WASH[tone]} ${TONE_TEXT[tone]} font-semibold`
          : props.passed
            ? 'text-ink-soft'
            : 'text-ink-faint'
      }`}
    >
      {(props.here || props.passed) && (
        <Mark shape={props.here ? said.shape : 'check'} className="size-3" />
      )}
      {said.word}
    </span>
  )
}
