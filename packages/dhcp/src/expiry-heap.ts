/** Something that ends at a time on the owner's clock. */
export interface Expiring {
  readonly expiresAtMs: number
}

/**
 * What ends next, of many things with different lengths of life: a binary heap. An entry that was
 * replaced stays until its turn, and is then skipped by `isLive`; the owner rebuilds the heap when
 * such entries outnumber the live ones, so that it never outgrows them by more than a half.
 */
export class ExpiryHeap<T extends Expiring> {
  readonly #isLive: (entry: T) => boolean
  #entries: T[] = []

  constructor(isLive: (entry: T) => boolean) {
    this.#isLive = isLive
  }

  get size(): number {
    return this.#entries.length
  }

  /** Adds an entry. `liveCount` is how many of all are live: what is dead beyond that is dropped. */
  push(entry: T, liveCount: number): void {
    const entries = this.#entries
    if (entries.length > 2 * liveCount + DEAD_MIN) this.#rebuild()
    this.#entries.push(entry)
    this.#up(this.#entries.length - 1)
  }

  /** Takes out the live entries whose time is over, earliest first. */
  takeOver(nowMs: number): T[] {
    const over: T[] = []
    for (let next = this.#entries[0]; next !== undefined && next.expiresAtMs <= nowMs;) {
      this.#pop()
      if (this.#isLive(next)) over.push(next)
      next = this.#entries[0]
    }
    return over
  }

  #rebuild(): void {
    // Sorted is a heap.
    this.#entries = this.#entries
      .filter((entry) => this.#isLive(entry))
      .sort((a, b) => a.expiresAtMs - b.expiresAtMs)
  }

  #pop(): void {
    const last = this.#entries.pop()
    if (last === undefined || this.#entries.length === 0) return
    this.#entries[0] = last
    this.#down()
  }

  #up(from: number): void {
    const entries = this.#entries
    const entry = entries[from] as T
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = entries[parent] as T
      if (above.expiresAtMs <= entry.expiresAtMs) break
      entries[at] = above
      at = parent
    }
    entries[at] = entry
  }

  #down(): void {
    const entries = this.#entries
    const entry = entries[0] as T
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= entries.length) break
      const right = entries[child + 1]
      if (right !== undefined && right.expiresAtMs < (entries[child] as T).expiresAtMs) child++
      const below = entries[child] as T
      if (entry.expiresAtMs <= below.expiresAtMs) break
      entries[at] = below
      at = child
    }
    entries[at] = entry
  }
}

/** Below this many it is not worth the while. */
const DEAD_MIN = 1024
