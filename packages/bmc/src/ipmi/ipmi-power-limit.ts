import { readPowerDraw, readPowerLimit, setPowerLimit } from '@brickyard/ipmi/power-limit-walk'
import type { Clock } from '@brickyard/runtime/clock'
import { err, ok } from '@brickyard/std/result'
import type { PowerLimitControl } from '../power-limit.ts'
import { hold } from './ipmi-conversation.ts'
import type { IpmiSession } from './ipmi-session.ts'

/** Sixteen bits on the wire. */
const WATTS_MAX = 0xffff

/** Draw and cap by the power commands of DCMI. */
export const createIpmiPowerLimit = (session: IpmiSession, clock: Clock): PowerLimitControl => ({
  async readDraw() {
    const draw = await hold(session, clock, readPowerDraw())
    if (!draw.ok) return draw
    const { watts, wattsMin, wattsMax, wattsAverage, periodMs } = draw.value
    return ok({ watts, wattsMin, wattsMax, wattsAverage, periodMs })
  },
  async readLimit() {
    const limit = await hold(session, clock, readPowerLimit())
    return limit.ok ? ok({ watts: limit.value?.watts }) : limit
  },
  async setLimit(watts) {
    if (watts !== undefined && !(Number.isInteger(watts) && watts > 0 && watts <= WATTS_MAX)) {
      return err({ kind: 'refused', message: `a limit of ${watts} W is not 1 to ${WATTS_MAX} W` })
    }
    const limit = await hold(session, clock, setPowerLimit(watts))
    return limit.ok ? ok({ watts: limit.value?.watts }) : limit
  },
})
