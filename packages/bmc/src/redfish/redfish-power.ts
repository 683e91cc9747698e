import type { PowerState, PowerVerb } from '@brickyard/model/operation'
import { parseActionInfo, type Action } from '@brickyard/redfish/resources/reset-action'
import type { System } from '@brickyard/redfish/resources/system'
import { sleep } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { BmcFault } from '../fault.ts'
import type { PowerControl } from '../power.ts'
import type { RedfishSession } from './redfish-session.ts'

/** What each verb may be called, in the order of preference. */
const RESET_TYPES: Readonly<Record<PowerVerb, readonly string[]>> = {
  on: ['On', 'ForceOn'],
  off: ['ForceOff'],
  soft: ['GracefulShutdown', 'PushPowerButton'],
  cycle: ['PowerCycle', 'FullPowerCycle'],
  reset: ['ForceRestart'],
}

/** Between off and on where a BMC has no cycle of its own; and how long it may take to go off. */
const OFF_POLL_MS = Seconds(2)
const OFF_LOOKS_MAX = 15

/** Power by ComputerSystem.Reset. */
export function createRedfishPower(session: RedfishSession): PowerControl {
  /** Allowed reset types by action info, asked for once. */
  let told: readonly string[] | undefined

  async function allowedBy(action: Action): Promise<readonly string[]> {
    if (action.allowed.length > 0) return action.allowed
    if (told === undefined && action.info !== undefined) {
      const answer = await session.client.get(action.info)
      if (answer.ok) told = parseActionInfo(answer.value.body)
    }
    return told ?? []
  }

  async function send(system: System, verb: PowerVerb): Promise<Result<void, BmcFault>> {
    const { reset } = system
    if (reset === undefined)
      return err({ kind: 'refused', message: 'the system has no Reset action' })
    const allowed = await allowedBy(reset)
    const wanted = RESET_TYPES[verb]
    const type = allowed.length === 0 ? wanted[0] : wanted.find((one) => allowed.includes(one))
    if (type === undefined) {
      if (verb === 'cycle') return offAndOn(system)
      const message = `power ${verb}: the BMC allows ${allowed.join(', ')}; expected ${wanted.join(' or ')}`
      return err({ kind: 'refused', message })
    }
    const answer = await session.write('power', (client) =>
      client.post(reset.target, { ResetType: type }),
    )
    if (answer.ok) return ok(undefined)
    return toleratedBy(verb, answer.error)
  }

  /** A refusal is a success when what was wanted is so already, and only then. */
  async function toleratedBy(verb: PowerVerb, fault: BmcFault): Promise<Result<void, BmcFault>> {
    const state = verb === 'on' ? 'on' : verb === 'off' || verb === 'soft' ? 'off' : undefined
    if (state === undefined || fault.kind !== 'refused') return err(fault)
    const now = await session.system()
    return now.ok && powerOf(now.value.value) === state ? ok(undefined) : err(fault)
  }

  async function offAndOn(system: System): Promise<Result<void, BmcFault>> {
    const off = await send(system, 'off')
    if (!off.ok) return off
    for (let look = 0; look < OFF_LOOKS_MAX; look++) {
      await sleep(session.clock, OFF_POLL_MS)
      const now = await session.system()
      if (now.ok && powerOf(now.value.value) === 'off') return send(now.value.value, 'on')
    }
    return err({ kind: 'timeout', message: 'power cycle: the sled did not go off' })
  }

  return {
    async read() {
      const system = await session.system()
      return system.ok ? ok(powerOf(system.value.value)) : system
    },
    async set(verb) {
      const system = await session.system()
      if (!system.ok) return system
      const now = powerOf(system.value.value)
      if ((verb === 'cycle' || verb === 'reset') && now === 'off') {
        return err({ kind: 'refused', message: `power ${verb}: the sled is off` })
      }
      return send(system.value.value, verb)
    },
  }
}

/** A sled on its way is still where it came from: what is wanted is reached when it is. */
export function powerOf({ powerState }: System): PowerState {
  switch (powerState?.toLowerCase() ?? '') {
    case 'on':
    case 'poweringoff':
    case 'paused':
      return 'on'
    case 'off':
    case 'poweringon':
      return 'off'
    default:
      return 'unknown'
  }
}
