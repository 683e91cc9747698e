import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Get Device ID (IPMI 2.0 §20.1): who made the BMC and which firmware it runs. */
export const GET_DEVICE_ID: Command = { netFn: NET_FN.app, command: 0x01 }

export interface DeviceId {
  readonly deviceId: number
  /** 0..15. */
  readonly deviceRevision: number
  /** 0..127. */
  readonly firmwareMajor: number
  /** 0..99; on the wire as BCD. */
  readonly firmwareMinor: number
  /** Firmware or SDR update in progress: only the shortest commands work. */
  readonly updating: boolean
  readonly ipmiVersion: string
  /** IANA enterprise number, 20 bits; 0 is unspecified. */
  readonly manufacturerId: number
  readonly productId: number
  /** Four bytes of meaning to the maker alone; empty when not sent. */
  readonly auxiliaryFirmware: Uint8Array
}

/** Chassis, FRU inventory, SEL, SDR repository and sensor device: what our BMC is (§20.1, byte 7). */
const DEVICE_SUPPORT = 0x8f
const AUXILIARY_BYTES = 4

export const deviceIdRequest = (): CommandRequest => ({ ...GET_DEVICE_ID, data: new Uint8Array(0) })

const fromBcd = (byte: number): number => (byte >> 4) * 10 + (byte & 0x0f)
const toBcd = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10)

export function decodeDeviceId(data: Uint8Array): Result<DeviceId> {
  const reader = new ByteReader(data)
  const deviceId = reader.u8()
  const revision = reader.u8()
  const major = reader.u8()
  const minor = reader.u8()
  const version = reader.u8()
  reader.skip(1)
  const manufacturerId = reader.u24le() & 0xfffff
  const productId = reader.u16le()
  if (reader.short) return err(`device id of ${data.length} bytes; at least 11`)
  return ok({
    deviceId,
    deviceRevision: revision & 0x0f,
    firmwareMajor: major & 0x7f,
    firmwareMinor: fromBcd(minor),
    updating: (major & 0x80) !== 0,
    ipmiVersion: `${version & 0x0f}.${version >> 4}`,
    manufacturerId,
    productId,
    auxiliaryFirmware:
      reader.remaining >= AUXILIARY_BYTES ? reader.take(4).slice() : reader.take(0),
  })
}

/** The BMC's answer; the IPMI version is always 2.0. */
export const encodeDeviceId = (id: Omit<DeviceId, 'ipmiVersion'>): Uint8Array =>
  new ByteWriter(15)
    .u8(id.deviceId)
    .u8(id.deviceRevision & 0x0f)
    .u8((id.updating ? 0x80 : 0) | (id.firmwareMajor & 0x7f))
    .u8(toBcd(id.firmwareMinor))
    .u8(0x02)
    .u8(DEVICE_SUPPORT)
    .u16le(id.manufacturerId & 0xffff)
    .u8((id.manufacturerId >> 16) & 0x0f)
    .u16le(id.productId)
    .put(id.auxiliaryFirmware)
    .done()

/** The firmware version as BMC tools print it: major in decimal, minor as two digits (`9.08`). */
export const firmwareVersion = (id: DeviceId): string =>
  `${id.firmwareMajor}.${String(id.firmwareMinor).padStart(2, '0')}`
