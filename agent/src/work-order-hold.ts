import { maySledGo } from '@brickyard/model/sled-lifecycle'
import { provenSerial } from '@brickyard/procedures/proven-serial'
import type { WorkOrder } from '@brickyard/procedures/work-order'
import type { SiteOperations } from './operations/site-operations.ts'
import { exclusiveOperation } from './operations/sled-boot.ts'
import type { SledRecord } from './operations/sled-record.ts'
import type { Change, SiteStore } from './store/site-store.ts'

/**
 * What a work order means for its sled, in the transaction that opens or closes it: while it is
 * open, automation leaves the sled alone; once the new sled was proven to be in the slot, or the order
 * was cancelled before anybody began, the hold is lifted and the sled inspected. A hold of somebody else's is never touched.
 */
export interface WorkOrderHold {
  opened(change: Change, order: WorkOrder): void
  done(change: Change, order: WorkOrder): void
  cancelled(change: Change, order: WorkOrder, why: string): void
}

export function createWorkOrderHold(
  site: SiteStore,
  operations: Pick<SiteOperations, 'request'>,
): WorkOrderHold {
  const own = (change: Change, order: WorkOrder): SledRecord | undefined => {
    const record = change.sled(order.subject.sled)
    const ours = record?.state === 'held' && record.reason.startsWith(reasonOf(order))
    return ours ? record : undefined
  }
  /** The hold stays, and says what a person has to do about it. */
  const keep = (change: Change, order: WorkOrder, why: string): void =>
    change.moveSled(order.subject.sled, 'held', `${reasonOf(order)} ${why}`)

  /** Lets the sled go, inspected anew, unless something else stands in the way. */
  function lift(change: Change, order: WorkOrder, why: string): void {
    const record = own(change, order)
    if (record === undefined) return
    if (record.dirty || record.assignment !== null) {
      return keep(change, order, `${why}; the deployment before is not wiped off: recover it`)
    }
    const by = `${reasonOf(order)} by ${order.openedBy}`
    const sled = record.name
    const begun = operations.request({ sled, act: { kind: 'inspect' }, by, actId: null }, change)
    if (!begun.ok) return keep(change, order, `${why}; ${begun.error}`)
    change.moveSled(sled, 'discovered', `${reasonOf(order)} ${why}`)
  }

  return {
    opened(change, order) {
      const record = change.sled(order.subject.sled)
      // What runs, or carries somebody's work, is not taken from them; the procedure waits for it.
      if (record === undefined || record.state === 'in-use' || record.state === 'held') return
      if (exclusiveOperation(site, record.name) !== undefined) return
      if (maySledGo(record.state, 'held')) keep(change, order, `by ${order.openedBy}`)
    },
    done(change, order) {
      if (own(change, order) === undefined) return
      const serial = provenSerial(order)
      if (serial === undefined) {
        return keep(change, order, 'is done, but nothing proved what is in the slot: recover it')
      }
      lift(change, order, `is done: ${serial} answers`)
    },
    cancelled(change, order, why) {
      if (own(change, order) === undefined) return
      if (hasBegun(order)) {
        return keep(change, order, `was cancelled by ${why}; recover it when nobody is at it`)
      }
      lift(change, order, `was cancelled by ${why}`)
    },
  }
}

/** Somebody has done its first step, and may stand at the sled. */
const hasBegun = ({ at, records }: WorkOrder): boolean => at > 0 || records.length > 0

const reasonOf = ({ id }: WorkOrder): string => `work order ${id}`
