/** Ends the process (through an uncaught error) when our own reasoning is wrong; never for bad input. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${why}`)
}

/** Marks a branch that the types say cannot be reached. */
export function unreachable(value: never, why = 'unexpected value'): never {
  throw new Error(`unreachable: ${why}: ${JSON.stringify(value)}`)
}
