import { parseActionInfo, type Action } from '@brickyard/redfish/resources/reset-action'
import { sleep } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Minutes, Seconds } from '@brickyard/std/units'
import type { BmcFault } from '../fault.ts'
import type { RestartControl, RestartKind } from '../restart.ts'
import type { RedfishSession } from './redfish-session.ts'

/** What each kind may be called, in the order of preference. */
const RESET_TYPES: Readonly<Record<RestartKind, readonly string[]>> = {
  cold: ['ForceRestart', 'GracefulRestart'],
  warm: ['GracefulRestart', 'ForceRestart'],
}

const LOOK_EVERY_MS = Seconds(3)
/** Services go on answering for a while: the slowest is gone within two minutes. */
const GONE_WITHIN_MS = Minutes(2)
/** A large BMC takes some six minutes until it answers again. */
const BACK_WITHIN_MS = Minutes(10)

/**
 * Restart by Manager.Reset. The proof is that the service was away, or that it says itself when it
 * was restarted last; and then that it shows its manager and its system again.
 */
export function createRedfishRestart(session: RedfishSession): RestartControl {
  async function typeFor(action: Action, kind: RestartKind): Promise<Result<string, BmcFault>> {
    let { allowed } = action
    if (allowed.length === 0 && action.info !== undefined) {
      const info = await session.client.get(action.info)
      if (info.ok) allowed = parseActionInfo(info.value.body)
    }
    const wanted = RESET_TYPES[kind]
    const type = allowed.length === 0 ? wanted[0] : wanted.find((one) => allowed.includes(one))
    if (type !== undefined) return ok(type)
    const message = `BMC restart: the BMC allows ${allowed.join(', ')}; expected ${wanted.join(' or ')}`
    return err({ kind: 'refused', message })
  }

  async function send(
    { target, allowed, info }: Action,
    type: string,
  ): Promise<Result<void, BmcFault>> {
    const answer = await session.write('other', (client) =>
      client.post(target, { ResetType: type }),
    )
    if (answer.ok) return ok(undefined)
    // It may be gone before it answers: what it does next tells.
    if (answer.error.kind === 'timeout' || answer.error.kind === 'unreachable') return ok(undefined)
    // Old services know one restart and refuse to be told which.
    const unnamed = allowed.length === 0 && info === undefined && answer.error.kind === 'refused'
    if (!unnamed) return answer
    const bare = await session.write('other', (client) => client.post(target, {}))
    return bare.ok ? ok(undefined) : bare
  }

  async function watch(lastResetBefore: string | undefined): Promise<Result<void, BmcFault>> {
    const startedMs = session.clock.monotonicMs()
    let gone = false
    for (;;) {
      await sleep(session.clock, LOOK_EVERY_MS)
      const manager = await session.manager()
      const lastReset = manager.ok ? manager.value.value.lastResetTime : undefined
      gone ||= !manager.ok || (lastReset !== undefined && lastReset !== lastResetBefore)
      const system = manager.ok ? await session.system() : manager
      if (gone && system.ok) return ok(undefined)
      const lastedMs = session.clock.monotonicMs() - startedMs
      if (!gone && lastedMs > GONE_WITHIN_MS) {
        return err({ kind: 'refused', message: 'the BMC took the restart and did not restart' })
      }
      if (lastedMs > BACK_WITHIN_MS) {
        const why = system.ok ? '' : `: ${system.error.message}`
        return err({ kind: 'timeout', message: `the BMC did not come back${why}` })
      }
    }
  }

  return {
    async restart(kind) {
      const manager = await session.manager()
      if (!manager.ok) return manager
      const { reset, lastResetTime } = manager.value.value
      if (reset === undefined) {
        return err({ kind: 'refused', message: 'the BMC has no restart of its own' })
      }
      const type = await typeFor(reset, kind)
      if (!type.ok) return type
      const sent = await send(reset, type.value)
      return sent.ok ? watch(lastResetTime) : sent
    },
  }
}
