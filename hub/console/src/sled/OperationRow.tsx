import type { Operation } from '@brickyard/api/schemas'
import { Progress } from '../ui/Panel.tsx'
import { SledLink } from '../ui/SledLink.tsx'
import { OPERATION_TITLE } from '../ui/state-words.ts'
import { durationText, useNow } from '../ui/time.ts'
import { stepNow, stepsText, stepWords } from './operation-words.ts'

/** A running operation in one line: what, where, which step, how far, since when. */
export function OperationRow({ operation }: { operation: Operation }) {
  const now = useNow(1000)
  const step = stepNow(operation)
  const name = `${OPERATION_TITLE[operation.kind]} ${operation.site}/${operation.sled}`
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-5 gap-y-1.5 border-b border-line px-4 py-2.5 last:border-b-0 md:grid-cols-[20rem_minmax(0,1fr)_6rem]">
      <div className="min-w-0 text-sm">
        <span className="text-ink-soft">{OPERATION_TITLE[operation.kind]} </span>
        <SledLink site={operation.site} sled={operation.sled} />
      </div>
      <div className="order-3 col-span-2 min-w-0 md:order-none md:col-span-1">
        <div className="mb-1 flex justify-between gap-3 text-xs text-ink-soft">
          <span className="truncate">
            {step === undefined ? 'waiting to begin' : stepWords(step.name)}
            {operation.percent !== null && ` · ${Math.floor(operation.percent)} %`}
          </span>
          <span className="shrink-0 text-ink-faint">{stepsText(operation)}</span>
        </div>
        <Progress percent={operation.percent} name={`${name}, running step`} />
      </div>
      <div className="text-right font-mono text-xs text-ink-faint">
        {durationText(now - operation.startedAtMs)}
      </div>
    </li>
  )
}
