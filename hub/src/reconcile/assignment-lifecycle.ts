import type { Assignment, Deployment } from '@brickyard/api/schemas'
import type { OperationRecord } from '@brickyard/protocol/events'

type AssignmentState = Assignment['state']
type DeploymentState = Deployment['state']

export interface AssignmentStep {
  readonly state: AssignmentState
  readonly reason: string | null
}

/** Where an operation of the site brings its assignment; undefined: it changes nothing. */
export function nextAssignment(
  state: AssignmentState,
  operation: Pick<OperationRecord, 'kind' | 'state' | 'reason'>,
): AssignmentStep | undefined {
  if (state === 'released') return undefined
  if (operation.kind === 'provision') {
    // Once it is being given back, what a provision still says is history.
    if (state === 'releasing') return undefined
    return step(operation, 'provisioning', 'in-use')
  }
  if (operation.kind === 'release') return step(operation, 'releasing', 'released')
  return undefined
}

function step(
  { state, reason }: Pick<OperationRecord, 'state' | 'reason'>,
  during: AssignmentState,
  after: AssignmentState,
): AssignmentStep {
  switch (state) {
    case 'waiting':
    case 'running':
      return { state: during, reason }
    case 'done':
      return { state: after, reason: null }
    case 'failed':
      return { state: 'failed', reason: reason ?? 'the site gave no reason' }
    case 'cancelled':
      return { state: 'failed', reason: reason ?? 'it was cancelled at the site' }
  }
}

/** The state of a deployment follows from its assignments alone. */
export function deploymentState(
  decision: string,
  assignments: readonly Pick<Assignment, 'state' | 'wanted'>[],
): DeploymentState {
  if (decision === 'refused') return 'refused'
  const all = (state: AssignmentState): boolean => assignments.every((a) => a.state === state)
  if (all('released')) return 'released'
  if (assignments.some((a) => a.state === 'failed')) return 'failed'
  if (assignments.some((a) => a.wanted === 'released')) return 'releasing'
  return all('in-use') ? 'in-use' : 'provisioning'
}
