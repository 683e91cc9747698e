import * as z from 'zod'

/** As much of cloud-init's network version 2 as the simulated system carries out. */
const configSchema = z.object({
  ethernets: z.record(
    z.string(),
    z.object({
      match: z.object({ macaddress: z.string() }),
      addresses: z.array(z.string()).optional(),
    }),
  ),
  bonds: z
    .record(
      z.string(),
      z.object({ interfaces: z.array(z.string()), addresses: z.array(z.string()).optional() }),
    )
    .optional(),
})

/**
 * The untagged static address that a `network-config` gives to the NIC with this MAC, alone or in a
 * bond; undefined where it asks by DHCP.
 */
export function staticAddress(
  config: string,
  mac: string,
): { readonly address: string; readonly prefixLength: number } | undefined {
  const parsed = configSchema.safeParse(JSON.parse(config))
  if (!parsed.success) return undefined
  const { ethernets, bonds = {} } = parsed.data
  const [name, nic] =
    Object.entries(ethernets).find(([, { match }]) => match.macaddress === mac) ?? []
  if (name === undefined) return undefined
  const bond = Object.values(bonds).find(({ interfaces }) => interfaces.includes(name))
  const [text] = bond?.addresses ?? nic?.addresses ?? []
  const [address, length] = text?.split('/') ?? []
  return address === undefined ? undefined : { address, prefixLength: Number(length) }
}
