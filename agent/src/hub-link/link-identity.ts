import {
  enrolReplySchema,
  lateRenewalReplySchema,
  parseEnrolmentToken,
} from '@brickyard/protocol/enrolment'
import type { Files } from '@brickyard/runtime/files'
import { readBody, type HttpClient, type TlsTrust } from '@brickyard/runtime/http'
import type { CertificateFacts, Identity } from '@brickyard/runtime/identity'
import { err, ok, type Result } from '@brickyard/std/result'
import { KiB } from '@brickyard/std/units'

/** Who this site is to its hub, as it lies on the appliance's disk. PEM throughout. */
export interface LinkIdentity {
  readonly site: string
  readonly keyPem: string
  readonly certPem: string
  /** The hub's authority: the only one that is trusted. */
  readonly authorityPem: string
  /** Ed25519 public key that signs acts. */
  readonly actKeyPem: string
}

const FILE = 'identity.json'
/** Only the agent's own user reads it: the private key is in it. */
const PRIVATE_MODE = 0o600
const REPLY_BYTES_MAX = KiB(64)

/** One file, written whole: key and certificate never disagree after a crash. */
export async function loadIdentity(
  files: Files,
  folder: string,
): Promise<LinkIdentity | undefined> {
  const bytes = await files.read(`${folder}/${FILE}`)
  if (bytes === undefined) return undefined
  return JSON.parse(new TextDecoder().decode(bytes)) as LinkIdentity
}

export const saveIdentity = (files: Files, folder: string, identity: LinkIdentity): Promise<void> =>
  files.writeAtomic(
    `${folder}/${FILE}`,
    new TextEncoder().encode(JSON.stringify(identity)),
    PRIVATE_MODE,
  )

/** What a connection to the hub is held to, and how we prove ourselves. */
export const trustOf = (identity: LinkIdentity): TlsTrust => ({
  caPem: identity.authorityPem,
  certPem: identity.certPem,
  keyPem: identity.keyPem,
})

export interface EnrolParts {
  readonly http: HttpClient
  readonly identity: Identity
  readonly files: Files
  readonly folder: string
}

/**
 * Enrols with a one-time token: the authority is fetched without any check and proved by the pin
 * that the token carries; from then on nothing else is trusted.
 */
export async function enrol(
  parts: EnrolParts,
  hubUrl: string,
  tokenText: string,
  site?: string,
): Promise<Result<LinkIdentity>> {
  const { http, identity, files, folder } = parts
  const token = parseEnrolmentToken(tokenText)
  if (!token.ok) return token
  if (site !== undefined && token.value.site !== site) {
    return err(`the token is for site '${token.value.site}', this appliance is '${site}'`)
  }
  const authorityPem = await ask(http, {
    method: 'GET',
    url: `${hubUrl}/authority`,
    tls: { unverified: true },
  })
  if (!authorityPem.ok) return authorityPem
  const pin = describe(identity, authorityPem.value)
  if (!pin.ok) return pin
  if (pin.value.spkiSha256 !== token.value.authoritySpkiSha256) {
    return err(`${hubUrl} showed an authority that is not the one the token names`)
  }
  const keyPem = await identity.newKey()
  const requestPem = await identity.requestCertificate(keyPem, token.value.site)
  const reply = await ask(http, {
    method: 'POST',
    url: `${hubUrl}/enrol`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: tokenText.trim(), requestPem }),
    tls: { caPem: authorityPem.value },
  })
  if (!reply.ok) return reply
  const parsed = enrolReplySchema.safeParse(parseJson(reply.value))
  if (!parsed.success) return err('the hub gave an answer to the enrolment that cannot be read')
  const enrolled: LinkIdentity = { ...parsed.data, keyPem, authorityPem: authorityPem.value }
  await saveIdentity(files, folder, enrolled)
  return ok(enrolled)
}

/**
 * Asks for a new certificate under one that has expired: the only thing that the hub still grants
 * it. The key stays the same, and so does the authority that is trusted.
 */
export async function renewExpired(
  parts: Pick<EnrolParts, 'http' | 'identity'>,
  hubUrl: string,
  held: LinkIdentity,
): Promise<Result<string>> {
  const requestPem = await parts.identity.requestCertificate(held.keyPem, held.site)
  const reply = await ask(parts.http, {
    method: 'POST',
    url: `${hubUrl}/renew`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ requestPem }),
    tls: trustOf(held),
  })
  if (!reply.ok) return reply
  const parsed = lateRenewalReplySchema.safeParse(parseJson(reply.value))
  return parsed.success
    ? ok(parsed.data.certPem)
    : err('the hub gave an answer to the renewal that cannot be read')
}

/** Certificates are renewed once half of their life is over. */
export const isDueForRenewal = (facts: CertificateFacts, nowMs: number): boolean =>
  nowMs >= facts.notBeforeMs + (facts.notAfterMs - facts.notBeforeMs) / 2

function describe(identity: Identity, certPem: string): Result<CertificateFacts> {
  try {
    return ok(identity.describe(certPem))
  } catch (error) {
    return err(`the hub's authority cannot be read: ${(error as Error).message}`)
  }
}

async function ask(
  http: HttpClient,
  request: Parameters<HttpClient['request']>[0],
): Promise<Result<string>> {
  const reply = await http.request(request)
  if (!reply.ok) return err(reply.error.message)
  try {
    const body = new TextDecoder().decode(await readBody(reply.value.body, REPLY_BYTES_MAX))
    if (reply.value.status === 200) return ok(body)
    const said = parseJson(body) as { reason?: unknown } | undefined
    const reason = typeof said?.reason === 'string' ? said.reason : `status ${reply.value.status}`
    return err(`the hub refused: ${reason}`)
  } catch (error) {
    return err(`the hub's answer broke off: ${(error as Error).message}`)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
