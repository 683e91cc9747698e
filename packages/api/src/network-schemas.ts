import { BOND_MODES } from '@brickyard/model/network-wish'
import { z } from '@hono/zod-openapi'

/** A network as people ask for it; what is left out goes without saying. */
const interfaceName = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,14}$/, 'an interface name such as nic0 or bond0.120')
const ADDRESS_FORM = 'an address, or a range such as 10.1.0.10-10.1.0.20'
const addressOrRange = z.string().regex(/^[0-9.]{7,15}( ?- ?[0-9.]{7,15})?$/, ADDRESS_FORM)
const address = z.string().regex(/^[0-9.]{7,15}$/, 'an IPv4 address such as 10.1.0.5')

export const AddressingSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('dhcp') }),
    /** Up, and without an address. */
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({
      kind: z.literal('static'),
      subnet: z.string().max(18),
      /** Addresses and ranges; the n-th sled of the deployment has the n-th of them. */
      addresses: z.array(addressOrRange).min(1).max(1024),
      gateway: address.optional(),
    }),
  ])
  .openapi('Addressing')

const interfaceFields = {
  name: interfaceName.optional(),
  /** Left out: none for a member of a bond, DHCP for all others. */
  addressing: AddressingSchema.optional(),
  /** Bytes, 576 to 9216. */
  mtu: z.number().int().optional(),
}

export const NetworkRequestSchema = z
  .strictObject({
    nics: z
      .array(
        z.strictObject({
          /** Place in the sled's declared MACs, from 0; `name` is `nic0` when left out. */
          nic: z.number().int(),
          ...interfaceFields,
        }),
      )
      .min(1)
      .max(64),
    bonds: z
      .array(
        z.strictObject({
          mode: z.enum(BOND_MODES),
          /** Names of NICs. */
          members: z.array(interfaceName).max(16),
          ...interfaceFields,
        }),
      )
      .max(64)
      .optional(),
    vlans: z
      .array(
        z.strictObject({
          /** Name of the NIC or bond that carries it. */
          link: interfaceName,
          id: z.number().int(),
          ...interfaceFields,
        }),
      )
      .max(64)
      .optional(),
    nameservers: z.array(address).max(16).optional(),
    searchDomains: z.array(z.string().max(253)).max(16).optional(),
  })
  .openapi('NetworkRequest')

export const NetworkConfigSchema = z
  .object({
    site: z.string(),
    sled: z.string(),
    /** The `network-config` of its seed: cloud-init's network version 2, as JSON. */
    text: z.string(),
  })
  .openapi('NetworkConfig')

export type NetworkRequest = z.infer<typeof NetworkRequestSchema>
