import type { TaskOutcome } from '@brickyard/redfish/task-machine'
import type { UpdateReport } from '../firmware.ts'

/**
 * What became of an update, from what its task said and what reads back. Only a version that changed
 * is a success: tasks say "completed" of what was never applied, and "failed" of what was.
 */
export function checkUpdate(
  outcome: TaskOutcome | undefined,
  versions: { readonly before: string | undefined; readonly after: string | undefined },
  staged: boolean,
): UpdateReport['end'] {
  const { before, after } = versions
  if (after !== undefined && before !== undefined && after !== before) return 'applied'
  switch (outcome?.end) {
    case 'completed':
      return staged
        ? 'staged'
        : before === undefined || after === undefined
          ? 'unknown'
          : 'unchanged'
    case 'failed':
    case 'cancelled':
      return 'failed'
    case 'vanished':
    case 'unfinished':
    case undefined:
      return 'unknown'
  }
}
