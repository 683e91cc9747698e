import {
  chassisStatusRequest,
  decodeChassisStatus,
  type RestorePolicy as WirePolicy,
} from '@brickyard/ipmi/commands/chassis-status'
import {
  decodeSupportedPolicies,
  setRestorePolicyRequest,
} from '@brickyard/ipmi/commands/restore-policy'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BmcFault } from '../fault.ts'
import type { RestorePolicyControl } from '../restore-policy.ts'
import type { IpmiSession } from './ipmi-session.ts'

/** Power restore policy by Set Power Restore Policy and Get Chassis Status. */
export function createIpmiRestorePolicy(session: IpmiSession): RestorePolicyControl {
  async function read(): Promise<Result<WirePolicy, BmcFault>> {
    const answer = await session.demand('Get Chassis Status', chassisStatusRequest())
    if (!answer.ok) return answer
    const status = decodeChassisStatus(answer.value)
    return status.ok
      ? ok(status.value.restorePolicy)
      : err({ kind: 'protocol', message: status.error })
  }
  return {
    read,
    async set(policy) {
      const request = setRestorePolicyRequest(policy)
      const answer = await session.demand('Set Power Restore Policy', request)
      if (!answer.ok) return answer
      const supported = decodeSupportedPolicies(answer.value)
      const has = supported.ok ? supported.value.join(', ') : 'unknown ones'
      const now = await read()
      if (!now.ok) return now
      const message = `power restore policy '${policy}' reads back as '${now.value}'; the BMC has ${has}`
      return now.value === policy ? ok(undefined) : err({ kind: 'refused', message })
    },
  }
}
