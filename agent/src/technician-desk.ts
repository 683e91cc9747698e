import type { FetchHandler } from '@brickyard/runtime/http'
import type { WorkOrder, WorkOrderNews } from '@brickyard/procedures/work-order'
import type { EventBody } from '@brickyard/protocol/events'
import type { AgentPorts } from './agent-ports.ts'
import type { SiteOperations } from './operations/site-operations.ts'
import { createSitePage } from './site-page/site-page.ts'
import { createWorkOrderDesk, type WorkOrderDesk } from './site-page/work-order-desk.ts'
import { createWorkOrderTasks } from './site-page/work-order-tasks.ts'
import {
  createSiteActs,
  createSiteView,
  createSledReach,
  type TechnicianParts,
} from './technician.ts'
import { createWorkOrderHold } from './work-order-hold.ts'

/** The technician's page and the work orders behind it, on the site's own truth. */
export interface TechnicianDesk {
  readonly page: FetchHandler
  readonly workOrders: WorkOrderDesk
}

const STEP_CHARS_MAX = 120

export function createTechnicianDesk(
  ports: AgentPorts,
  base: Omit<TechnicianParts, 'workOrders'> & { readonly operations: SiteOperations },
  pinHash: string | undefined,
): TechnicianDesk {
  const { clock } = ports
  const technician: TechnicianParts = { ...base, workOrders: () => workOrders }
  const hold = createWorkOrderHold(base.site, base.operations)
  const workOrders = createWorkOrderDesk({
    ...ports,
    perform: createWorkOrderTasks(createSledReach(technician), clock),
    store: {
      read: (work) => base.site.read(work),
      tx: (work) =>
        base.site.commit((change) =>
          work(change.sql, (order, news, detail) => {
            change.event('work-order.changed', eventOf(order, news, detail))
            if (news === 'opened') hold.opened(change, order)
            if (news === 'done') hold.done(change, order)
            if (news === 'cancelled') hold.cancelled(change, order, detail)
          }),
        ),
    },
  })
  const view = createSiteView(technician)
  const acts = createSiteActs(technician)
  return { page: createSitePage({ ...ports, view, acts, pinHash }), workOrders }
}

const eventOf = (
  { id, subject, status, openedBy, procedure }: WorkOrder,
  news: WorkOrderNews,
  detail: string,
): EventBody<'work-order.changed'> => ({
  id,
  procedure: procedure.id,
  sled: subject.sled,
  state: status.kind,
  step: `${news}: ${detail}`.slice(0, STEP_CHARS_MAX),
  by: openedBy,
})
