import type { SledName } from '@brickyard/model/names'
import type { SledDeclaration } from '@brickyard/model/rack'
import { describePlace } from '@brickyard/open19/place'
import { REGAIN_A_BMC } from '@brickyard/procedures/regain-a-bmc'
import type { Log } from '@brickyard/runtime/log'
import type { Result } from '@brickyard/std/result'
import type { Operation } from '../operations/operation.ts'
import type { WorkOrderDesk } from '../site-page/work-order-desk.ts'
import type { SiteStore } from '../store/site-store.ts'
import type { Troubles } from '../troubles.ts'
import type { LockedOut } from './login-watch.ts'

/** Rounds of all logins that were refused before a person is sent: one may have been a hiccup. */
const ROUNDS_BEFORE_ORDER = 2

export interface LostLogins {
  /** Every login of a BMC is refused, or (undefined) one works again. */
  lockedOut(sled: SledName, locked: LockedOut | undefined): void
  /** A login was made anew from the inside, or (a reason) could not be. */
  regained(sled: SledName, trouble: string | undefined): void
}

/**
 * What follows when a BMC takes no login that is known: a trouble at once and, for a sled that was
 * ours before, once it stays so, a new login from the inside; where that may not be or comes to
 * nothing, a work order. A tenant with root can do this to every BMC it sits on.
 */
export function createLostLogins(parts: {
  readonly site: SiteStore
  readonly declared: (sled: SledName) => SledDeclaration | undefined
  readonly regain: (sled: SledName) => Result<Operation>
  readonly troubles: Troubles
  readonly workOrders: () => WorkOrderDesk
  readonly log: Log
}): LostLogins {
  const { site, troubles, log } = parts
  /** Why a login could not be made anew: it is tried once for every loss, then a person goes. */
  const inVain = new Map<SledName, string>()

  function sendPerson(sled: SledName): void {
    const record = site.sleds.get(sled)
    const declaration = parts.declared(sled)
    if (record === undefined || declaration === undefined) return
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

  return {
    lockedOut(sled, locked) {
      const why = inVain.get(sled)
      const tried = why === undefined ? '' : `; a new one could not be made from the inside: ${why}`
      troubles.set(`bmc-login/${sled}`, locked && `${locked.reason}${tried}`)
      if (locked === undefined) {
        inVain.delete(sled)
        return callBack(parts.workOrders(), sled)
      }
      if (locked.rounds < ROUNDS_BEFORE_ORDER) return
      const state = site.sleds.get(sled)?.state
      // Of one that never let us in the factory login is missing: the trouble says so, nobody need go.
      if (state === 'seen' || state === 'adopted') return
      const underWay = [...site.running.values()].some(
        (operation) => operation.kind === 'regain-bmc' && operation.sled === sled,
      )
      if (underWay || parts.workOrders().openOn(sled) !== undefined) return
      if (why === undefined) {
        const begun = parts.regain(sled)
        if (begun.ok) return
        log.info('a login of a BMC is not made anew from the inside', { sled, why: begun.error })
      }
      sendPerson(sled)
    },
    regained(sled, trouble) {
      if (trouble === undefined) return void inVain.delete(sled)
      inVain.set(sled, trouble)
      log.warn('a login of a BMC could not be made anew from the inside', { sled, why: trouble })
      sendPerson(sled)
    },
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
