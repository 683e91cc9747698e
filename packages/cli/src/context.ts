import type { Answer, HubClient } from '@brickyard/api/client'
import type { Page } from '@brickyard/api/schemas'
import { err, ok, type Result } from '@brickyard/std/result'
import { SledRef } from '@brickyard/model/names'
import { EXIT, failure, failureOf, type CliFailure } from './exit-codes.ts'
import type { Output } from './output.ts'
import type { CliPorts } from './ports.ts'

/** What a command's action gets: the words after its name and its options, both as typed. */
export interface StartContext {
  readonly ports: CliPorts
  readonly args: readonly string[]
  readonly options: Options
  /** A message for a person, on standard error. */
  readonly say: (line: string) => void
}

export interface Context extends StartContext {
  readonly hub: HubClient
}

export interface Options {
  readonly text: (name: string) => string | undefined
  readonly texts: (name: string) => readonly string[]
  readonly flag: (name: string) => boolean
}

/** Found data, with the exit code when it is not 0: a deployment that was refused is still shown. */
export type Outcome = Result<Output & { readonly failed?: CliFailure }, CliFailure>
export type Action = (context: Context) => Promise<Outcome>

/** The answer of the hub, its refusal turned into an exit code. */
export async function ask<T>(answer: Answer<T>): Promise<Result<T, CliFailure>> {
  const result = await answer
  return result.ok ? result : err(failureOf(result.error))
}

/** Rows asked for in one request. */
const PAGE_ROWS = 200

/** Rows of a list, page after page, until `wanted` or the end. */
export async function askRows<T>(
  page: (query: { limit: number; pageToken?: string }) => Answer<Page<T>>,
  wanted = Number.MAX_SAFE_INTEGER,
): Promise<Result<T[], CliFailure>> {
  const rows: T[] = []
  let token: string | undefined
  while (rows.length < wanted) {
    const limit = Math.min(PAGE_ROWS, wanted - rows.length)
    const answer = await ask(page({ limit, ...(token === undefined ? {} : { pageToken: token }) }))
    if (!answer.ok) return answer
    rows.push(...answer.value.items)
    if (answer.value.nextPage === null) break
    token = answer.value.nextPage
  }
  return ok(rows)
}

/** The sled named by the command's first word. */
export function sledNamed(context: Context): Result<SledRef, CliFailure> {
  const ref = SledRef.parse(context.args[0] ?? '')
  return ref.ok ? ref : err(failure(EXIT.usage, ref.error))
}

/** An option that is a whole number, within bounds. */
export function numberOption(
  context: Context,
  name: string,
  bounds: { readonly min: number; readonly max: number; readonly otherwise: number },
): Result<number, CliFailure> {
  const text = context.options.text(name)
  if (text === undefined) return ok(bounds.otherwise)
  const value = Number(text)
  if (Number.isInteger(value) && value >= bounds.min && value <= bounds.max) return ok(value)
  return err(
    failure(EXIT.usage, `--${name} is '${text}'; a number from ${bounds.min} to ${bounds.max}`),
  )
}

/** Asks a person before something that cannot be taken back; `--yes` says it beforehand. */
export async function confirmed(
  context: Context,
  question: string,
): Promise<Result<void, CliFailure>> {
  if (context.options.flag('yes')) return ok(undefined)
  if (!context.ports.interactive) {
    return err(failure(EXIT.usage, `${question} Say --yes when nobody can be asked.`))
  }
  const answer = await context.ports.ask(`${question} [y/N] `, false)
  return /^y(es)?$/i.test(answer.trim())
    ? ok(undefined)
    : err(failure(EXIT.failed, 'Nothing was done.'))
}
