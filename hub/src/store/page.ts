/** Pages by key: the token is the sort key of the last row, so that rows in between cost nothing. */
export interface PageRequest {
  readonly limit: number
  readonly pageToken?: string | undefined
}

export interface PageOf<T> {
  readonly items: T[]
  readonly nextPage: string | null
}

/** From `limit + 1` rows: the page, and the token of the next when there is one. */
export function toPage<Row, T>(
  rows: readonly Row[],
  limit: number,
  key: (row: Row) => readonly (string | number)[],
  view: (row: Row) => T,
): PageOf<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  return {
    items: shown.map(view),
    nextPage: more ? Buffer.from(JSON.stringify(key(last))).toString('base64url') : null,
  }
}

/** The sort key in a token, or undefined for one that nobody here made. */
export function readToken(
  token: string | undefined,
  length: number,
): readonly (string | number)[] | undefined {
  if (token === undefined) return undefined
  let key: unknown
  try {
    key = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
  const good =
    Array.isArray(key) &&
    key.length === length &&
    key.every((part) => typeof part === 'string' || typeof part === 'number')
  return good ? (key as (string | number)[]) : undefined
}
