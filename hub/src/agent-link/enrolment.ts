import { createHash } from 'node:crypto'
import {
  enrolRequestSchema,
  formatEnrolmentToken,
  parseEnrolmentToken,
  type EnrolReply,
} from '@brickyard/protocol/enrolment'
import { err, ok, type Result } from '@brickyard/std/result'
import { Days } from '@brickyard/std/units'
import type { SiteName } from '@brickyard/model/names'
import type { HubParts } from '../parts.ts'
import type { Tx } from '../store/hub-store.ts'

/** A token is good for one day: long enough for a visit, short enough to lose. */
export const TOKEN_MS = Days(1)
const SECRET_BYTES = 32

const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

type Parts = Pick<HubParts, 'clock' | 'random' | 'store' | 'authority' | 'identity' | 'log'>

/** Makes a one-time token for a site; only its hash is kept. */
export async function newEnrolmentToken(
  tx: Tx,
  site: SiteName,
  { clock, random, authority }: Pick<HubParts, 'clock' | 'random' | 'authority'>,
): Promise<{ token: string; expiresAtMs: number }> {
  const secret = Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url')
  const expiresAtMs = clock.wallMs() + TOKEN_MS
  await tx
    .insertInto('enrolment_tokens')
    .values({
      secret_hash: hashSecret(secret),
      site,
      expires_at_ms: expiresAtMs,
      used_at_ms: null,
    })
    .execute()
  const { spkiSha256: authoritySpkiSha256 } = authority
  return { token: formatEnrolmentToken({ site, authoritySpkiSha256, secret }), expiresAtMs }
}

/**
 * Exchanges a token and a certificate request for a certificate. The token is spent in the same
 * transaction that binds the new key to the site; from then on an older key is refused.
 */
export async function enrol(body: unknown, parts: Parts): Promise<Result<EnrolReply>> {
  const request = enrolRequestSchema.safeParse(body)
  if (!request.success) return err('the body is no enrolment request')
  const token = parseEnrolmentToken(request.data.token)
  if (!token.ok) return token
  const { store, authority, identity, clock } = parts
  const { site, secret } = token.value
  const nowMs = clock.wallMs()
  const secretHash = hashSecret(secret)
  const good = await store.read((tx) => isGood(tx, secretHash, site, nowMs))
  if (!good) return err('the token is not in force: it was used, has expired, or is of another hub')
  const certPem = await authority
    .issueSiteCertificate(site, request.data.requestPem)
    .catch(() => undefined)
  if (certPem === undefined) return err('the certificate request cannot be used')
  const spki = identity.describe(certPem).spkiSha256
  const spent = await store.write(async (tx, notes) => {
    if (!(await isGood(tx, secretHash, site, nowMs))) return false
    await tx
      .updateTable('enrolment_tokens')
      .set({ used_at_ms: nowMs })
      .where('secret_hash', '=', secretHash)
      .execute()
    await tx.updateTable('sites').set({ certified_spki: spki }).where('name', '=', site).execute()
    notes.changed({ kind: 'site', id: site, site })
    return true
  })
  if (!spent) return err('the token was used by somebody else at the same moment')
  parts.log.info('a site enrolled', { site })
  return ok({ site: token.value.site as SiteName, certPem, actKeyPem: authority.actKeyPem })
}

async function isGood(tx: Tx, secretHash: string, site: string, nowMs: number): Promise<boolean> {
  const row = await tx
    .selectFrom('enrolment_tokens')
    .innerJoin('sites', 'sites.name', 'enrolment_tokens.site')
    .select('secret_hash')
    .where('secret_hash', '=', secretHash)
    .where('site', '=', site)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst()
  return row !== undefined
}
