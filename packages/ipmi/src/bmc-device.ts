import type { BmcAnswer, BmcCommand } from './bmc-state.ts'
import type { Command } from './commands/command.ts'
import { COMPLETION } from './completion-code.ts'
import { atLeast, type Privilege } from './privilege.ts'

/**
 * What a command made of one part of a BMC: a completion code that refuses, the data of an answer,
 * or data together with the part's next state.
 */
export type DeviceOutcome<State> =
  | number
  | Uint8Array
  | {
      readonly state: State
      readonly data?: Uint8Array | undefined
      /** Some commands have codes that say more than yes, and carry data all the same. */
      readonly completionCode?: number | undefined
    }

export interface DeviceHandler<State> {
  readonly needs: Privilege
  readonly run: (state: State, data: Uint8Array, command: BmcCommand) => DeviceOutcome<State>
}

/** The commands one part of a BMC answers. */
export type DeviceTable<State> = ReadonlyMap<number, DeviceHandler<State>>

const key = (command: Command): number => command.netFn * 0x100 + command.command

export const deviceTable = <State>(
  handlers: readonly (readonly [Command, Privilege, DeviceHandler<State>['run']])[],
): DeviceTable<State> =>
  new Map(handlers.map(([command, needs, run]) => [key(command), { needs, run }]))

export interface DeviceStep<State> {
  readonly state: State
  readonly answer: BmcAnswer
}

/** Answers a command by a part of the BMC; undefined when the command is none of its own. Pure. */
export function answerDevice<State>(
  table: DeviceTable<State>,
  state: State,
  command: BmcCommand,
): DeviceStep<State> | undefined {
  const handler = table.get(key(command))
  if (handler === undefined) return undefined
  const outcome = atLeast(command.privilege, handler.needs)
    ? handler.run(state, command.data, command)
    : COMPLETION.insufficientPrivilege
  if (typeof outcome === 'number') {
    return { state, answer: { completionCode: outcome, data: new Uint8Array(0) } }
  }
  const done = outcome instanceof Uint8Array ? { state, data: outcome } : outcome
  const data = done.data ?? new Uint8Array(0)
  const completionCode =
    ('completionCode' in done ? done.completionCode : undefined) ?? COMPLETION.ok
  return { state: done.state, answer: { completionCode, data } }
}
