import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Get Chassis Status (IPMI 2.0 §28.2). */
export const GET_CHASSIS_STATUS: Command = { netFn: NET_FN.chassis, command: 0x01 }

/** What the chassis does when mains power comes back (§28.2, byte 2 bits 6:5). */
export const RESTORE_POLICIES = ['stay-off', 'as-before', 'turn-on', 'unknown'] as const
export type RestorePolicy = (typeof RESTORE_POLICIES)[number]

export interface ChassisStatus {
  readonly power: 'on' | 'off'
  readonly powerFault: boolean
  readonly overload: boolean
  readonly restorePolicy: RestorePolicy
  readonly intrusion: boolean
  readonly fanFault: boolean
  readonly driveFault: boolean
  /** Undefined when the BMC does not report its identify light. */
  readonly identify: 'off' | 'timed' | 'on' | undefined
}

const IDENTIFY = ['off', 'timed', 'on', undefined] as const
const IDENTIFY_REPORTED = 0x40

export const chassisStatusRequest = (): CommandRequest => ({
  ...GET_CHASSIS_STATUS,
  data: new Uint8Array(0),
})

export function decodeChassisStatus(data: Uint8Array): Result<ChassisStatus> {
  const reader = new ByteReader(data)
  const power = reader.u8()
  reader.skip(1)
  const misc = reader.u8()
  if (reader.short) return err(`chassis status of ${data.length} bytes; at least 3`)
  return ok({
    power: (power & 0x01) !== 0 ? 'on' : 'off',
    overload: (power & 0x02) !== 0,
    powerFault: (power & 0x18) !== 0,
    restorePolicy: RESTORE_POLICIES[(power >> 5) & 0x03] as RestorePolicy,
    intrusion: (misc & 0x01) !== 0,
    driveFault: (misc & 0x04) !== 0,
    fanFault: (misc & 0x08) !== 0,
    identify: (misc & IDENTIFY_REPORTED) !== 0 ? IDENTIFY[(misc >> 4) & 0x03] : undefined,
  })
}

export function encodeChassisStatus(status: ChassisStatus): Uint8Array {
  const identify =
    status.identify === undefined ? 0 : IDENTIFY_REPORTED | (IDENTIFY.indexOf(status.identify) << 4)
  return new ByteWriter(3)
    .u8(
      (status.power === 'on' ? 0x01 : 0) |
        (status.overload ? 0x02 : 0) |
        (status.powerFault ? 0x08 : 0) |
        (RESTORE_POLICIES.indexOf(status.restorePolicy) << 5),
    )
    .u8(0)
    .u8(
      (status.intrusion ? 0x01 : 0) |
        (status.driveFault ? 0x04 : 0) |
        (status.fanFault ? 0x08 : 0) |
        identify,
    )
    .done()
}
