import type { BmcDeclaration } from '@brickyard/model/rack'
import type { Bmc } from './bmc.ts'
import { createIpmiBmc } from './ipmi/ipmi-bmc.ts'
import { createIpmiSession, type BmcPorts, type BmcTiming } from './ipmi/ipmi-session.ts'

/**
 * A connection to the BMC of `declaration`. Nothing is sent until the first call; a session is
 * opened then, kept, and closed when idle.
 */
export function connectBmc(
  declaration: BmcDeclaration,
  password: string,
  ports: BmcPorts,
  timing?: Partial<BmcTiming>,
): Bmc {
  switch (declaration.protocol) {
    case 'ipmi':
      return createIpmiBmc(createIpmiSession(declaration, password, ports, timing), ports.clock)
  }
}
