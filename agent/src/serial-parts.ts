import { err, ok } from '@brickyard/std/result'
import type { AgentPorts } from './agent-ports.ts'
import { guardedBmc } from './bmc/guarded-bmc.ts'
import { createSerialDesk, type SerialDesk } from './bmc/serial-desk.ts'
import type { SiteLogins } from './credentials/site-logins.ts'
import type { WantedStore } from './hub-link/wanted-store.ts'
import { checkTouchable } from './operations/adoption-check.ts'
import type { SiteStore } from './store/site-store.ts'

/** The consoles of the site's sleds, each over a BMC session of its own; on an adopted sled there is none. */
export function openSerialDesk(
  ports: AgentPorts,
  parts: {
    readonly site: SiteStore
    readonly wanted: WantedStore
    readonly logins: SiteLogins
  },
): SerialDesk {
  const { site, wanted, logins } = parts
  const rack = () => wanted.rack()
  return createSerialDesk({
    ...ports,
    site,
    rack,
    connect(sled) {
      const declared = rack()?.sleds.find(({ name }) => name === sled)
      if (declared?.bmc === undefined) {
        return err({ kind: 'refused', message: 'no BMC is declared for it' })
      }
      const known = logins.loginOf(sled)
      if (!known.ok) return known
      const bmc = logins.connectAs(declared.bmc, known.value.login)
      const { console } = guardedBmc(bmc, {
        living: () => true,
        untouchable: () => checkTouchable(declared, site.sleds.get(sled)),
      })
      return ok({ console, close: () => bmc.close() })
    },
  })
}
