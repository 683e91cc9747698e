import { err, ok, type Result } from '@brickyard/std/result'
import * as z from 'zod'
import { sha256Field, siteField } from './fields.ts'

/**
 * Enrolment (DESIGN.md §4A, §9): a one-time token, bound to a site, that also carries the pin of the
 * hub's authority, so that the first contact needs no other trust.
 */
export interface EnrolmentToken {
  readonly site: string
  /** SHA-256 (hex) of the hub authority's public key. */
  readonly authoritySpkiSha256: string
  readonly secret: string
}

/** `by1.<site>.<pin>.<secret>`: one line to paste or scan. */
export const formatEnrolmentToken = (token: EnrolmentToken): string =>
  `by1.${token.site}.${token.authoritySpkiSha256}.${token.secret}`

export function parseEnrolmentToken(text: string): Result<EnrolmentToken> {
  const [version, site = '', pin = '', secret = '', ...more] = text.trim().split('.')
  const good =
    version === 'by1' &&
    more.length === 0 &&
    siteField.safeParse(site).success &&
    sha256Field.safeParse(pin).success &&
    /^[A-Za-z0-9_-]{20,200}$/.test(secret)
  return good
    ? ok({ site, authoritySpkiSha256: pin, secret })
    : err('this is no enrolment token; it has the form by1.SITE.PIN.SECRET')
}

/** `POST /enrol` on the agent listener. `GET /authority` there gives the authority's PEM. */
export const enrolRequestSchema = z.object({
  token: z.string().max(400),
  requestPem: z.string().max(8192),
})
export const enrolReplySchema = z.object({
  site: siteField,
  certPem: z.string(),
  /** Ed25519 public key (SPKI PEM) that signs acts. */
  actKeyPem: z.string(),
})
/**
 * `POST /renew` on the agent listener, under the site's certificate even when that has expired: a
 * new one for the same key. The body of a refusal is `{reason}`, as for enrolment.
 */
export const lateRenewalRequestSchema = z.object({ requestPem: z.string().max(8192) })
export const lateRenewalReplySchema = z.object({ certPem: z.string().max(16384) })
export type LateRenewalReply = z.infer<typeof lateRenewalReplySchema>
export type EnrolReply = z.infer<typeof enrolReplySchema>
