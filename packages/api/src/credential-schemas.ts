import { z } from '@hono/zod-openapi'

/** A login of a BMC that the hub keeps and cannot read. */
export const SealedLoginSchema = z
  .object({
    operation: z.string(),
    user: z.string(),
    /** Short name of the recovery key that it was sealed to. */
    keyId: z.string(),
    box: z.string(),
    sealedAtMs: z.number().int(),
  })
  .openapi('SealedLogin')
export type SealedLogin = z.infer<typeof SealedLoginSchema>

/** A login that only the site can open (`sealingKey` of the site). */
export const GiveLoginSchema = z.object({ box: z.string().min(1).max(8192) }).openapi('GiveLogin')
