import { sign, verify, type KeyObject } from 'node:crypto'
import { POWER_VERBS, POWER_WAYS } from '@brickyard/model/operation'
import { err, ok, type Result } from '@brickyard/std/result'
import * as z from 'zod'
import { idField, siteField, sledField, timeMsField } from './fields.ts'

/**
 * A momentary, signed wish of the hub (DESIGN.md §5): it has an id (done at most once), a sequence,
 * a window of time, and never outlives it. The signature covers the exact payload bytes.
 */
export const actPayloadSchema = z.object({
  id: idField,
  site: siteField,
  sequence: z.number().int().min(1),
  notBeforeMs: timeMsField,
  expiresMs: timeMsField,
  /** Who asked, for the site's own record. */
  by: z.string().max(120),
  sled: sledField,
  act: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('power'),
      verb: z.enum(POWER_VERBS),
      via: z.enum(POWER_WAYS).optional(),
    }),
    z.object({ kind: z.literal('identify'), seconds: z.number().int().min(0).max(255) }),
    z.object({ kind: z.literal('inspect') }),
    /** Brings a failed, held or quarantined sled back into the life of a sled by a fresh inspection. */
    z.object({ kind: z.literal('recover') }),
    /** Gives its BMC a new account and password, and retires the one in use. */
    z.object({ kind: z.literal('rotate-credentials') }),
    /** Restarts the BMC itself; the sled runs on. */
    z.object({ kind: z.literal('restart-bmc') }),
    /** A login for its BMC, sealed to the site: whoever carries it cannot read it. */
    z.object({ kind: z.literal('give-login'), box: z.string().min(1).max(8192) }),
    /** Gives a sled that ran before us to us: from then on it is inspected, powered and wiped like the others. */
    z.object({ kind: z.literal('release-adoption') }),
  ]),
})
export type ActPayload = z.infer<typeof actPayloadSchema>

export interface SignedAct {
  /** The payload's exact bytes, base64. */
  readonly payload: string
  /** Ed25519 signature over those bytes, base64. */
  readonly signature: string
}

/** Signs an act with the hub's Ed25519 key. */
export function signAct(payload: ActPayload, key: KeyObject): SignedAct {
  const bytes = Buffer.from(JSON.stringify(payload), 'utf8')
  return {
    payload: bytes.toString('base64'),
    signature: sign(null, bytes, key).toString('base64'),
  }
}

/** Checks signature, shape, site and time of an act; `nowMs` is the site's wall clock. */
export function openAct(
  signed: SignedAct,
  key: KeyObject,
  site: string,
  nowMs: number,
): Result<ActPayload> {
  const bytes = Buffer.from(signed.payload, 'base64')
  let genuine = false
  try {
    genuine = verify(null, bytes, key, Buffer.from(signed.signature, 'base64'))
  } catch {
    genuine = false
  }
  if (!genuine) return err('the signature is not the hub’s')
  let body: unknown
  try {
    body = JSON.parse(bytes.toString('utf8'))
  } catch {
    return err('the payload is no JSON')
  }
  const parsed = actPayloadSchema.safeParse(body)
  if (!parsed.success) return err(`the payload cannot be read: ${parsed.error.issues[0]?.message}`)
  const act = parsed.data
  if (act.site !== site) return err(`it is meant for site '${act.site}'`)
  if (nowMs < act.notBeforeMs) return err('it is not yet valid')
  if (nowMs >= act.expiresMs) return err('it has expired')
  return ok(act)
}
