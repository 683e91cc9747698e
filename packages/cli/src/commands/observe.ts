import type { Operation } from '@brickyard/api/schemas'
import { ok } from '@brickyard/std/result'
import { ask, askRows, numberOption, type Action, type Context } from '../context.ts'
import { EXIT, failure } from '../exit-codes.ts'
import { facts, spanText, table, timeText } from '../output.ts'
import { waitForOperation } from '../wait.ts'

const ROWS_DEFAULT = 50
const ROWS_MAX = 100_000

const rowsWanted = (context: Context) =>
  numberOption(context, 'limit', { min: 1, max: ROWS_MAX, otherwise: ROWS_DEFAULT })

function where(context: Context): { site?: string; sled?: string } {
  const site = context.options.text('site')
  const sled = context.options.text('sled')
  return { ...(site === undefined ? {} : { site }), ...(sled === undefined ? {} : { sled }) }
}

const percentText = ({ percent }: Operation): string =>
  percent === null ? '' : `${Math.floor(percent)} %`

export const operationList: Action = async (context) => {
  const limit = rowsWanted(context)
  if (!limit.ok) return limit
  const operations = await askRows(
    (page) => context.hub.operations.list({ ...page, ...where(context) }),
    limit.value,
  )
  if (!operations.ok) return operations
  return ok({
    json: operations.value,
    text: table(
      ['OPERATION', 'SLED', 'KIND', 'STATE', 'STEP', 'DONE', 'BEGAN', 'BY', 'REASON'],
      operations.value.map((each) => [
        each.id,
        `${each.site}/${each.sled}`,
        each.kind,
        each.state,
        each.steps.find(({ state }) => state === 'running')?.name ?? '',
        percentText(each),
        timeText(each.startedAtMs),
        each.requestedBy,
        each.reason ?? '',
      ]),
    ),
  })
}

function operationText(operation: Operation): string {
  const steps = operation.steps.map((step) => [
    step.name,
    step.state,
    step.startedAtMs === null || step.endedAtMs === null
      ? ''
      : spanText(step.endedAtMs - step.startedAtMs),
    step.detail ?? '',
  ])
  const most = facts([
    ['operation', operation.id],
    ['sled', `${operation.site}/${operation.sled}`],
    ['kind', operation.kind],
    ['state', operation.state],
    ['reason', operation.reason],
    ['asked by', operation.requestedBy],
    ['began', timeText(operation.startedAtMs)],
    ['deadline', timeText(operation.deadlineAtMs)],
    ['ended', timeText(operation.endedAtMs)],
  ])
  return `${most}\n${table(['STEP', 'STATE', 'TOOK', 'DETAIL'], steps)}`
}

export const operationGet: Action = async ({ hub, args }) => {
  const operation = await ask(hub.operations.get(args[0] ?? ''))
  return operation.ok
    ? ok({ json: operation.value, text: operationText(operation.value) })
    : operation
}

export const operationWatch: Action = async (context) => {
  const ended = await waitForOperation(context, context.args[0] ?? '')
  if (!ended.ok) return ended
  const { state, reason, kind, site, sled } = ended.value
  const output = { json: ended.value, text: operationText(ended.value) }
  if (state === 'done') return ok(output)
  const why = `${kind} of ${site}/${sled} ${state}${reason === null ? '' : `: ${reason}`}`
  return ok({ ...output, failed: failure(EXIT.failed, why) })
}

export const events: Action = async (context) => {
  const limit = rowsWanted(context)
  if (!limit.ok) return limit
  const kind = context.options.text('kind')
  const found = await askRows(
    (page) =>
      context.hub.events.list({
        ...page,
        ...where(context),
        ...(kind === undefined ? {} : { kind }),
      }),
    limit.value,
  )
  if (!found.ok) return found
  return ok({
    json: found.value,
    text: table(
      ['AT', 'SITE', 'SEQ', 'SLED', 'KIND', 'TEXT'],
      found.value.map((event) => [
        timeText(event.atMs),
        event.site,
        event.seq,
        event.sled ?? '',
        event.kind,
        event.text,
      ]),
    ),
  })
}
