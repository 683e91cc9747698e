import { toHex } from '@brickyard/std/hex'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Get System GUID (IPMI 2.0 §22.14) and Get Device GUID (§20.8). */
export const GET_SYSTEM_GUID: Command = { netFn: NET_FN.app, command: 0x37 }
export const GET_DEVICE_GUID: Command = { netFn: NET_FN.app, command: 0x08 }

export const GUID_BYTES = 16

/**
 * The same 16 bytes in the three ways BMCs are known to mean them. Only a second witness (DHCP
 * option 97, SMBIOS) tells which one a maker chose, so all are kept.
 */
export interface SystemGuid {
  /** As §20.8 says: the whole GUID stands least significant byte first. */
  readonly canonical: string
  /** As SMBIOS and DHCP option 97 lay it out: the first three fields are little-endian. */
  readonly swapped: string
  /** As RFC 9562 lays it out: the bytes in the order they came. */
  readonly asSent: string
}

export const systemGuidRequest = (): CommandRequest => ({
  ...GET_SYSTEM_GUID,
  data: new Uint8Array(0),
})

const dashed = (bytes: Uint8Array): string =>
  toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

const SMBIOS_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]

/** All three readings, lower-case with dashes. */
export function decodeSystemGuid(data: Uint8Array): Result<SystemGuid> {
  if (data.length < GUID_BYTES) return err(`system GUID of ${data.length} bytes, not 16`)
  const bytes = data.slice(0, GUID_BYTES)
  return ok({
    canonical: dashed(bytes.slice().reverse()),
    swapped: dashed(Uint8Array.from(SMBIOS_ORDER, (at) => bytes[at] as number)),
    asSent: dashed(bytes),
  })
}
