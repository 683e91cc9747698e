import * as bmc from './routes/bmc.ts'
import * as credentials from './routes/credentials.ts'
import * as consoles from './routes/consoles.ts'
import * as deployments from './routes/deployments.ts'
import * as images from './routes/images.ts'
import * as netboot from './routes/netboot.ts'
import * as observation from './routes/observation.ts'
import * as sessions from './routes/sessions.ts'
import * as sites from './routes/sites.ts'
import * as sleds from './routes/sleds.ts'

/** Every route of the hub's API by its operation id; the hub serves these and no others. */
export const ROUTES = {
  ...sessions,
  ...sites,
  ...sleds,
  ...bmc,
  ...credentials,
  ...images,
  ...deployments,
  ...netboot,
  ...consoles,
  ...observation,
} as const

/** The cookie that carries the console's session. */
export const SESSION_COOKIE = 'brickyard_session'
