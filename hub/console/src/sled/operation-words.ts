import type { Operation } from '@brickyard/api/schemas'

/** The step that matters now: the running one, else the failed one, else the last that ended. */
export function stepNow(operation: Operation): Operation['steps'][number] | undefined {
  const { steps } = operation
  return (
    steps.find(({ state }) => state === 'running') ??
    steps.find(({ state }) => state === 'failed') ??
    steps.findLast(({ state }) => state === 'done')
  )
}

export const isOver = (operation: Operation): boolean =>
  operation.state === 'done' || operation.state === 'failed' || operation.state === 'cancelled'

/** `3 of 9`, counting the steps that have ended. */
export function stepsText(operation: Operation): string {
  const ended = operation.steps.filter(
    ({ state }) => state === 'done' || state === 'skipped',
  ).length
  return `${ended} of ${operation.steps.length} steps`
}

/** Step names come from programs (`set-next-boot`): shown as words. */
export const stepWords = (name: string): string => name.replaceAll('-', ' ')
