import type { Bmc } from '@brickyard/bmc/bmc'
import type { BmcFault } from '@brickyard/bmc/fault'
import { err, type Result } from '@brickyard/std/result'

/** Stands for a BMC that nobody may knock at now: every call ends at once with the fault. */
export function heldBmc(fault: BmcFault): Bmc {
  const refuse = (): Promise<Result<never, BmcFault>> => Promise.resolve(err(fault))
  return {
    power: { read: refuse, set: refuse },
    boot: { read: refuse, setNextBoot: refuse },
    identify: { light: refuse },
    inventory: { read: refuse },
    close: () => Promise.resolve(),
  }
}
