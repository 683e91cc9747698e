import type { RackPlan } from '@brickyard/sim/rack-plan'
import { makeHardware } from '@brickyard/sim/rack-plan'
import type { SimulatedRack } from '@brickyard/sim/rack'
import type { SeededRandom } from '@brickyard/sim/seeded-random'
import type { SledName } from '@brickyard/model/names'

/**
 * What is wrong at the sites from the beginning, so that "needs a person" has something true to say:
 * a BMC that refuses to switch power, a machine that nobody declared, a BIOS that is behind, and a
 * sled whose serial is not the declared one.
 */
const REFUSING_SLED = 'sled-03' as SledName
const OLD_BIOS_SLED = 'sled-07' as SledName
const OLD_BIOS_VERSION = 'L2.02C'
const SWAPPED_SLED = 'sled-16' as SledName
const STRANGER_NUMBER = 99

/** What is built differently, or declared differently from what is built. */
export function plantInPlan(siteNumber: number, plan: RackPlan): RackPlan {
  if (siteNumber !== 2) return plan
  return {
    document: {
      ...plan.document,
      sleds: plan.document.sleds.map((sled) =>
        sled.name === SWAPPED_SLED ? { ...sled, serial: 'C3S2016-OLD' } : sled,
      ),
    },
    sleds: plan.sleds.map((planned) =>
      planned.declaration.name === OLD_BIOS_SLED
        ? { ...planned, hardware: { ...planned.hardware, biosVersion: OLD_BIOS_VERSION } }
        : planned,
    ),
  }
}

/** What goes wrong in the rack itself. */
export function plantInRack(siteNumber: number, rack: SimulatedRack, random: SeededRandom): void {
  if (siteNumber === 0) {
    const refusing = rack.slot(REFUSING_SLED)
    if (refusing !== undefined) refusing.bmc.faults.refusePower = true
  }
  if (siteNumber === 1) {
    const stranger = rack.addStranger(
      makeHardware(random, {
        siteNumber,
        n: STRANGER_NUMBER,
        firmwareMode: 'uefi',
        diskBytes: 480e9,
      }),
    )
    stranger.host.apply('on')
  }
}
