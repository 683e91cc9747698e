import type { SledName } from '@brickyard/model/names'
import type { SledDeclaration } from '@brickyard/model/rack'
import { describePlace } from '@brickyard/open19/place'
import { REGAIN_A_BMC } from '@brickyard/procedures/regain-a-bmc'
import type { Log } from '@brickyard/runtime/log'
import type { WorkOrderDesk } from '../site-page/work-order-desk.ts'
import type { SiteStore } from '../store/site-store.ts'
import type { Troubles } from '../troubles.ts'
import type { LockedOut } from './login-watch.ts'

/** Rounds of all logins that were refused before a person is sent: one may have been a hiccup. */
const ROUNDS_BEFORE_ORDER = 2

/**
 * What follows when a BMC takes no login that is known: a trouble at once and, for a sled that was
 * ours before, a work order once it stays so. A tenant with root can do this to every BMC it sits on.
 */
export function createLostLogins(parts: {
  readonly site: SiteStore
  readonly declared: (sled: SledName) => SledDeclaration | undefined
  readonly troubles: Troubles
  readonly workOrders: () => WorkOrderDesk
  readonly log: Log
}): (sled: SledName, locked: LockedOut | undefined) => void {
  const { site, troubles, log } = parts
  return (sled, locked) => {
    troubles.set(`bmc-login/${sled}`, locked?.reason)
    if (locked === undefined) return callBack(parts.workOrders(), sled)
    if (locked.rounds < ROUNDS_BEFORE_ORDER) return
    const record = site.sleds.get(sled)
    const declaration = parts.declared(sled)
    if (record === undefined || declaration === undefined) return
    // Of one that never let us in the factory login is missing: the trouble says so, nobody need go.
    if (record.state === 'seen' || record.state === 'adopted') return
    const workOrders = parts.workOrders()
    if (workOrders.openOn(sled) !== undefined) return
    const serial = record.facts?.serial ?? declaration.serial
    const subject = {
      place: describePlace(declaration.position),
      ...(serial === undefined ? {} : { expectedSerial: serial }),
    }
    const opened = workOrders.open(REGAIN_A_BMC, sled, subject, 'site')
    if (!opened.ok) log.warn('no work order could be opened', { sled, why: opened.error })
  }
}

/** A BMC that lets us in again by itself: nobody who has not begun yet need go. */
function callBack(workOrders: WorkOrderDesk, sled: SledName): void {
  const id = workOrders.openOn(sled)
  const order = id === undefined ? undefined : workOrders.get(id)
  if (order?.procedure.id !== REGAIN_A_BMC.id || order.at > 0) return
  workOrders.tell(order.id, {
    kind: 'cancel',
    by: 'site',
    reason: 'its BMC takes a login again, and nobody had begun',
  })
}
