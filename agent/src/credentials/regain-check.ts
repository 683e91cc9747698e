import type { SledDeclaration } from '@brickyard/model/rack'
import type { SledState } from '@brickyard/model/sled-lifecycle'
import { checkTouchable } from '../operations/adoption-check.ts'
import { ownsSled, type Operation } from '../operations/operation.ts'
import type { SledRecord } from '../operations/sled-record.ts'

/**
 * States in which a sled's feeds may be cut unasked: it is ours and does nobody's work. One in use is
 * never touched: its tenant's server is worth more than its BMC. One that is held is held by a person.
 */
const IDLE: ReadonlySet<SledState> = new Set(['discovered', 'inspected', 'ready', 'failed'])

/** Why the login of a sled's BMC cannot be made anew from the inside; undefined when it can. */
export function checkRegain(
  declared: SledDeclaration,
  record: SledRecord,
  running: Iterable<Operation>,
): string | undefined {
  const { name, state } = record
  if (declared.bmc === undefined) return `${name} has no BMC`
  if ((declared.feeds ?? []).length === 0) {
    return `no outlet is declared to feed ${name}: without a login nothing else switches it`
  }
  const untouchable = checkTouchable(declared, record)
  if (untouchable !== undefined) return untouchable
  if (!IDLE.has(state)) return `${name} is ${state}: its feeds are not cut unasked`
  for (const operation of running) {
    const { kind, sled, id } = operation
    if (sled === name && ownsSled(operation)) return `${name} is busy: ${kind} ${id}`
  }
  return undefined
}
