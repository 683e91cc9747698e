import type { FetchHandler } from '@brickyard/runtime/http'
import type { AgentPorts } from './agent-ports.ts'
import { createSitePage } from './site-page/site-page.ts'
import { createWorkOrderDesk, type WorkOrderDesk } from './site-page/work-order-desk.ts'
import { createWorkOrderTasks } from './site-page/work-order-tasks.ts'
import { appendEvent } from './store/journal.ts'
import {
  createSiteActs,
  createSiteView,
  createSledReach,
  type TechnicianParts,
} from './technician.ts'

/** The technician's page and the work orders behind it, on the site's own truth. */
export interface TechnicianDesk {
  readonly page: FetchHandler
  readonly workOrders: WorkOrderDesk
}

const STEP_CHARS_MAX = 120

export function createTechnicianDesk(
  ports: AgentPorts,
  base: Omit<TechnicianParts, 'workOrders'>,
  pinHash: string | undefined,
): TechnicianDesk {
  const { clock } = ports
  const technician: TechnicianParts = { ...base, workOrders: () => workOrders }
  const workOrders = createWorkOrderDesk({
    ...ports,
    perform: createWorkOrderTasks(createSledReach(technician), clock),
    journal: (sql, order, news, detail) => {
      const { id, subject, status, openedBy, procedure } = order
      appendEvent(sql, {
        atMs: clock.wallMs(),
        kind: 'work-order.changed',
        body: {
          id,
          procedure: procedure.id,
          sled: subject.sled,
          state: status.kind,
          step: `${news}: ${detail}`.slice(0, STEP_CHARS_MAX),
          by: openedBy,
        },
      })
    },
  })
  const view = createSiteView(technician)
  const acts = createSiteActs(technician)
  return { page: createSitePage({ ...ports, view, acts, pinHash }), workOrders }
}
