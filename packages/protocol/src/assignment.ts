import * as z from 'zod'
import { networkWishSchema } from './network-wish.ts'
import { idField, imageSchema, nameField, sledField, timeMsField } from './fields.ts'

/** The longest user-data a seed carries; cloud-init's own documents are far shorter. */
export const USER_DATA_CHARS_MAX = 64 * 1024

/**
 * One sled bound to one deployment. `wanted: 'released'` asks the site to wipe the sled and give it
 * back; the hub removes the assignment once the site has said that it did.
 */
export const assignmentSchema = z.object({
  id: idField,
  deployment: idField,
  sled: sledField,
  wanted: z.enum(['running', 'released']),
  image: imageSchema,
  hostname: nameField,
  userData: z.string().max(USER_DATA_CHARS_MAX),
  sshKeys: z.array(z.string().min(1).max(4096)).max(64),
  /** Of this sled alone; without it every NIC asks by DHCP. */
  network: networkWishSchema.optional(),
  createdAtMs: timeMsField,
})

export type Assignment = z.infer<typeof assignmentSchema>
