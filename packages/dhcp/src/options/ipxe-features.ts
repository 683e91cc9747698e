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

/** The features by their number (e.g. 19 http, 39 bzImage); empty when they do not parse. */
export const ipxeSubOptions = (bytes: Uint8Array): SubOptions =>
  decodeSubOptions(bytes, true) ?? new Map()
