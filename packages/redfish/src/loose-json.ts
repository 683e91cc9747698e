/**
 * Reading what a BMC answers. Every field is optional until it is there and of a sensible type: a
 * reader gives undefined for anything else, and unknown stays unknown.
 */

/** A JSON object nobody vouches for. */
export interface JsonObject {
  readonly [name: string]: unknown
}

/** Longest text that is taken from a BMC; real ones stay far below. */
const TEXT_CHARS_MAX = 2048
/** Longest path of a resource. */
const LINK_CHARS_MAX = 1024
/** Most members of one array that are looked at. */
const LIST_MAX = 4096

/** The object, or an empty one: looking for fields in what is no object finds none. */
export const objectOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}

/** An own field of an object, by a path of names. */
export function fieldOf(value: unknown, ...names: readonly string[]): unknown {
  let at = value
  for (const name of names) {
    const object = objectOf(at)
    if (!Object.hasOwn(object, name)) return undefined
    at = object[name]
  }
  return at
}

/** A text, trimmed; undefined when it is empty or none. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.slice(0, TEXT_CHARS_MAX).trim()
  return text === '' ? undefined : text
}

const DECIMAL = /^[+-]?\d{1,18}(\.\d{1,18})?$/

/** A number; digits in quotes count, because some BMCs send readings so. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  return typeof value === 'string' && DECIMAL.test(value.trim()) ? Number(value) : undefined
}

/** A boolean, also in quotes. */
export function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const text = textOf(value)?.toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : undefined
}

/** One of `values`, whatever its case; undefined for a word that is not among them. */
export function oneOf<const T extends string>(value: unknown, values: readonly T[]): T | undefined {
  const text = textOf(value)?.toLowerCase()
  return text === undefined ? undefined : values.find((one) => one.toLowerCase() === text)
}

/** The members of an array; nothing for anything else. */
export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value.slice(0, LIST_MAX) : []

/** The texts of an array, without what is none. */
export const textsOf = (value: unknown): readonly string[] =>
  listOf(value).flatMap((one) => textOf(one) ?? [])

const PATH = /^\/(?!\/)[\x21-\x7e]*$/

/**
 * A path on the BMC that was asked. An absolute URL gives its path only: no answer of a BMC ever
 * sends us (and our login) to another host.
 */
export function pathOf(value: unknown): string | undefined {
  const text = textOf(value)
  if (text === undefined || text.length > LINK_CHARS_MAX) return undefined
  const path = text.replace(/^https?:\/\/[^/]*/i, '').replace(/^\/{2,}/, '/')
  return PATH.test(path) && !path.includes('\\') ? path : undefined
}

/** The path of `{ "@odata.id": … }` (DSP0266 §9.6). */
export const linkOf = (value: unknown): string | undefined => pathOf(fieldOf(value, '@odata.id'))

/** The paths of an array of references. */
export const linksOf = (value: unknown): readonly string[] =>
  listOf(value).flatMap((one) => linkOf(one) ?? [])
