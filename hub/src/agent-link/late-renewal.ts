import { lateRenewalRequestSchema, type LateRenewalReply } from '@brickyard/protocol/enrolment'
import type { HttpPeer } from '@brickyard/runtime/http'
import { err, ok, type Result } from '@brickyard/std/result'
import { Days } from '@brickyard/std/units'
import type { HubParts } from '../parts.ts'
import { putNotice } from '../store/notices.ts'

type Parts = Pick<HubParts, 'clock' | 'config' | 'store' | 'authority' | 'identity' | 'log'>

/**
 * Renews the certificate of a site that was dark for longer than it lasts (DESIGN.md §9): for the
 * key that the site enrolled with and has just proved to hold, for no other, and only while nobody
 * else enrolled for the site, which is how a stolen appliance is shut out. Beyond the grace a
 * person has to look at the appliance again. A person is told of each such renewal.
 */
export async function renewLate(
  body: unknown,
  peer: HttpPeer,
  parts: Parts,
): Promise<Result<LateRenewalReply>> {
  const { clock, config, store, authority, identity, log } = parts
  const expired = peer.expired
  const proved = expired ?? peer
  const { commonName: site, spkiSha256 } = proved
  if (site === undefined || spkiSha256 === undefined) {
    return err('a certificate of this hub is needed, in its time or past it')
  }
  const nowMs = clock.wallMs()
  const lateMs = Math.max(0, nowMs - (expired?.notAfterMs ?? nowMs))
  if (lateMs > Days(config.renewalGraceDays)) {
    return err(
      `the certificate expired ${Math.floor(lateMs / Days(1))} days ago, more than the ` +
        `${config.renewalGraceDays} days of grace: enrol this site anew`,
    )
  }
  const request = lateRenewalRequestSchema.safeParse(body)
  if (!request.success) return err('the body is no renewal request')
  const certPem = await authority
    .issueSiteCertificate(site, request.data.requestPem)
    .catch(() => undefined)
  if (certPem === undefined || identity.describe(certPem).spkiSha256 !== spkiSha256) {
    return err('the certificate request is not for the key in use')
  }
  const known = await store.write(async (tx, notes) => {
    const row = await tx
      .selectFrom('sites')
      .select('name')
      .where('name', '=', site)
      .where('certified_spki', '=', spkiSha256)
      .executeTakeFirst()
    if (row === undefined) return false
    if (expired === undefined) return true
    const text = `the site came back with a certificate that was ${inWords(lateMs)} past its time`
    const key = `late/${spkiSha256.slice(0, 16)}`
    const kind = 'certificate.renewed-late'
    await putNotice(tx, { site, key, kind, sled: null, text, at_ms: nowMs })
    notes.changed({ kind: 'site', id: site, site: site })
    return true
  })
  if (!known) return err('the site has enrolled anew since, or is gone; this key is not its own')
  log.warn('a certificate was renewed past its time', { site, lateMs, address: peer.address })
  return ok({ certPem })
}

const inWords = (ms: number): string =>
  ms < Days(2) ? `${Math.ceil(ms / 3_600_000)} hours` : `${Math.floor(ms / Days(1))} days`
