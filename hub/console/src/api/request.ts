import type { ApiProblem } from '@brickyard/api/problem'
import { createClient, type Answer, type ClientFailure } from '@brickyard/api/client'

/** A refusal or a failure of the hub, in words, with what its log knows it by. */
export class HubError extends Error {
  readonly status: number
  /** Stable word for programs, e.g. `image-too-big`; `unreachable` when the hub gave no answer. */
  readonly code: string
  readonly requestId: string | null
  readonly causes: ApiProblem['causes']

  constructor(failure: ClientFailure) {
    const problem = failure.kind === 'problem' ? failure.problem : undefined
    super(problem?.detail ?? 'The hub does not answer.')
    this.name = 'HubError'
    this.status = problem?.status ?? 0
    this.code = problem?.code ?? 'unreachable'
    this.requestId = problem?.requestId ?? null
    this.causes = problem?.causes ?? []
  }
}

/** Longest wait for an answer: a page that hangs is worse than one that says so. */
const ANSWER_WITHIN_MS = 20_000

/** The hub at this page's own origin; the session is the cookie beside it. */
export const hub = createClient({
  baseUrl: location.origin,
  fetch: (request) =>
    fetch(request, {
      credentials: 'same-origin',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }),
})

/** What was answered; throws `HubError`, because that is how queries learn of a failure. */
export async function answered<T>(answer: Answer<T>): Promise<T> {
  const result = await answer
  if (!result.ok) throw new HubError(result.error)
  return result.value
}
