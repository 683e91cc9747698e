import { problem, type Problem } from '@brickyard/std/problem'

/** A problem for each value that stands earlier in the list as well; what is left out repeats nothing. */
export function repeats(
  values: readonly (string | undefined)[],
  field: (i: number) => string,
): Problem[] {
  const seen = new Map<string, number>()
  return values.flatMap((value, i) => {
    if (value === undefined) return []
    const first = seen.get(value)
    if (first === undefined) seen.set(value, i)
    return first === undefined
      ? []
      : [problem(field(i), value, `a value not used before (${field(first)} has it)`)]
  })
}
