import type { OperationRecord } from '@brickyard/protocol/events'
import { isOver, type Operation, type TrailStep } from './operation.ts'

type StepView = OperationRecord['steps'][number]

/** An operation as the hub and people see it. Holds no secret. */
export function operationView(operation: Operation): OperationRecord {
  return {
    id: operation.id,
    sled: operation.sled,
    kind: operation.kind,
    state: operation.state,
    reason: operation.reason ?? operation.failing ?? operation.trouble,
    assignment: operation.assignment?.id ?? null,
    act: operation.act,
    requestedBy: operation.requestedBy,
    steps: [...operation.trail.map(stepView), ...ahead(operation)],
    startedAtMs: operation.startedAtMs,
    deadlineAtMs: operation.deadlineAtMs,
    endedAtMs: operation.endedAtMs,
  }
}

const stepView = (step: TrailStep): StepView => ({
  name: step.name.slice(0, 80),
  state: step.state,
  startedAtMs: step.startedAtMs,
  endedAtMs: step.endedAtMs,
  detail: step.detail,
})

/** What it waits for, as a last line: a person sees why nothing seems to happen. */
function ahead(operation: Operation): StepView[] {
  if (isOver(operation) || operation.trail.at(-1)?.state === 'running') return []
  const name = waitingFor(operation)
  if (name === undefined) return []
  return [{ name, state: 'waiting', startedAtMs: null, endedAtMs: null, detail: operation.trouble }]
}

function waitingFor(operation: Operation): string | undefined {
  switch (operation.stage) {
    case 'installer':
      return operation.install?.phase === 'awaiting-claim'
        ? 'the installer to call back'
        : 'the installer to ask for its next step'
    case 'first-boot':
      return 'the installed OS to call back'
    case 'fetch-image':
      return 'the image'
    case 'await-hub':
      return 'the hub to keep the sealed login, and the sled to be free'
    case 'make-login':
    case 'try-login':
    case 'seal-login':
    case 'write-login':
    case 'prove-login':
    case 'switch-login':
    case 'retire-login':
    case 'read-bmc':
    case 'boot-network':
    case 'power-to-network':
    case 'power-off':
    case 'power':
    case 'identify':
    case 'restart-bmc':
    case 'make-safe':
      return operation.tries > 0 ? 'the BMC' : undefined
    case 'conclude':
      return undefined
  }
}
