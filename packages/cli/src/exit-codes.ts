import type { ClientFailure } from '@brickyard/api/client'

/** What the shell is told; scripts may rely on these numbers. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  auth: 5,
  unreachable: 6,
  timedOut: 7,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Why a command came to nothing: the exit code, and lines for a person on standard error. */
export interface CliFailure {
  readonly exit: ExitCode
  readonly lines: readonly string[]
  /** The hub's own word for it, e.g. `upload-running`. */
  readonly code?: string
}

export const failure = (exit: ExitCode, ...lines: string[]): CliFailure => ({ exit, lines })

function exitOfStatus(status: number): ExitCode {
  switch (status) {
    case 400:
    case 422:
      return EXIT.usage
    case 401:
    case 403:
      return EXIT.auth
    case 404:
      return EXIT.notFound
    case 409:
    case 412:
      return EXIT.conflict
    case 502:
    case 503:
    case 504:
      return EXIT.unreachable
    default:
      return EXIT.failed
  }
}

/** A refusal of the hub in words, with the code and request id that its log knows it by. */
export function failureOf(refused: ClientFailure): CliFailure {
  if (refused.kind === 'unreachable') return failure(EXIT.unreachable, refused.message)
  const { problem } = refused
  return {
    exit: exitOfStatus(problem.status),
    code: problem.code,
    lines: [
      problem.detail,
      ...problem.causes.map(({ field, value, expected }) => `  ${field} is ${value}: ${expected}`),
      `(${problem.code}, request ${problem.requestId})`,
    ],
  }
}
