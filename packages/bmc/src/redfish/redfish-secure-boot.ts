import { parseActionInfo, type Action } from '@brickyard/redfish/resources/reset-action'
import { parseSecureBoot, type SecureBoot } from '@brickyard/redfish/resources/secure-boot'
import { sleep } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { BmcFault } from '../fault.ts'
import type { SecureBootControl, SecureBootKeys, SecureBootState } from '../secure-boot.ts'
import { named, type RedfishSession } from './redfish-session.ts'

/** Before each look at what became of a change: some BMCs show it late. */
const LOOK_AFTER_MS = [0, Seconds(2), Seconds(5)]

const RESET_KEYS: Readonly<Record<SecureBootKeys, string>> = {
  defaults: 'ResetAllKeysToDefault',
  'no-keys': 'DeleteAllKeys',
  'no-platform-key': 'DeletePK',
}

interface Found {
  readonly path: string
  readonly etag: string | undefined
  readonly value: SecureBoot
}

/** Secure Boot by the system's `SecureBoot`. */
export function createRedfishSecureBoot(session: RedfishSession): SecureBootControl {
  async function find(): Promise<Result<Found, BmcFault>> {
    const where = await session.whereabouts()
    if (!where.ok) return where
    const system = await session.system()
    if (!system.ok) return system
    const path = system.value.value.secureBoot
    if (path === undefined) return err({ kind: 'refused', message: 'the BMC shows no Secure Boot' })
    const answer = await session.client.get(path)
    if (!answer.ok) return err(named(answer.error, where.value.manner))
    const { body, etag } = answer.value
    return ok({ path, etag, value: parseSecureBoot(body) })
  }

  async function read(): Promise<Result<SecureBootState, BmcFault>> {
    const found = await find()
    return found.ok ? ok(stateOf(found.value.value)) : found
  }

  async function allowedBy(action: Action): Promise<readonly string[]> {
    if (action.allowed.length > 0 || action.info === undefined) return action.allowed
    const info = await session.client.get(action.info)
    return info.ok ? parseActionInfo(info.value.body, 'ResetKeysType') : []
  }

  return {
    read,
    async setEnabled(enabled) {
      const found = await find()
      if (!found.ok) return found
      const { path, etag, value } = found.value
      if (value.enabled === enabled) return ok(stateOf(value))
      const change = { SecureBootEnable: enabled }
      const written = await session.write('bios', (client) => client.patch(path, change, etag))
      if (!written.ok) return written
      let now: SecureBootState | undefined
      for (const waitMs of LOOK_AFTER_MS) {
        if (waitMs > 0) await sleep(session.clock, waitMs)
        const looked = await read()
        if (!looked.ok || looked.value.enabled === enabled) return looked
        now = looked.value
      }
      const message = `Secure Boot: asked for ${enabled}, the BMC reads back ${now?.enabled}`
      return err({ kind: 'refused', message })
    },
    async resetKeys(keys) {
      const found = await find()
      if (!found.ok) return found
      const { resetKeys } = found.value.value
      if (resetKeys === undefined) {
        return err({ kind: 'refused', message: 'the BMC resets no Secure Boot keys' })
      }
      const type = RESET_KEYS[keys]
      const allowed = await allowedBy(resetKeys)
      if (allowed.length > 0 && !allowed.includes(type)) {
        const message = `Secure Boot keys: the BMC allows ${allowed.join(', ')}; expected ${type}`
        return err({ kind: 'refused', message })
      }
      const written = await session.write('bios', (client) =>
        client.post(resetKeys.target, { ResetKeysType: type }),
      )
      return written.ok ? read() : written
    },
  }
}

function stateOf({ current, enabled, mode }: SecureBoot): SecureBootState {
  const running = current === undefined ? undefined : current === 'Enabled'
  const word = mode?.toLowerCase().replace(/mode$/, '')
  const known = (['user', 'setup', 'audit', 'deployed'] as const).find((one) => one === word)
  return { running, enabled, mode: known ?? 'unknown' }
}
