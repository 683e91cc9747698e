import type { BmcPasswordPolicy, RackDocument } from '@brickyard/model/rack'
import type { Operation } from '../operations/operation.ts'
import type { SledRecord } from '../operations/sled-record.ts'
import type { Origin } from './login-book.ts'

/** Rotations that the site begins unasked run so many at a time. */
export const ROTATIONS_MAX = 4

/** What the site must have before any login is changed. */
export interface RotationMeans {
  readonly policy: BmcPasswordPolicy | undefined
  /** Why the recovery key that is named is not to be used. */
  readonly keyTrouble: string | undefined
  readonly hasHub: boolean
}

/** Why the login of a BMC cannot be changed now; undefined when it can. */
export function checkRotation(
  record: SledRecord,
  { policy, keyTrouble, hasHub }: RotationMeans,
  running: Iterable<Operation>,
): string | undefined {
  const { name, state } = record
  if (policy === undefined) {
    return 'the rack document names no recovery key (bmcPasswords.recoveryKey): a lost appliance would lock the BMC'
  }
  if (keyTrouble !== undefined) return keyTrouble
  if (!hasHub) return 'this site has no hub to keep the sealed login'
  if (state === 'adopted') return `${name} is adopted: it is only watched`
  for (const { kind, sled, id } of running) {
    const ofLogin = kind === 'rotate-credentials' || kind === 'regain-bmc'
    if (ofLogin && sled === name) return `${name} is busy: ${kind} ${id}`
  }
  return undefined
}

/** What decides whether the site changes a login unasked. */
export interface RotationWish extends Omit<RotationMeans, 'policy'> {
  readonly nowMs: number
  /** Where the login in use came from; undefined when none is known. */
  readonly originOf: (sled: SledRecord['name']) => Origin | undefined
}

/** Sleds whose login is to be changed unasked, in the order of the rack. */
export function dueRotations(
  rack: RackDocument,
  sleds: ReadonlyMap<string, SledRecord>,
  running: Iterable<Operation>,
  wish: RotationWish,
): SledRecord['name'][] {
  const policy = rack.bmcPasswords
  if (policy === undefined) return []
  const all = [...running]
  const free = ROTATIONS_MAX - all.filter(({ kind }) => kind === 'rotate-credentials').length
  return rack.sleds
    .filter(({ name, bmc }) => {
      const record = sleds.get(name)
      const origin = wish.originOf(name)
      if (bmc === undefined || record === undefined) return false
      // A login that is good for once is changed whatever the sled does: its BMC alone is touched.
      if (record.state !== 'ready' && origin !== 'once') return false
      if (checkRotation(record, { ...wish, policy }, all) !== undefined) return false
      if (wish.nowMs < (record.rotation?.notBeforeMs ?? 0)) return false
      if (origin === 'once') return true
      const given = origin === 'given'
      const released = record.rotation?.due === true
      return (given && policy.rotateAtIntake) || (released && policy.rotateAfterRelease)
    })
    .slice(0, Math.max(0, free))
    .map(({ name }) => name)
}
