import {
  chassisIdentifyRequest,
  IDENTIFY_SECONDS_MAX,
} from '@brickyard/ipmi/commands/chassis-identify'
import { ok } from '@brickyard/std/result'
import type { IdentifyControl } from '../identify.ts'
import type { IpmiSession } from './ipmi-session.ts'

/** The light by Chassis Identify. */
export const createIpmiIdentify = (session: IpmiSession): IdentifyControl => ({
  async light(seconds) {
    const wanted = Math.min(IDENTIFY_SECONDS_MAX, Math.max(0, Math.round(seconds)))
    const request = chassisIdentifyRequest({ seconds: wanted, indefinitely: false })
    const answer = await session.demand('Chassis Identify', request)
    return answer.ok ? ok(undefined) : answer
  },
})
