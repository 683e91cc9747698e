import { BOND_MODES, type NetworkWish } from '@brickyard/model/network-wish'
import * as z from 'zod'
import { ipv4Field, subnetField } from './fields.ts'

/** Bounds of what one document may carry; what makes sense within them the netboot package says. */
const INTERFACES_MAX = 64
const ADDRESSES_MAX = 1024
const NAMES_MAX = 16

const nameField = z.string().min(1).max(15)

const addressingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dhcp') }),
  z.object({ kind: z.literal('none') }),
  z.object({
    kind: z.literal('static'),
    subnet: subnetField,
    addresses: z.array(ipv4Field).max(ADDRESSES_MAX),
    gateway: ipv4Field.optional(),
  }),
])

const interfaceFields = {
  name: nameField,
  addressing: addressingSchema,
  mtu: z.number().int().optional(),
}

/** The network of one sled, in full: of static addresses it has the first. */
export const networkWishSchema = z.object({
  nics: z.array(z.object({ nic: z.number().int().min(0), ...interfaceFields })).max(INTERFACES_MAX),
  bonds: z
    .array(
      z.object({
        mode: z.enum(BOND_MODES),
        members: z.array(nameField).max(NAMES_MAX),
        ...interfaceFields,
      }),
    )
    .max(INTERFACES_MAX)
    .default([]),
  vlans: z
    .array(z.object({ link: nameField, id: z.number().int(), ...interfaceFields }))
    .max(INTERFACES_MAX)
    .default([]),
  nameservers: z.array(ipv4Field).max(NAMES_MAX).default([]),
  searchDomains: z.array(z.string().max(253)).max(NAMES_MAX).default([]),
}) satisfies z.ZodType<NetworkWish>
