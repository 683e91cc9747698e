import type { FetchHandler, HttpPeer } from '@brickyard/runtime/http'
import { readBody } from '@brickyard/runtime/http'
import type { Result } from '@brickyard/std/result'
import { KiB } from '@brickyard/std/units'
import { createAttempts } from '../auth/attempts.ts'
import { serveBlob } from '../blobs/serve-blob.ts'
import type { HubParts } from '../parts.ts'
import { siteMayFetch } from '../store/images.ts'
import { enrol } from './enrolment.ts'
import { renewLate } from './late-renewal.ts'

/** A token and a certificate request fit well. */
const ENROL_BYTES_MAX = KiB(16)

/**
 * What agents ask over HTTPS on their own listener: the authority (proved by the token's pin),
 * enrolment (proved by the token), renewal past the certificate's time (proved by its key) and
 * blobs (only with a certificate, only what the site is to run).
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
      return await takeAttempt(request, peer, (body) => enrol(body, parts))
    }
    if (pathname === '/renew' && request.method === 'POST') {
      return await takeAttempt(request, peer, (body) => renewLate(body, peer, parts))
    }
    const sha256 = /^\/blobs\/([0-9a-f]{64})$/.exec(pathname)?.[1]
    if (sha256 !== undefined && (request.method === 'GET' || request.method === 'HEAD')) {
      return await sendBlob(sha256, request, peer)
    }
    return new Response('not here\n', { status: 404 })
  }

  /** Reads a request's JSON and answers it; a place that is refused too often has to wait. */
  async function takeAttempt(
    request: Request,
    peer: HttpPeer,
    answer: (body: unknown) => Promise<Result<object>>,
  ): Promise<Response> {
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
    const answered = await answer(body)
    if (answered.ok) {
      attempts.noteSuccess(peer.address)
      return reply(answered.value, 200)
    }
    attempts.noteFailure(peer.address)
    const { pathname } = new URL(request.url)
    const { error: reason } = answered
    parts.log.warn('no certificate was given', { reason, pathname, address: peer.address })
    return reply({ reason }, 403)
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
