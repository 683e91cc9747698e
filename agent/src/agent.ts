import type { FetchHandler } from '@brickyard/runtime/http'
import { err, ok, type Result } from '@brickyard/std/result'
import type { AgentConfig } from './agent-config.ts'
import type { AgentPorts } from './agent-ports.ts'
import type { LinkState } from './hub-link/hub-link.ts'
import { openRunningSite, type RunningSite } from './running-site.ts'
import type { SiteStore } from './store/site-store.ts'

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
  /** What the site knows; undefined before it was started. For tests and the invariants of the simulation. */
  state(): AgentState | undefined
}

export interface AgentState {
  readonly site: SiteStore
  readonly link: LinkState
  readonly wantedGeneration: number
}

/** Makes an agent; nothing happens before `start`. */
export function createAgent(config: AgentConfig, ports: AgentPorts): Agent {
  let running: RunningSite | undefined
  const when =
    (pick: (site: RunningSite) => FetchHandler): FetchHandler =>
    (request, peer) =>
      running === undefined
        ? new Response('the agent is starting\n', { status: 503 })
        : pick(running)(request, peer)

  return {
    async start() {
      if (running !== undefined) return err('the agent was started before')
      try {
        const opened = openRunningSite(config, ports)
        running = opened
        await opened.start()
        return ok(undefined)
      } catch (error) {
        return err(`the agent cannot start: ${(error as Error).message}`)
      }
    },
    async stop() {
      await running?.stop()
      running = undefined
    },
    bootHttp: when((site) => site.bootHttp),
    sitePage: when((site) => site.sitePage),
    siteApi: when((site) => site.siteApi),
    state: () =>
      running === undefined
        ? undefined
        : {
            site: running.parts.site,
            link: running.link(),
            wantedGeneration: running.parts.wanted.held(),
          },
  }
}
