import { deviceIdRequest, decodeDeviceId } from '@brickyard/ipmi/commands/device-id'
import { restartRequest } from '@brickyard/ipmi/commands/restart'
import { COMPLETION, describeCompletion } from '@brickyard/ipmi/completion-code'
import { sleep, type Clock } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Minutes, Seconds } from '@brickyard/std/units'
import type { BmcFault } from '../fault.ts'
import type { RestartControl, RestartKind } from '../restart.ts'
import type { IpmiSession } from './ipmi-session.ts'

const LOOK_EVERY_MS = Seconds(3)
/** A BMC that still knows our session after this long did not restart. */
const GONE_WITHIN_MS = Minutes(1)
/** The slowest real ones take some four minutes. */
const BACK_WITHIN_MS = Minutes(10)

/** Restart by Cold Reset and Warm Reset; the proof is that our session died and another opens. */
export function createIpmiRestart(session: IpmiSession, clock: Clock): RestartControl {
  async function send(kind: RestartKind): Promise<Result<void, BmcFault>> {
    // A kept session may have died; the reset must not be what finds that out.
    const alive = await session.demand('Get Device ID', deviceIdRequest())
    if (!alive.ok) return alive
    const answer = await session.ask(restartRequest(kind), 'never')
    // It may be gone before it answers: what becomes of its session tells.
    if (!answer.ok) return answer.error.kind === 'timeout' ? ok(undefined) : answer
    if (answer.value.completionCode === COMPLETION.ok) return ok(undefined)
    // Warm Reset is optional (§20.3).
    if (kind === 'warm' && answer.value.completionCode === COMPLETION.invalidCommand) {
      return send('cold')
    }
    const message = `BMC restart (${kind}) was answered with ${describeCompletion(answer.value.completionCode)}`
    return err({ kind: 'refused', message })
  }

  return {
    async restart(kind) {
      const startedMs = clock.monotonicMs()
      const before = session.sessionsEnded()
      const sent = await send(kind)
      if (!sent.ok) return sent
      for (;;) {
        await sleep(clock, LOOK_EVERY_MS)
        const answer = await session.ask(deviceIdRequest())
        const gone = session.sessionsEnded() > before
        const id = answer.ok ? decodeDeviceId(answer.value.data) : undefined
        if (gone && id?.ok === true && !id.value.updating) return ok(undefined)
        const lastedMs = clock.monotonicMs() - startedMs
        if (!gone && answer.ok && lastedMs > GONE_WITHIN_MS) {
          return err({ kind: 'refused', message: 'the BMC took the restart and did not restart' })
        }
        if (lastedMs > BACK_WITHIN_MS) {
          const why = answer.ok ? 'it is not ready' : answer.error.message
          return err({ kind: 'timeout', message: `the BMC did not come back: ${why}` })
        }
      }
    },
  }
}
