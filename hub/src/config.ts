import { ROLES } from '@brickyard/api/permissions'
import { isName } from '@brickyard/model/names'
import { Hours } from '@brickyard/std/units'
import { z } from 'zod'

const name = z.string().refine(isName, "must be a name: a-z, 0-9 and '-', 1 to 63 characters")

/** The hub's own settings: where things lie, who may sign in. Sites are declared through the API. */
export const hubConfigSchema = z.strictObject({
  /** Folder of keys, authority and blobs. */
  dataFolder: z.string().min(1),
  /** Folder of the built console; without it the hub serves its API alone. */
  consoleFolder: z.string().min(1).optional(),
  /** How browsers reach the hub; with https the session cookie is `Secure`. */
  publicUrl: z.url(),
  /** Names and addresses under which agents dial: they stand in the listener's certificate. */
  agentHosts: z.array(z.string().min(1).max(253)).min(1).max(20),
  /** A site that was dark may renew a certificate that expired no longer ago; 0: it enrols anew. */
  renewalGraceDays: z.number().int().min(0).max(3650).default(180),
  sessionMs: z.number().int().min(60_000).default(Hours(12)),
  /** People of this hub. A changed password here is the new one from the next start. */
  users: z
    .array(
      z.strictObject({
        name,
        password: z.string().min(1).max(400),
        role: z.enum(ROLES),
        tenant: name.default('default'),
        /** Sees only the sites of this owner. */
        owner: name.optional(),
      }),
    )
    .max(1000)
    .default([]),
})

export type HubConfig = z.output<typeof hubConfigSchema>
