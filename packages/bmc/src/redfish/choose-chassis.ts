import type { Chassis } from '@brickyard/redfish/resources/chassis'

/** Types that hold a whole sled; modules, cards and zones are chassis to Redfish as well. */
const WHOLE = ['sled', 'blade', 'rackmount', 'standalone', 'enclosure', 'multinodechassis']

/**
 * Which of a system's chassis is the sled itself: one of a fitting type, else one that has readings,
 * else the first. A type that is not told is no reason against it.
 */
export function chooseChassis<T extends { readonly chassis: Chassis }>(
  candidates: readonly T[],
): T | undefined {
  const points = ({ chassis }: T): number => {
    const type = chassis.chassisType?.toLowerCase()
    const fits = type === undefined ? 1 : WHOLE.includes(type) ? 2 : 0
    const { thermal, power, sensors, powerSubsystem } = chassis
    const tells = [thermal, power, sensors, powerSubsystem].some((one) => one !== undefined)
    return fits * 2 + (tells ? 1 : 0)
  }
  return candidates.toSorted((a, b) => points(b) - points(a))[0]
}
