import { ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'
import { decodeSubOptions, type SubOptions } from './sub-options.ts'

/** RFC 2132 §8.4: opaque unless the vendor class says whose it is. */
export const vendorSpecific: OptionCodec<Uint8Array> = {
  code: 43,
  decode: (bytes) => ok(bytes),
  encode: (bytes) => bytes,
}

/**
 * PXE_DISCOVERY_CONTROL (6) with bit 3 set: "boot the file named in this answer, ask no boot
 * server" (PXE 2.1 table 2-1). A server that says `PXEClient` in option 60 without this makes UEFI
 * firmware look for a boot server for over a minute; with it nobody waits for a proxy either.
 */
export const PXE_BOOT_FILE_NAMED = Uint8Array.of(0x06, 0x01, 0x08, 0xff)

/** The sub-options of a PXE client's or server's option 43; empty when they do not parse. */
export const pxeSubOptions = (bytes: Uint8Array): SubOptions =>
  decodeSubOptions(bytes, true) ?? new Map()
