import type { Indicator } from '@brickyard/redfish/resources/indicator'
import type { Timer } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { BmcFault } from '../fault.ts'
import type { IdentifyControl } from '../identify.ts'
import type { RedfishSession } from './redfish-session.ts'

const SECONDS_MAX = 255

/**
 * The light by LocationIndicatorActive or IndicatorLED, of the system or else the chassis. Redfish
 * knows no time for it: the driver turns it off itself, at the latest when it is closed.
 */
export function createRedfishIdentify(
  session: RedfishSession,
): IdentifyControl & { close(): Promise<void> } {
  let timer: Timer | undefined

  async function place(): Promise<
    Result<{ path: string; etag: string | undefined; indicator: Indicator }, BmcFault>
  > {
    for (const part of ['system', 'chassis'] as const) {
      const found = await session[part]()
      if (!found.ok) {
        if (part === 'chassis') return found
        continue
      }
      const { path, etag, value } = found.value
      if (value.indicator !== undefined) return ok({ path, etag, indicator: value.indicator })
    }
    return err({ kind: 'refused', message: 'neither system nor chassis has a light' })
  }

  async function turn(lit: boolean): Promise<Result<void, BmcFault>> {
    const at = await place()
    if (!at.ok) return at
    const { path, etag, indicator } = at.value
    const change =
      indicator.active === undefined
        ? { IndicatorLED: lit ? wordFor(indicator) : 'Off' }
        : { LocationIndicatorActive: lit }
    const answer = await session.write('other', (client) => client.patch(path, change, etag))
    return answer.ok ? readBack(lit) : answer
  }

  /** `Unknown` is what some services always say: then the answer is all there is. */
  async function readBack(lit: boolean): Promise<Result<void, BmcFault>> {
    const at = await place()
    if (!at.ok) return at
    const { active, led } = at.value.indicator
    const now = active ?? (led === undefined ? lit : led !== 'Off')
    if (now === lit) return ok(undefined)
    return err({
      kind: 'refused',
      message: `the light was turned ${lit ? 'on' : 'off'} and is not`,
    })
  }

  return {
    async light(seconds) {
      const wanted = Math.min(SECONDS_MAX, Math.max(0, Math.round(seconds)))
      timer?.cancel()
      timer = undefined
      const turned = await turn(wanted > 0)
      if (turned.ok && wanted > 0) {
        timer = session.clock.after(Seconds(wanted), () => {
          timer = undefined
          void turn(false)
        })
      }
      return turned
    },
    async close() {
      if (timer === undefined) return
      timer.cancel()
      timer = undefined
      await turn(false)
    },
  }
}

const wordFor = ({ allowedLed }: Indicator): string =>
  allowedLed.length === 0 || allowedLed.includes('Blinking') ? 'Blinking' : 'Lit'
