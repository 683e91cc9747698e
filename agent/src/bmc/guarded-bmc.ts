import type { Bmc } from '@brickyard/bmc/bmc'
import type { BmcFault } from '@brickyard/bmc/fault'
import { err, type Result } from '@brickyard/std/result'

/**
 * A BMC handed to one piece of work: once `living` says no, every call is refused without reaching
 * the wire. So work that overran its deadline cannot interfere with what came after it.
 */
export function guardedBmc(bmc: Bmc, living: () => boolean): Bmc {
  const late = { kind: 'timeout', message: 'the deadline of this work has passed' } as const
  const guard = <T>(call: () => Promise<Result<T, BmcFault>>): Promise<Result<T, BmcFault>> =>
    living() ? call() : Promise.resolve(err(late))
  const { sensors } = bmc
  return {
    sensors: sensors && { read: () => guard(() => sensors.read()) },
    power: {
      read: () => guard(() => bmc.power.read()),
      set: (verb) => guard(() => bmc.power.set(verb)),
    },
    boot: {
      read: () => guard(() => bmc.boot.read()),
      setNextBoot: (wanted) => guard(() => bmc.boot.setNextBoot(wanted)),
    },
    identify: { light: (seconds) => guard(() => bmc.identify.light(seconds)) },
    inventory: { read: () => guard(() => bmc.inventory.read()) },
    // The connection is the desk's: work that closes it would take it from everybody after.
    close: () => Promise.resolve(),
  }
}
