import { ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'
import { decodeSubOptions, type SubOptions } from './sub-options.ts'

/**
 * Option 175, iPXE's own encapsulated options (ipxe.org, "DHCP options"): in a request the features
 * the binary was built with. Its presence alone says that the client is iPXE.
 */
export const ipxeFeatures: OptionCodec<Uint8Array> = {
  code: 175,
  decode: (bytes) => ok(bytes),
  encode: (bytes) => bytes,
}

/** The features by their number (e.g. 19 http, 36 EFI); empty when they do not parse. */
export const ipxeSubOptions = (bytes: Uint8Array): SubOptions =>
  decodeSubOptions(bytes, true) ?? new Map()

/** What an iPXE says of itself in option 175, as far as it decides anything. */
export interface IpxeFacts {
  /** `1.21.1`; older builds say none. */
  readonly version?: string
  /** It can fetch by HTTP and by HTTPS. */
  readonly http: boolean
  readonly https: boolean
  /** It can start an EFI program, or a Linux kernel by itself. */
  readonly efi: boolean
  readonly bzImage: boolean
  /** Bus and device of the NIC that asks, e.g. PCI 8086:100e. */
  readonly busId?: { readonly type: number; readonly vendor: number; readonly device: number }
}

/** Numbers as iPXE has them (its "DHCP feature option tags", 16 to 127, and options from 128). */
const SUB_OPTION = { http: 19, https: 20, bzImage: 24, efi: 36, busId: 177, version: 235 } as const

/** Reads option 175; what makes no sense is left out. */
export function ipxeFacts(bytes: Uint8Array): IpxeFacts {
  const parts = ipxeSubOptions(bytes)
  // The value is the version of the feature.
  const has = (code: number): boolean => (parts.get(code)?.[0] ?? 0) > 0
  const [version, bus] = [parts.get(SUB_OPTION.version), parts.get(SUB_OPTION.busId)]
  const u16 = (at: number): number => ((bus?.[at] ?? 0) << 8) | (bus?.[at + 1] ?? 0)
  return {
    ...(version !== undefined && version.length > 0 && { version: [...version].join('.') }),
    http: has(SUB_OPTION.http),
    https: has(SUB_OPTION.https),
    efi: has(SUB_OPTION.efi),
    bzImage: has(SUB_OPTION.bzImage),
    ...(bus?.length === 5 && { busId: { type: bus[0] as number, vendor: u16(1), device: u16(3) } }),
  }
}
