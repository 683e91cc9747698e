import type { FetchHandler } from '@brickyard/runtime/http'
import type { Result } from '@brickyard/std/result'
import type { AgentConfig } from './agent-config.ts'
import type { AgentPorts } from './agent-ports.ts'

/** One site's agent. What runs in production is what tests and the simulation run. */
export interface Agent {
  /** Migrates the store, takes up operations where they were, opens the networks, dials the hub. */
  start(): Promise<Result<void>>
  /** Closes sockets and the link. Operations stay as they are on disk and go on at the next start. */
  stop(): Promise<void>
  /** For sleds: boot script, assets, the installer's wire, phone-home. Plain HTTP on the rack's networks. */
  readonly bootHttp: FetchHandler
  /** For technicians: own listener, own PIN. */
  readonly sitePage: FetchHandler
  /** `/healthz` and `/metrics`, for a local listener. */
  readonly siteApi: FetchHandler
}

export type CreateAgent = (config: AgentConfig, ports: AgentPorts) => Agent
