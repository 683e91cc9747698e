import type { FetchHandler, HttpPeer } from '@brickyard/runtime/http'
import type { CertifiedKey } from '@brickyard/runtime/identity'
import type { Timer } from '@brickyard/runtime/clock'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { assert } from '@brickyard/std/assert'
import { Days } from '@brickyard/std/units'
import { createAgentHandler } from './agent-link/agent-listener.ts'
import { openAuthority } from './agent-link/authority.ts'
import { createAgentLinks, type AgentLinks } from './agent-link/links.ts'
import { CLOSE_GOING_AWAY } from './agent-link/session.ts'
import { createApi } from './api/app.ts'
import { createSessions } from './auth/sessions.ts'
import { createBlobStore } from './blobs/blob-store.ts'
import type { HubConfig } from './config.ts'
import { createFeed } from './live/feed.ts'
import type { HubParts, HubPorts } from './parts.ts'
import { openHubStore } from './store/hub-store.ts'

/** The listener's certificate lasts 90 days; renewed monthly it never comes near its end. */
const LISTENER_RENEWAL_MS = Days(30)

/** A hub; the caller owns the sockets and hands their requests and links in. */
export interface Hub {
  /** Opens store and keys, brings in the users, begins to watch the links. Rejects when it cannot. */
  start(): Promise<void>
  /** Closes links, streams and the store. */
  stop(): Promise<void>
  /** REST, live feed and console. */
  readonly api: FetchHandler
  /** A request for a WebSocket: who takes it, or the answer that refuses it. */
  readonly upgrade: Upgrade
  readonly agentListener: AgentListener
}

export type Upgrade = (
  request: Request,
  peer: HttpPeer,
) => Promise<{ accept(link: WebSocketLink): void } | { readonly refused: Response }>

export interface AgentListener {
  /** Authority, enrolment and blobs. */
  readonly fetch: FetchHandler
  /** Takes a WebSocket of an agent whose certificate the transport has checked. */
  accept(link: WebSocketLink): void
  /** Authority whose client certificates the listener has to ask for. Only after `start`. */
  readonly authorityPem: string
  /** The listener's own certificate and key. Only after `start`. */
  readonly certificate: CertifiedKey
  /** Called when the listener's certificate was renewed. */
  onCertificate(take: (certificate: CertifiedKey) => void): void
}

/** A hub over its ports: production, tests and simulation all start here. */
export function createHub(config: HubConfig, ports: HubPorts): Hub {
  let running: Running | undefined
  let tellCertificate = (_certificate: CertifiedKey): void => undefined
  const started = (): Running => {
    assert(running !== undefined, 'the hub was used before it was started')
    return running
  }
  return {
    async start() {
      assert(running === undefined, 'the hub was started twice')
      running = await open(config, ports, (certificate) => tellCertificate(certificate))
    },
    async stop() {
      await running?.stop()
      running = undefined
    },
    api: (request, peer) => running?.api(request, peer) ?? notStarted(),
    upgrade: async (request, peer) =>
      (await running?.upgrade(request, peer)) ?? { refused: notStarted() },
    agentListener: {
      fetch: (request, peer) => running?.agentFetch(request, peer) ?? notStarted(),
      accept(link) {
        if (running === undefined) link.close(CLOSE_GOING_AWAY, 'the hub is not up')
        else running.links.accept(link)
      },
      get authorityPem() {
        return started().authorityPem
      },
      get certificate() {
        return started().certificate()
      },
      onCertificate(take) {
        tellCertificate = take
      },
    },
  }
}

const notStarted = (): Response => new Response('the hub is not up\n', { status: 503 })

interface Running {
  readonly api: FetchHandler
  readonly upgrade: Upgrade
  readonly agentFetch: FetchHandler
  readonly links: AgentLinks
  readonly authorityPem: string
  certificate(): CertifiedKey
  stop(): Promise<void>
}

async function open(
  config: HubConfig,
  ports: HubPorts,
  onCertificate: (certificate: CertifiedKey) => void,
): Promise<Running> {
  const { clock, log, files } = ports
  const authority = await openAuthority({ ...ports, config })
  let certificate = await authority.issueListenerCertificate()
  const store = await openHubStore(ports.database)
  const sessions = createSessions({ ...ports, config, store })
  await sessions.bootstrap()
  const feed = createFeed(clock.wallMs())
  const links = createAgentLinks({ ...ports, store, authority, feed })
  const blobs = createBlobStore(files, `${config.dataFolder}/blobs`)
  const atStop: (() => void)[] = []
  const onStop = (work: () => void): void => void atStop.push(work)
  const made = { config, authority, store, sessions, feed, links, blobs, onStop }
  const parts: HubParts = { ...ports, ...made }
  store.onCommit(({ changes, wantedSites, actSites }) => {
    feed.publish(changes)
    for (const site of wantedSites) links.pushWanted(site)
    for (const site of actSites) links.pushActs(site)
  })
  const api = createApi(parts)
  let renewal: Timer
  const armRenewal = (): void => {
    renewal = clock.after(LISTENER_RENEWAL_MS, () => {
      authority
        .issueListenerCertificate()
        .then((fresh) => {
          certificate = fresh
          onCertificate(fresh)
        })
        .catch((error: unknown) => {
          log.error('the listener’s certificate was not renewed', { error: String(error) })
        })
        .finally(armRenewal)
    })
  }
  armRenewal()
  await links.start()
  return {
    api: (request, peer) => api.fetch(request, { peer }),
    async upgrade(request, peer) {
      let accept: ((link: WebSocketLink) => void) | undefined
      const admit = (take: (link: WebSocketLink) => void): void => void (accept = take)
      const response = await api.fetch(request, { peer, admit })
      return accept === undefined ? { refused: response } : { accept }
    },
    agentFetch: createAgentHandler(parts),
    links,
    authorityPem: authority.certPem,
    certificate: () => certificate,
    async stop() {
      renewal.cancel()
      for (const work of atStop) work()
      await links.stop()
      await store.close()
    },
  }
}
