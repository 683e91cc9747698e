import { err, ok, type Result } from '@brickyard/std/result'
import type { PowerVerb } from '@brickyard/model/operation'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Chassis Control (IPMI 2.0 §28.3). A success answer says "begun", not "done": read the status back. */
export const CHASSIS_CONTROL: Command = { netFn: NET_FN.chassis, command: 0x02 }

const CODES: Readonly<Record<PowerVerb, number>> = { off: 0, on: 1, cycle: 2, reset: 3, soft: 5 }

export const chassisControlRequest = (verb: PowerVerb): CommandRequest => ({
  ...CHASSIS_CONTROL,
  data: new Uint8Array([CODES[verb]]),
})

export function decodeChassisControl(data: Uint8Array): Result<PowerVerb> {
  const code = data[0]
  if (code === undefined) return err('chassis control: the action is missing')
  const verb = (Object.keys(CODES) as PowerVerb[]).find((v) => CODES[v] === (code & 0x0f))
  return verb === undefined ? err(`chassis control ${code & 0x0f} is not supported`) : ok(verb)
}
