import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { RestorePolicy } from './chassis-status.ts'
import type { Command, CommandRequest } from './command.ts'

/** Set Power Restore Policy (IPMI 2.0 §28.8); what it is now stands in the chassis status. */
export const SET_POWER_RESTORE_POLICY: Command = { netFn: NET_FN.chassis, command: 0x06 }

export type SettablePolicy = Exclude<RestorePolicy, 'unknown'>

/** By their number on the wire; each is also one bit of what a BMC supports. */
const POLICIES: readonly SettablePolicy[] = ['stay-off', 'as-before', 'turn-on']
/** Changes nothing, and answers which policies there are. */
const NO_CHANGE = 0x03

export const setRestorePolicyRequest = (policy: SettablePolicy): CommandRequest => ({
  ...SET_POWER_RESTORE_POLICY,
  data: Uint8Array.of(POLICIES.indexOf(policy)),
})

/** The policies a BMC has, from the answer to setting one. */
export function decodeSupportedPolicies(data: Uint8Array): Result<readonly SettablePolicy[]> {
  const [mask] = data
  if (mask === undefined) return err('power restore policy answer of no bytes')
  return ok(POLICIES.filter((_, bit) => (mask & (1 << bit)) !== 0))
}

export const encodeSupportedPolicies = (policies: readonly SettablePolicy[]): Uint8Array =>
  Uint8Array.of(policies.reduce((mask, policy) => mask | (1 << POLICIES.indexOf(policy)), 0))

/** The policy asked for, or `no-change`. */
export function decodeSetRestorePolicy(data: Uint8Array): Result<SettablePolicy | 'no-change'> {
  const [byte] = data
  if (byte === undefined) return err('power restore policy request of no bytes')
  const code = byte & 0x07
  const policy = code === NO_CHANGE ? 'no-change' : POLICIES[code]
  return policy === undefined ? err(`power restore policy ${code}`) : ok(policy)
}
