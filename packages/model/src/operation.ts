/** A durable, resumable run of steps on one sled. */
export const OPERATION_KINDS = [
  'inspect',
  'provision',
  'release',
  'power',
  'identify',
  'rotate-credentials',
  'restart-bmc',
  'regain-bmc',
] as const
export type OperationKind = (typeof OPERATION_KINDS)[number]

export const OPERATION_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const
export type OperationState = (typeof OPERATION_STATES)[number]

export type PowerVerb = 'on' | 'off' | 'soft' | 'cycle' | 'reset'
export const POWER_VERBS = ['on', 'off', 'soft', 'cycle', 'reset'] as const

/** By what a sled's power is switched: its BMC, or the outlets that feed it. */
export const POWER_WAYS = ['bmc', 'feed'] as const
export type PowerWay = (typeof POWER_WAYS)[number]

/** What was read from a BMC; `unknown` when it did not answer. */
export type PowerState = 'on' | 'off' | 'unknown'
export const POWER_STATES = ['on', 'off', 'unknown'] as const
