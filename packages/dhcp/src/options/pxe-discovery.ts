import { Ipv4 } from '@brickyard/model/ipv4'
import { pxeSubOptions } from './vendor-specific.ts'

/** What option 43 of a PXE client or server says (PXE 2.1 table 2-1). Unset: it does not say. */
export interface PxeDiscovery {
  /** Sub-option 6: how the client is to look for boot servers. */
  readonly control?: {
    readonly noBroadcast: boolean
    readonly noMulticast: boolean
    readonly onlyListedServers: boolean
    /** "Boot the file named in this answer, ask nobody." */
    readonly bootFileNamed: boolean
  }
  /** Sub-option 7. */
  readonly multicast?: Ipv4
  /** Sub-option 8: boot servers by type. */
  readonly bootServers?: readonly { readonly type: number; readonly addresses: readonly Ipv4[] }[]
  /** Sub-option 71: what was chosen of a boot menu. */
  readonly bootItem?: { readonly type: number; readonly layer: number }
}

/** Reads option 43 as PXE has it; what makes no sense is left out. */
export function pxeDiscovery(bytes: Uint8Array): PxeDiscovery {
  const parts = pxeSubOptions(bytes)
  const [control, multicast, item] = [parts.get(6), parts.get(7), parts.get(71)]
  const bits = control?.length === 1 ? (control[0] as number) : undefined
  const servers = bootServers(parts.get(8))
  return {
    ...(bits !== undefined && {
      control: {
        noBroadcast: (bits & 1) !== 0,
        noMulticast: (bits & 2) !== 0,
        onlyListedServers: (bits & 4) !== 0,
        bootFileNamed: (bits & 8) !== 0,
      },
    }),
    ...(multicast?.length === 4 && { multicast: Ipv4.fromBytes(multicast) }),
    ...(servers !== undefined && { bootServers: servers }),
    ...(item?.length === 4 && { bootItem: { type: u16(item, 0), layer: u16(item, 2) } }),
  }
}

/** Type (two bytes), count, and so many addresses, again and again. */
function bootServers(bytes: Uint8Array | undefined): PxeDiscovery['bootServers'] {
  if (bytes === undefined) return undefined
  const servers: { type: number; addresses: Ipv4[] }[] = []
  let at = 0
  while (at < bytes.length) {
    const count = bytes[at + 2]
    if (count === undefined || at + 3 + 4 * count > bytes.length) return undefined
    const addresses = Array.from({ length: count }, (_, n) =>
      Ipv4.fromBytes(bytes.subarray(at + 3 + 4 * n, at + 7 + 4 * n)),
    )
    servers.push({ type: u16(bytes, at), addresses })
    at += 3 + 4 * count
  }
  return servers
}

const u16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
