/**
 * Which sessions we opened at which service and have not closed for certain. It outlives the process:
 * after a crash the next login closes what was left open, because BMCs hold few sessions and refuse
 * every login once they are taken. Paths only, no token: the memory is no secret.
 */
export interface SessionMemory {
  /** Paths of sessions at `service` (its base URL and the user). */
  held(service: string): readonly string[]
  /** Called before the session is used. */
  keep(service: string, path: string): void
  /** Called once the session is known to be gone. */
  drop(service: string, path: string): void
}

/** Sessions remembered per service; what is older than these has long timed out at the BMC. */
export const SESSIONS_REMEMBERED_MAX = 8

/** A memory that ends with the process. */
export function inMemorySessions(): SessionMemory {
  const held = new Map<string, readonly string[]>()
  return {
    held: (service) => held.get(service) ?? [],
    keep(service, path) {
      const others = (held.get(service) ?? []).filter((one) => one !== path)
      held.set(service, [...others, path].slice(-SESSIONS_REMEMBERED_MAX))
    },
    drop(service, path) {
      const left = (held.get(service) ?? []).filter((one) => one !== path)
      if (left.length === 0) held.delete(service)
      else held.set(service, left)
    },
  }
}
