/** One thing wrong with an input: which field, what it was, what was expected. */
export interface Problem {
  /** Path of the field, e.g. `networks[0].subnet`. */
  readonly field: string
  /** The value as found, shortened for people. */
  readonly value: string
  /** What would have been right, e.g. `an IPv4 subnet such as 10.1.0.0/24`. */
  readonly expected: string
}

const SHOWN_VALUE_CHARS_MAX = 80

/** A problem with its value made printable and bounded. */
export function problem(field: string, value: unknown, expected: string): Problem {
  const text = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value))
  const shown =
    text.length > SHOWN_VALUE_CHARS_MAX ? `${text.slice(0, SHOWN_VALUE_CHARS_MAX)}…` : text
  return { field, value: shown, expected }
}

/** One line for people: `networks[0].subnet is '10.1/99'; expected an IPv4 subnet such as 10.1.0.0/24`. */
export const formatProblem = (p: Problem): string =>
  `${p.field} is ${p.value}; expected ${p.expected}`
