import type { Bmc } from '@brickyard/bmc/bmc'
import { connectBmc } from '@brickyard/bmc/connect'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { BmcDeclaration } from '@brickyard/model/rack'
import type { BmcLogin } from '@brickyard/model/sealed-login'
import { err, ok, type Result } from '@brickyard/std/result'
import type { AgentPorts } from '../agent-ports.ts'
import { createStoredSessions } from '../bmc/stored-sessions.ts'
import type { SiteStore } from '../store/site-store.ts'
import { createHandedOver, type HandedOver } from './handed-over.ts'
import { heldBmc } from './held-bmc.ts'
import { createLoginBook, type LoginBook } from './login-book.ts'
import { createLoginWatch, type LockedOut, type LoginWatch } from './login-watch.ts'

/** The logins of a site's BMCs, and connections made with them. */
export interface SiteLogins {
  readonly book: LoginBook
  readonly watch: LoginWatch
  readonly handedOver: HandedOver
  /** How to log in at the BMC of a sled now. */
  loginOf(sled: SledName): Result<{ declared: BmcDeclaration; login: BmcLogin }, BmcFault>
  /** A connection with the login to try now; undefined when no BMC is declared. */
  connect(sled: SledName): Bmc | undefined
  connectAs(declared: BmcDeclaration, login: BmcLogin): Bmc
  /** Why nobody can log in at a BMC: no login is known, or all are refused; undefined while one may work. */
  troubleOf(sled: SledName): string | undefined
  /** As it is declared now. */
  bmcOf(sled: SledName): BmcDeclaration | undefined
}

export function openSiteLogins(
  ports: AgentPorts,
  parts: {
    readonly site: SiteStore
    readonly siteName: string
    readonly declared: (sled: SledName) => BmcDeclaration | undefined
    readonly onLockedOut: (sled: SledName, locked: LockedOut | undefined) => void
  },
): SiteLogins {
  const { site, declared: bmcOf } = parts
  const { clock, log, credentials } = ports
  const redfishSessions = createStoredSessions({ store: ports.readings, log })
  const book = createLoginBook({ site, credentials, log })
  const handedOver = createHandedOver({ credentials, siteName: parts.siteName, book })
  const watch = createLoginWatch({ ...parts, book, clock, log })
  const connectAs = (declared: BmcDeclaration, { user, password, bmcKey }: BmcLogin): Bmc =>
    connectBmc({ ...declared, user }, password, { ...ports, redfishSessions }, {}, bmcKey)
  const loginOf: SiteLogins['loginOf'] = (sled) => {
    const declared = bmcOf(sled)
    if (declared === undefined) return err({ kind: 'refused', message: `${sled} has no BMC` })
    const login = watch.next(sled, declared)
    return login.ok ? ok({ declared, login: login.value }) : login
  }
  return {
    book,
    watch,
    handedOver,
    loginOf,
    connectAs,
    bmcOf,
    troubleOf(sled) {
      const declared = bmcOf(sled)
      if (declared === undefined) return undefined
      if (book.candidates(sled, declared).length === 0) return `No login is known for this BMC.`
      return watch.lockedOut(sled)
    },
    connect(sled) {
      if (bmcOf(sled) === undefined) return undefined
      const known = loginOf(sled)
      if (!known.ok) return heldBmc(known.error)
      return connectAs(known.value.declared, known.value.login)
    },
  }
}
