import type { Operation } from '@brickyard/api/schemas'
import { Badge } from '../ui/Badge.tsx'
import { Mark } from '../ui/Mark.tsx'
import { Empty, Panel, Progress } from '../ui/Panel.tsx'
import { OPERATION_SAID, OPERATION_TITLE, STEP_SAID } from '../ui/state-words.ts'
import { TONE_TEXT } from '../ui/tone.ts'
import { Ago } from '../ui/Time.tsx'
import { durationText, useNow } from '../ui/time.ts'
import { isOver, stepWords } from './operation-words.ts'

/** One operation with its steps; the running one moves. */
export function OperationSteps(props: {
  operation: Operation | undefined
  title: string
  stale: boolean
}) {
  const { operation } = props
  if (operation === undefined) {
    return (
      <Panel title="Operations" flush>
        <Empty title="No operation has run on this sled.">
          <p>It is inspected when its BMC first answers; a deployment provisions it.</p>
        </Empty>
      </Panel>
    )
  }
  return (
    <Panel
      title={`${props.title}: ${OPERATION_TITLE[operation.kind]}`}
      aside={<Badge said={OPERATION_SAID[operation.state]} stale={props.stale} />}
    >
      <p className="mb-3 flex flex-wrap gap-x-5 gap-y-1 text-xs text-ink-faint">
        <span>
          began <Ago atMs={operation.startedAtMs} />
        </span>
        <span>asked by {operation.requestedBy}</span>
        {operation.deadlineAtMs !== null && !isOver(operation) && (
          <span>
            must end <Ago atMs={operation.deadlineAtMs} />
          </span>
        )}
        {operation.endedAtMs !== null && (
          <span>took {durationText(operation.endedAtMs - operation.startedAtMs)}</span>
        )}
      </p>
      {operation.reason !== null && (
        <p
          className={`mb-3 text-sm ${operation.state === 'failed' ? 'text-bad' : 'text-ink-soft'}`}
        >
          {operation.reason}
        </p>
      )}
      <ol aria-label="Steps">
        {operation.steps.map((step, index) => (
          <StepLine
            key={`${index}-${step.name}`}
            step={step}
            percent={step.state === 'running' ? operation.percent : null}
            last={index === operation.steps.length - 1}
          />
        ))}
      </ol>
    </Panel>
  )
}

function StepLine(props: {
  step: Operation['steps'][number]
  percent: number | null
  last: boolean
}) {
  const { step } = props
  const now = useNow(1000)
  const said = STEP_SAID[step.state]
  const endMs = step.endedAtMs ?? (step.state === 'running' ? now : null)
  return (
    <li className="relative flex gap-3 pb-3 last:pb-0">
      {!props.last && (
        <span
          aria-hidden="true"
          className="absolute top-5 bottom-0 left-[0.4375rem] w-px bg-line"
        />
      )}
      <Mark
        shape={said.shape}
        className={`mt-0.5 ${TONE_TEXT[said.tone]} ${step.state === 'running' ? 'breathe' : ''}`}
      />
      <div className="min-w-0 flex-1">
        <div className="flex justify-between gap-3 text-sm">
          <span className={step.state === 'waiting' ? 'text-ink-faint' : 'text-ink'}>
            {stepWords(step.name)}
            <span className="sr-only">, {said.word}</span>
          </span>
          <span className="shrink-0 font-mono text-xs text-ink-faint">
            {props.percent !== null && (
              <span className="mr-3 text-busy">{props.percent.toFixed(0)} %</span>
            )}
            {step.startedAtMs !== null && endMs !== null && durationText(endMs - step.startedAtMs)}
          </span>
        </div>
        {step.detail !== null && (
          <p className={`text-xs ${step.state === 'failed' ? 'text-bad' : 'text-ink-faint'}`}>
            {step.detail}
          </p>
        )}
        {step.state === 'running' && props.percent !== null && (
          <div className="mt-1.5">
            <Progress percent={props.percent} name={stepWords(step.name)} />
          </div>
        )}
      </div>
    </li>
  )
}
