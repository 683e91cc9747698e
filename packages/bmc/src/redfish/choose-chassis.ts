import type { Chassis } from '@brickyard/redfish/resources/chassis'

/** Types that are one sled, and types that hold one or more; modules and cards are chassis too. */
const SLEDS = ['sled', 'blade', 'rackmount', 'standalone']
const HOLDERS = ['enclosure', 'multinodechassis', 'shelf']

/** Whether a chassis may be a sled, or hold it. A type that is not told is no reason against it. */
export const mayBeSled = ({ chassisType }: Chassis): boolean =>
  chassisType === undefined || [...SLEDS, ...HOLDERS].includes(chassisType.toLowerCase())

/**
 * Which of a system's chassis is the sled itself: one of a fitting type, else one that has readings,
 * else the first.
 */
export function chooseChassis<T extends { readonly chassis: Chassis }>(
  candidates: readonly T[],
): T | undefined {
  const points = ({ chassis }: T): number => {
    const type = chassis.chassisType?.toLowerCase()
    const fits = type === undefined ? 1 : SLEDS.includes(type) ? 3 : HOLDERS.includes(type) ? 2 : 0
    const { thermal, power, sensors, powerSubsystem } = chassis
    const tells = [thermal, power, sensors, powerSubsystem].some((one) => one !== undefined)
    return fits * 2 + (tells ? 1 : 0)
  }
  return candidates.toSorted((a, b) => points(b) - points(a))[0]
}
