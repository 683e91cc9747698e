import type { BmcPasswordPolicy } from '@brickyard/model/rack'
import type { Sql } from '@brickyard/runtime/store'
import { boxKeyId } from '@brickyard/std/sealed-box'
import { APPLIANCE_COMMAND } from '../appliance-command.ts'
import { readMeta, writeMeta } from '../store/journal.ts'

const PINNED = 'recovery_key'

/**
 * The recovery key comes with the rack document, which is the hub's word; whoever could change it
 * there would be told every new login. So the first one used is kept, and another one counts only
 * when somebody at the appliance has accepted it.
 */
export function recoveryKeyTrouble(
  sql: Sql,
  policy: BmcPasswordPolicy | undefined,
): string | undefined {
  const pinned = readMeta(sql, PINNED)
  if (policy === undefined || pinned === undefined || pinned === policy.recoveryKey)
    return undefined
  const id = boxKeyId(policy.recoveryKey)
  return (
    `the rack document names recovery key ${id}, until now it was ${boxKeyId(pinned)}: ` +
    `if that is right, say "${APPLIANCE_COMMAND} recovery-key accept ${id}" at the appliance`
  )
}

/** Keeps the first key that is used; a later one changes nothing. */
export function pinRecoveryKey(sql: Sql, { recoveryKey }: BmcPasswordPolicy): void {
  if (readMeta(sql, PINNED) === undefined) writeMeta(sql, PINNED, recoveryKey)
}

/** Somebody at the appliance says that this is the key from now on. */
export const acceptRecoveryKey = (sql: Sql, { recoveryKey }: BmcPasswordPolicy): void =>
  writeMeta(sql, PINNED, recoveryKey)
