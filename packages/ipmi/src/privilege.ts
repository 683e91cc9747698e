/** Privilege levels (IPMI 2.0 §6.8), lowest first; the number is the one on the wire. */
export const PRIVILEGES = { callback: 1, user: 2, operator: 3, administrator: 4 } as const
export type Privilege = keyof typeof PRIVILEGES

/** The level of a wire number; undefined for reserved and OEM ones. */
export const privilegeOf = (level: number): Privilege | undefined =>
  (Object.keys(PRIVILEGES) as Privilege[]).find((name) => PRIVILEGES[name] === level)

/** True when `held` includes everything that `wanted` allows. */
export const atLeast = (held: Privilege, wanted: Privilege): boolean =>
  PRIVILEGES[held] >= PRIVILEGES[wanted]
