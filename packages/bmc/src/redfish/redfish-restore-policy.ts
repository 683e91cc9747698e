import { err, ok, type Result } from '@brickyard/std/result'
import type { BmcFault } from '../fault.ts'
import type { RestorePolicy, RestorePolicyControl } from '../restore-policy.ts'
import type { RedfishSession } from './redfish-session.ts'

const WORDS: Readonly<Record<RestorePolicy, string>> = {
  'stay-off': 'AlwaysOff',
  'as-before': 'LastState',
  'turn-on': 'AlwaysOn',
}

/** Power restore policy by `PowerRestorePolicy` of the system (ComputerSystem 1.6 and later). */
export function createRedfishRestorePolicy(session: RedfishSession): RestorePolicyControl {
  async function read(): Promise<Result<RestorePolicy | 'unknown', BmcFault>> {
    const system = await session.system()
    if (!system.ok) return system
    return ok(policyOf(system.value.value.powerRestorePolicy))
  }
  return {
    read,
    async set(policy) {
      const system = await session.system()
      if (!system.ok) return system
      const { path, etag, value } = system.value
      if (value.powerRestorePolicy === undefined) {
        const message = 'the system tells no power restore policy; it may be a BIOS attribute'
        return err({ kind: 'refused', message })
      }
      if (policyOf(value.powerRestorePolicy) === policy) return ok(undefined)
      const change = { PowerRestorePolicy: WORDS[policy] }
      const written = await session.write('other', (client) => client.patch(path, change, etag))
      if (!written.ok) return written
      const now = await read()
      if (!now.ok) return now
      const message = `power restore policy '${policy}' reads back as '${now.value}'`
      return now.value === policy ? ok(undefined) : err({ kind: 'refused', message })
    },
  }
}

function policyOf(word: string | undefined): RestorePolicy | 'unknown' {
  switch (word?.toLowerCase() ?? '') {
    case 'alwayson':
      return 'turn-on'
    case 'alwaysoff':
      return 'stay-off'
    case 'laststate':
      return 'as-before'
    default:
      return 'unknown'
  }
}
