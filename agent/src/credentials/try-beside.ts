import type { Bmc } from '@brickyard/bmc/bmc'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { BmcDeclaration } from '@brickyard/model/rack'
import type { BmcLogin } from '@brickyard/model/sealed-login'
import { ok, type Result } from '@brickyard/std/result'
import { Minutes } from '@brickyard/std/units'
import type { BmcDesk } from '../bmc/bmc-desk.ts'

/** A login and a look at every account of a slow BMC. */
const TRIAL_TIMEOUT_MS = Minutes(3)

export interface BesideParts {
  readonly desk: BmcDesk
  /** A connection of its own with this login, beside the desk's. */
  readonly connectAs: (declared: BmcDeclaration, login: BmcLogin) => Bmc
}

/**
 * Works with another login than the one in use, in the BMC's own queue: beside it nobody else talks
 * to this BMC. What that login is refused is none of the queue's: the one in use may be well.
 */
export async function tryBeside<T>(
  { desk, connectAs }: BesideParts,
  sled: SledName,
  declared: BmcDeclaration,
  login: BmcLogin,
  work: (bmc: Bmc) => Promise<Result<T, BmcFault>>,
): Promise<Result<T, BmcFault>> {
  const tried = await desk.with(
    sled,
    async () => {
      const bmc = connectAs(declared, login)
      try {
        return ok(await work(bmc))
      } finally {
        await bmc.close()
      }
    },
    TRIAL_TIMEOUT_MS,
  )
  return tried.ok ? tried.value : tried
}
