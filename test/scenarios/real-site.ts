import type { HubClient } from '@brickyard/api/client'
import { enrolReplySchema, parseEnrolmentToken } from '@brickyard/protocol/enrolment'
import {
  decodeHubFrame,
  encodeFrame,
  type HubFrame,
  type SiteFrame,
} from '@brickyard/protocol/frames'
import { readBody, type TlsTrust } from '@brickyard/runtime/http'
import { nodeHttpClient } from '@brickyard/runtime/node/http'
import { nodeIdentity } from '@brickyard/runtime/node/identity'
import { nodeWebSocketDialer } from '@brickyard/runtime/node/websocket'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { must } from './hub-rig.ts'

/** A site's end of real sockets: enrols over HTTPS, dials over mutual TLS. */
export interface RealLink {
  readonly frames: HubFrame[]
  readonly link: WebSocketLink
  send(frame: SiteFrame): void
  /** Waits for a frame of this kind that came after the `skip` first ones. */
  next<K extends HubFrame['kind']>(kind: K): Promise<Extract<HubFrame, { kind: K }>>
  readonly closed: Promise<void>
}

/** Enrols a declared site at a real listener; the authority is proved by the token’s pin. */
export async function enrolReally(
  operator: HubClient,
  site: string,
  agentsUrl: string,
): Promise<TlsTrust & { readonly caPem: string }> {
  const { token } = must(await operator.sites.enrolmentToken(site))
  const pin = must(parseEnrolmentToken(token)).authoritySpkiSha256
  const http = nodeHttpClient()
  try {
    const authority = must(
      await http.request({
        method: 'GET',
        url: `${agentsUrl}/authority`,
        tls: { unverified: true },
      }),
    )
    const caPem = Buffer.from(await readBody(authority.body, 16_384)).toString('utf8')
    if (nodeIdentity.describe(caPem).spkiSha256 !== pin) throw new Error('another authority')
    const keyPem = await nodeIdentity.newKey()
    const requestPem = await nodeIdentity.requestCertificate(keyPem, site)
    const reply = must(
      await http.request({
        method: 'POST',
        url: `${agentsUrl}/enrol`,
        body: JSON.stringify({ token, requestPem }),
        tls: { caPem },
      }),
    )
    const text = Buffer.from(await readBody(reply.body, 65_536)).toString('utf8')
    const { certPem } = enrolReplySchema.parse(JSON.parse(text))
    return { caPem, certPem, keyPem }
  } finally {
    await http.close()
  }
}

export async function dialReally(agentsUrl: string, tls: TlsTrust): Promise<RealLink> {
  const url = `${agentsUrl.replace('https', 'wss')}/link`
  const link = must(await nodeWebSocketDialer.dial(url, tls))
  const frames: HubFrame[] = []
  const waiting = new Set<() => void>()
  let isClosed = false
  link.onMessage((message) => {
    frames.push(must(decodeHubFrame(String(message))))
    for (const look of waiting) look()
  })
  const closed = new Promise<void>((resolve) => {
    link.onClose(() => {
      isClosed = true
      for (const look of waiting) look()
      resolve()
    })
  })
  return {
    frames,
    link,
    closed,
    send: (frame) => link.send(encodeFrame(frame)),
    next: <K extends HubFrame['kind']>(kind: K) =>
      new Promise<Extract<HubFrame, { kind: K }>>((resolve, reject) => {
        const look = (): void => {
          const at = frames.findIndex((frame) => frame.kind === kind)
          if (at < 0 && !isClosed) return
          waiting.delete(look)
          if (at < 0) return reject(new Error(`the link closed before a '${kind}'`))
          const [found] = frames.splice(at, 1)
          resolve(found as Extract<HubFrame, { kind: K }>)
        }
        waiting.add(look)
        look()
      }),
  }
}

export const helloOf = (
  site: string,
  change: Partial<Extract<SiteFrame, { kind: 'hello' }>> = {},
): SiteFrame => ({
  v: 1,
  kind: 'hello',
  site: site as Extract<SiteFrame, { kind: 'hello' }>['site'],
  agentVersion: '1.0',
  epoch: 'epoch-1',
  bootId: 'boot-1',
  lastSeq: 0,
  wantedGeneration: 0,
  wallMs: 0,
  ...change,
})
