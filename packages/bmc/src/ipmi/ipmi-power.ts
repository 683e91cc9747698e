import { chassisControlRequest } from '@brickyard/ipmi/commands/chassis-control'
import { chassisStatusRequest, decodeChassisStatus } from '@brickyard/ipmi/commands/chassis-status'
import type { PowerState } from '@brickyard/model/operation'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BmcFault } from '../fault.ts'
import type { PowerControl } from '../power.ts'
import type { IpmiSession } from './ipmi-session.ts'

/** Power by Get Chassis Status and Chassis Control. */
export function createIpmiPower(session: IpmiSession): PowerControl {
  async function read(): Promise<Result<PowerState, BmcFault>> {
    const answer = await session.demand('Get Chassis Status', chassisStatusRequest())
    if (!answer.ok) return answer
    const status = decodeChassisStatus(answer.value)
    return status.ok ? ok(status.value.power) : err({ kind: 'protocol', message: status.error })
  }
  return {
    read,
    async set(verb) {
      // A kept session may have died; what is sent once only must not be what finds that out.
      const alive = await read()
      if (!alive.ok) return alive
      const repeat = verb === 'on' || verb === 'off' ? 'harmless' : 'never'
      const answer = await session.demand(
        `Chassis Control '${verb}' (power was ${alive.value})`,
        chassisControlRequest(verb),
        repeat,
      )
      return answer.ok ? ok(undefined) : answer
    },
  }
}
