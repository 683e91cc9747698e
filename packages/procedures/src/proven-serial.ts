import type { WorkOrder } from './work-order.ts'

/**
 * The serial that a machine found in the slot at the end: typed by a person and then read back by
 * the last `serial-in-slot` check of the work order. Undefined while that check has not passed, and
 * when a person went on without it.
 */
export function provenSerial({ procedure, records, serials }: WorkOrder): string | undefined {
  const proof = procedure.steps.findLast(
    (step) => step.kind === 'check' && step.check === 'serial-in-slot',
  )
  if (proof?.kind !== 'check' || proof.serial === undefined) return undefined
  const last = records.findLast(({ step }) => step === proof.id)
  return last?.outcome === 'done' ? serials[proof.serial] : undefined
}
