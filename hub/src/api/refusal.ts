import type { ApiProblem } from '@brickyard/api/problem'
import type { Problem } from '@brickyard/std/problem'
import type { Result } from '@brickyard/std/result'

export interface RefusalFacts {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 416 | 422 | 429 | 503 | 507
  /** Stable word for programs. */
  readonly code: string
  /** What went wrong, for a person. */
  readonly detail: string
  readonly causes?: readonly Problem[]
  readonly retryAfterSeconds?: number
}

/** A request that is refused; the API's error handler turns it into a problem document. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly facts: RefusalFacts

  constructor(facts: RefusalFacts) {
    super(facts.detail)
    this.facts = facts
  }
}

export const notFound = (what: string): Refusal =>
  new Refusal({ status: 404, code: 'not-found', detail: `there is no ${what}` })

export const invalid = (detail: string, causes: readonly Problem[]): Refusal =>
  new Refusal({ status: 422, code: 'invalid', detail, causes })

export const conflict = (code: string, detail: string): Refusal =>
  new Refusal({ status: 409, code, detail })

/** The value, or the refusal thrown at the API's edge. */
export function orRefuse<T>(result: Result<T, Refusal>): T {
  if (result.ok) return result.value
  throw result.error
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request cannot be read',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  413: 'Too large',
  416: 'Range not satisfiable',
  422: 'The request is not right',
  429: 'Too many requests',
  500: 'The hub failed',
  503: 'Not now',
  507: 'No room',
}

/** RFC 9457. */
export function problemResponse(
  facts: Omit<RefusalFacts, 'status'> & { readonly status: number },
  requestId: string,
): Response {
  const problem: ApiProblem = {
    type: `urn:brickyard:problem:${facts.code}`,
    title: TITLES[facts.status] ?? 'Refused',
    status: facts.status,
    code: facts.code,
    detail: facts.detail,
    requestId,
    causes: [...(facts.causes ?? [])],
  }
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  }
  if (facts.retryAfterSeconds !== undefined) {
    headers['retry-after'] = String(facts.retryAfterSeconds)
  }
  return new Response(JSON.stringify(problem), { status: facts.status, headers })
}
