import type { FetchHandler, HttpPeer } from '@brickyard/runtime/http'
import { readBody } from '@brickyard/runtime/http'
import { KiB } from '@brickyard/std/units'
import { createAttempts } from '../auth/attempts.ts'
import { serveBlob } from '../blobs/serve-blob.ts'
import type { HubParts } from '../parts.ts'
import { siteMayFetch } from '../store/images.ts'
import { enrol } from './enrolment.ts'

/** A token and a certificate request fit well. */
const ENROL_BYTES_MAX = KiB(16)

/**
 * What agents ask over HTTPS on their own listener: the authority (proved by the token's pin),
 * enrolment (proved by the token) and blobs (only with a certificate, only what the site is to run).
 */
export function createAgentHandler(parts: HubParts): FetchHandler {
  const attempts = createAttempts(parts.clock)
  return async (request, peer) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/authority' && request.method === 'GET') {
      return new Response(parts.authority.certPem, {
        headers: { 'content-type': 'application/x-pem-file' },
      })
    }
    if (pathname === '/enrol' && request.method === 'POST') {
      return await takeEnrolment(request, peer)
    }
    const sha256 = /^\/blobs\/([0-9a-f]{64})$/.exec(pathname)?.[1]
    if (sha256 !== undefined && (request.method === 'GET' || request.method === 'HEAD')) {
      return await sendBlob(sha256, request, peer)
    }
    return new Response('not here\n', { status: 404 })
  }

  async function takeEnrolment(request: Request, peer: HttpPeer): Promise<Response> {
    const waitSeconds = attempts.waitSeconds(peer.address)
    if (waitSeconds > 0) {
      return reply({ reason: 'too many failed attempts' }, 429, { 'retry-after': `${waitSeconds}` })
    }
    let body: unknown
    try {
      const bytes = request.body === null ? [] : await readBody(request.body, ENROL_BYTES_MAX)
      body = JSON.parse(Buffer.from(bytes).toString('utf8'))
    } catch {
      return reply({ reason: 'the body is no JSON, or too long' }, 400)
    }
    const enrolled = await enrol(body, parts)
    if (enrolled.ok) {
      attempts.noteSuccess(peer.address)
      return reply(enrolled.value, 200)
    }
    attempts.noteFailure(peer.address)
    parts.log.warn('an enrolment was refused', { reason: enrolled.error, address: peer.address })
    return reply({ reason: enrolled.error }, 403)
  }

  async function sendBlob(sha256: string, request: Request, peer: HttpPeer): Promise<Response> {
    const { commonName, spkiSha256 } = peer
    if (commonName === undefined || spkiSha256 === undefined) {
      return new Response('a client certificate is needed\n', { status: 401 })
    }
    const may = await parts.store.read((tx) => siteMayFetch(tx, commonName, spkiSha256, sha256))
    if (!may) return new Response('no image of this site\n', { status: 403 })
    return await serveBlob(parts.blobs, sha256, request)
  }
}

const reply = (
  body: object,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })
