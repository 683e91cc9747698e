/** Counts what the suite claims; prints each claim as it is settled. */
export class Checks {
  passed = 0
  failed = 0
  #notRun = 0

  claim(name: string, holds: boolean, detail = ''): void {
    if (holds) this.passed += 1
    else this.failed += 1
    console.log(`${holds ? 'ok  ' : 'FAIL'}  ${name}${detail === '' ? '' : `: ${detail}`}`)
  }

  /** Runs one part; a throw or a rejection is one failed claim, and the suite goes on. */
  async part(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.claim(name, false, error instanceof Error ? error.message : String(error))
    }
  }

  /** What nothing here could be done for: neither passed nor failed, and said. */
  notRun(name: string, reason: string): void {
    this.#notRun += 1
    console.log(`not run: ${name}: ${reason}`)
  }

  /** The closing line that other programs read. */
  summary(): string {
    const settled = `${this.passed} passed, ${this.failed} failed`
    return this.#notRun === 0 ? settled : `${settled}, ${this.#notRun} not run`
  }
}

/** A line of progress with the seconds since the suite began. */
export function say(what: string): void {
  console.log(`${(performance.now() / 1000).toFixed(0).padStart(5)} s  ${what}`)
}

/** Rejects when `work` takes longer than `limitMs`; the message says what was waited for. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const message = `${what}: nothing after ${Math.round(limitMs / 1000)} s`
    timer = setTimeout(() => reject(new Error(message)), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Looks again and again until there is an answer; rejects after `limitMs` with what was waited for
 * and how it stood, and at once when looking throws.
 */
export async function until<T>(
  limitMs: number,
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  stands: () => string = () => '',
): Promise<T> {
  const endMs = performance.now() + limitMs
  for (;;) {
    const seen = await look()
    if (seen !== undefined) return seen
    if (performance.now() > endMs) {
      throw new Error(`${what}: not after ${Math.round(limitMs / 1000)} s; ${stands()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

const LOOK_MS = 500
