import type { BootTraceAnswer } from '@brickyard/api/boot-schemas'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { bootsQuery } from '../api/queries.ts'
import { Answer } from '../ui/Answer.tsx'
import { Badge } from '../ui/Badge.tsx'
import { Icon } from '../ui/Icon.tsx'
import { Mark } from '../ui/Mark.tsx'
import { Empty, Mono, Panel } from '../ui/Panel.tsx'
import { BOOT_LINE_SAID, BOOT_SAID } from '../ui/state-words.ts'
import { Ago, AsOf } from '../ui/Time.tsx'
import { durationText } from '../ui/time.ts'
import { TONE_TEXT } from '../ui/tone.ts'
import { Watches } from './Watches.tsx'

type Trace = NonNullable<BootTraceAnswer['trace']>
type Boot = Trace['attempts'][number]
type Line = Boot['lines'][number]

/** Boots listed before somebody asks for all that the site keeps. */
const SHOWN_AT_FIRST = 6

/** How the sled booted: the site's own trace, asked of it now, or what it said last. */
export function Boots({ site, sled }: { site: string; sled: string }) {
  const boots = useQuery(bootsQuery(site, sled))
  const stale = boots.data !== undefined && boots.data.problem !== null
  return (
    <Panel
      title="Boots"
      aside={stale ? <AsOf atMs={boots.data.receivedAtMs} /> : 'as its site tells it now'}
      flush
    >
      <Answer query={boots}>
        {({ trace, problem }) => (
          <>
            {problem !== null && (
              <p className="border-b border-line px-4 py-2 text-sm text-ink-soft">
                {trace === null
                  ? `Nothing is known here: ${problem}.`
                  : `Not asked now: ${problem}.`}
              </p>
            )}
            {trace !== null && <TraceBody trace={trace} stale={stale} />}
          </>
        )}
      </Answer>
    </Panel>
  )
}

function TraceBody({ trace, stale }: { trace: Trace; stale: boolean }) {
  /** When the open boot began: a newer one must not close what somebody reads. */
  const [picked, setPicked] = useState<number | null>()
  const [all, setAll] = useState(false)
  const { attempts } = trace
  const open = picked === undefined ? attempts[0]?.startedAtMs : picked
  const shown = all ? attempts : attempts.slice(0, SHOWN_AT_FIRST)
  return (
    <>
      {(trace.findings ?? []).map((text) => (
        <p key={text} className="border-b border-line bg-warn-wash px-4 py-2.5 text-sm">
          {text}
        </p>
      ))}
      {attempts.length === 0 ? (
        <Empty title="Nothing was heard of this sled.">
          <p>No DHCP message came from its NICs to any network on which the site listens.</p>
        </Empty>
      ) : (
        <ul>
          {shown.map((boot) => (
            <BootItem
              key={`${boot.startedAtMs} ${boot.mac}`}
              boot={boot}
              stale={stale}
              open={boot.startedAtMs === open}
              toggle={() => setPicked(boot.startedAtMs === open ? null : boot.startedAtMs)}
            />
          ))}
        </ul>
      )}
      {shown.length < attempts.length && (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="w-full border-t border-line px-4 py-2 text-left text-sm text-ink-soft hover:bg-raised"
        >
          Show all {attempts.length} boots
        </button>
      )}
      <Watches watches={trace.watches} open={attempts.length === 0} />
    </>
  )
}

function BootItem(props: { boot: Boot; stale: boolean; open: boolean; toggle: () => void }) {
  const { boot, stale, open } = props
  const id = useId()
  return (
    <li className="border-b border-line last:border-b-0">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={props.toggle}
        className="grid w-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 px-4 py-2.5 text-left text-sm hover:bg-raised sm:grid-cols-[8rem_minmax(0,1fr)_auto]"
      >
        <span>
          <Badge said={BOOT_SAID[boot.state]} stale={stale} />
        </span>
        <span className="order-3 col-span-2 min-w-0 sm:order-none sm:col-span-1">
          {boot.summary}
        </span>
        <span className="flex items-center gap-2 text-xs text-ink-faint">
          <Ago atMs={boot.startedAtMs} />
          <span className={open ? 'rotate-180' : ''}>
            <Icon name="chevron" />
          </span>
        </span>
      </button>
      <div id={id} hidden={!open}>
        {open && <Timeline boot={boot} stale={stale} />}
      </div>
    </li>
  )
}

function Timeline({ boot, stale }: { boot: Boot; stale: boolean }) {
  return (
    <div className="grid gap-3 px-4 pt-1 pb-4">
      <p className="flex flex-wrap gap-x-5 gap-y-1 text-xs text-ink-faint">
        <span>
          by <Mono>{boot.mac}</Mono> on {boot.network}
        </span>
        <span>
          last heard <Ago atMs={boot.lastAtMs} />
        </span>
      </p>
      {boot.findings.map((text) => (
        <p key={text} className="flex gap-2 text-sm text-warn">
          <Mark shape="triangle" className="mt-0.5" />
          {text}
        </p>
      ))}
      <ol aria-label="Timeline of this boot">
        {boot.lines.map((line, at) => (
          <TimelineLine
            key={`${at} ${line.text}`}
            line={line}
            startedAtMs={boot.startedAtMs}
            stale={stale}
          />
        ))}
      </ol>
    </div>
  )
}

function TimelineLine(props: { line: Line; startedAtMs: number; stale: boolean }) {
  const { line } = props
  const said = BOOT_LINE_SAID[line.tone]
  return (
    <li className="grid grid-cols-[4.5rem_1rem_minmax(0,1fr)] gap-x-2 py-1 text-sm">
      <span className="text-right font-mono text-xs leading-5 text-ink-faint">
        +{durationText(line.atMs - props.startedAtMs)}
      </span>
      <Mark
        shape={said.shape}
        className={`mt-0.5 ${TONE_TEXT[props.stale ? 'rest' : said.tone]}`}
      />
      <div className="min-w-0">
        <p className={`break-words ${line.part === 'answer' ? 'text-ink-soft' : ''}`}>
          {line.text}
          {line.count > 1 && <span className="text-ink-faint"> ({line.count} times)</span>}
          {said.word !== '' && <span className="sr-only">, {said.word}</span>}
        </p>
        {line.details.map((detail) => (
          <p key={detail} className="text-xs break-words text-ink-faint">
            {detail}
          </p>
        ))}
      </div>
    </li>
  )
}
