import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Set and Get System Boot Options (IPMI 2.0 §28.12, §28.13). */
export const SET_BOOT_OPTIONS: Command = { netFn: NET_FN.chassis, command: 0x08 }
export const GET_BOOT_OPTIONS: Command = { netFn: NET_FN.chassis, command: 0x09 }

/** Boot option parameters (table 28-14). */
export const BOOT_PARAMETER = {
  setInProgress: 0,
  validBitClearing: 3,
  infoAcknowledge: 4,
  bootFlags: 5,
} as const

/** Values of "set in progress" (parameter 0). */
export const SET_IN_PROGRESS = { complete: 0, inProgress: 1, commit: 2 } as const

/**
 * Parameter 3, bit 3: keep the boot flags although no chassis control came within 60 seconds.
 * Without it a slow operation would find its override gone and boot the disk.
 */
export const KEEP_FLAGS_WITHOUT_CONTROL = 0x08

/** Without that bit a BMC forgets the boot flags after this time (§28.13, parameter 3). */
export const FLAGS_LIFE_MS = 60_000

const PARAMETER_VERSION = 0x01
const MARK_INVALID = 0x80

/** Boot devices in the order of their wire numbers 0..6 (table 28-14, parameter 5, data 2 bits 5:2). */
export const BOOT_DEVICES = [
  'none',
  'network',
  'disk',
  'disk-safe-mode',
  'diagnostic',
  'cdrom',
  'setup',
] as const
/** `other` is a number we do not name (remote media, floppy). `none` is "no override". */
export type BootDevice = (typeof BOOT_DEVICES)[number] | 'other'

export interface BootFlags {
  /** False: the flags below mean nothing, the sled boots in its own order. */
  readonly valid: boolean
  /** True: every boot; false: the next one only. */
  readonly persistent: boolean
  /** True: UEFI boot; false: legacy BIOS. */
  readonly efi: boolean
  readonly device: BootDevice
}

export interface BootParameter {
  readonly parameter: number
  readonly markInvalid: boolean
  readonly data: Uint8Array
}

export const setBootOptionRequest = (parameter: number, data: Uint8Array): CommandRequest => ({
  ...SET_BOOT_OPTIONS,
  data: new ByteWriter(8).u8(parameter).put(data).done(),
})

export const getBootOptionRequest = (parameter: number): CommandRequest => ({
  ...GET_BOOT_OPTIONS,
  data: new Uint8Array([parameter, 0, 0]),
})

/** Reads a Set System Boot Options request. */
export function decodeSetBootOption(data: Uint8Array): Result<BootParameter> {
  const selector = data[0]
  if (selector === undefined) return err('set boot options: the parameter is missing')
  return ok({
    parameter: selector & 0x7f,
    markInvalid: (selector & MARK_INVALID) !== 0,
    data: data.subarray(1),
  })
}

/** Reads the parameter number of a Get System Boot Options request. */
export function decodeGetBootOption(data: Uint8Array): Result<number> {
  if (data.length < 3) return err(`get boot options request of ${data.length} bytes, not 3`)
  return ok((data[0] as number) & 0x7f)
}

/** Reads the answer to Get System Boot Options. */
export function decodeBootOption(data: Uint8Array): Result<BootParameter> {
  if (data.length < 2) return err(`boot options answer of ${data.length} bytes; at least 2`)
  const selector = data[1] as number
  return ok({
    parameter: selector & 0x7f,
    markInvalid: (selector & MARK_INVALID) !== 0,
    data: data.subarray(2),
  })
}

export const encodeBootOption = (parameter: BootParameter): Uint8Array =>
  new ByteWriter(8)
    .u8(PARAMETER_VERSION)
    .u8(parameter.parameter | (parameter.markInvalid ? MARK_INVALID : 0))
    .put(parameter.data)
    .done()

const deviceNumber = (device: BootDevice): number =>
  device === 'other' ? 0 : BOOT_DEVICES.indexOf(device)

/** The five bytes of parameter 5; verbosity, locks and instance numbers are left to the firmware. */
export const encodeBootFlags = (flags: BootFlags): Uint8Array =>
  new ByteWriter(5)
    .u8((flags.valid ? 0x80 : 0) | (flags.persistent ? 0x40 : 0) | (flags.efi ? 0x20 : 0))
    .u8(deviceNumber(flags.device) << 2)
    .zeroes(3)
    .done()

export function decodeBootFlags(data: Uint8Array): Result<BootFlags> {
  const reader = new ByteReader(data)
  const bits = reader.u8()
  const device = (reader.u8() >> 2) & 0x0f
  if (reader.short) return err(`boot flags of ${data.length} bytes; at least 2`)
  return ok({
    valid: (bits & 0x80) !== 0,
    persistent: (bits & 0x40) !== 0,
    efi: (bits & 0x20) !== 0,
    device: BOOT_DEVICES[device] ?? 'other',
  })
}

/** Parameter 4: "the BIOS has not handled the boot information yet" for all parties (write mask, data). */
export const encodeInfoUnacknowledged = (): Uint8Array => new Uint8Array([0x01, 0x01])
