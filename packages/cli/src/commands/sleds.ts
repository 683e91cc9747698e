import type { Act, Sled } from '@brickyard/api/schemas'
import type { Answer } from '@brickyard/api/client'
import { SledRef } from '@brickyard/model/names'
import { POWER_VERBS, POWER_WAYS } from '@brickyard/model/operation'
import { err, ok } from '@brickyard/std/result'
import {
  ask,
  askRows,
  confirmed,
  numberOption,
  sledNamed,
  type Action,
  type Context,
  type Outcome,
} from '../context.ts'
import { EXIT, failure } from '../exit-codes.ts'
import { bytesText, facts, table, timeText } from '../output.ts'
import { waitForAct } from '../wait.ts'

const place = ({ position }: Sled): string =>
  position.kind === 'slot' ? `${position.cage}/${position.slot}` : `unit ${position.unit}`

/** A value of a site that is away is marked: it was true when the site was last heard. */
const maybeStale = (sled: Sled, text: string): string => (sled.stale ? `${text}?` : text)

export const sledList: Action = async ({ hub, options }) => {
  const site = options.text('site')
  const state = options.text('state')
  const sleds = await askRows((page) =>
    hub.sleds.list({
      ...page,
      ...(site === undefined ? {} : { site }),
      ...(state === undefined ? {} : { state }),
    }),
  )
  if (!sleds.ok) return sleds
  return ok({
    json: sleds.value,
    text: table(
      ['SLED', 'STATE', 'POWER', 'PLACE', 'GRADE', 'MODEL', 'SERIAL', 'ADDRESS', 'REASON'],
      sleds.value.map((sled) => [
        `${sled.site}/${sled.name}`,
        maybeStale(sled, sled.state),
        maybeStale(sled, sled.power),
        place(sled),
        sled.placeGrade,
        sled.model,
        sled.serial,
        sled.address,
        sled.stateReason ?? '',
      ]),
    ),
  })
}

function sledText(sled: Sled): string {
  const most = facts([
    ['sled', `${sled.site}/${sled.name}`],
    ['state', maybeStale(sled, sled.state)],
    ['reason', sled.stateReason],
    ['since', timeText(sled.stateSinceMs)],
    ['deadline', timeText(sled.stateDeadlineMs)],
    ['power', maybeStale(sled, sled.power)],
    ['power read', timeText(sled.powerAsOfMs)],
    ['place', `${place(sled)} (${sled.placeGrade})`],
    ['maker', sled.manufacturer],
    ['model', sled.model],
    ['serial', sled.serial],
    ['processor', sled.cpuModel],
    ['memory', sled.memoryBytes === null ? null : bytesText(sled.memoryBytes)],
    ['boots', `${sled.architecture} ${sled.firmwareMode}`],
    ['macs', sled.macs.join(', ') || null],
    ['address', sled.address],
    ['bmc', sled.bmcAddress],
    ['deployment', sled.deployment],
    ['operation', sled.currentOperation],
    ...sled.disks.map((disk) => ['disk', `${disk.path} ${bytesText(disk.bytes)}`] as const),
    ...sled.firmware.map(
      (item) =>
        [
          'firmware',
          `${item.component} ${item.version ?? 'unknown'}: ${item.verdict}, ${item.reason}`,
        ] as const,
    ),
    ...sled.witnesses.map(({ kind, says }) => ['witness', `${kind}: ${says}`] as const),
  ])
  return sled.stale ? `${most}The site is away: values marked ? are as last reported.\n` : most
}

export const sledGet: Action = async (context) => {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  const sled = await ask(context.hub.sleds.get(ref.value.site, ref.value.sled))
  return sled.ok ? ok({ json: sled.value, text: sledText(sled.value) }) : sled
}

/** Sends a wish and, when asked to, waits until the site has read back what became of it. */
export async function act(context: Context, send: () => Answer<Act>): Promise<Outcome> {
  const sent = await ask(send())
  if (!sent.ok) return sent
  const wait = context.options.flag('wait')
  const after = wait ? await waitForAct(context, sent.value) : sent
  if (!after.ok) return after
  const { id, kind, site, sled, state, reason, operation, expiresAtMs } = after.value
  const text = facts([
    ['act', id],
    ['sled', `${site}/${sled}`],
    ['wanted', kind],
    ['state', state],
    ['reason', reason],
    ...(operation === null ? [] : [['operation', operation] as const]),
    ['expires', timeText(expiresAtMs)],
  ])
  if (state === 'failed' || state === 'expired') {
    const why = `${kind} of ${site}/${sled} ${state}${reason === null ? '' : `: ${reason}`}`
    return ok({ json: after.value, text, failed: failure(EXIT.failed, why) })
  }
  return ok({ json: after.value, text })
}

/** Verbs that cut a running system off. */
const HARD = new Set(['off', 'cycle', 'reset'])

export const sledPower: Action = async (context) => {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  const verb = context.args[1] ?? ''
  if (!POWER_VERBS.some((each) => each === verb)) {
    return err(failure(EXIT.usage, `'${verb}' is no power verb: ${POWER_VERBS.join(', ')}`))
  }
  const via = context.options.text('via')
  if (via !== undefined && !POWER_WAYS.some((each) => each === via)) {
    return err(failure(EXIT.usage, `'${via}' is no way to switch it: ${POWER_WAYS.join(', ')}`))
  }
  if (HARD.has(verb)) {
    const cut = via === 'feed' ? 'the sled and its BMC' : 'what runs on it'
    const question = `Power ${verb} of ${SledRef.format(ref.value)} cuts off ${cut}. Do it?`
    const sure = await confirmed(context, question)
    if (!sure.ok) return sure
  }
  return act(context, () => context.hub.sleds.power(ref.value.site, ref.value.sled, verb, via))
}

export const sledIdentify: Action = async (context) => {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  const seconds = numberOption(context, 'seconds', { min: 0, max: 255, otherwise: 60 })
  if (!seconds.ok) return seconds
  return act(context, () =>
    context.hub.sleds.identify(ref.value.site, ref.value.sled, seconds.value),
  )
}

export const sledInspect: Action = async (context) => {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  return act(context, () => context.hub.sleds.inspect(ref.value.site, ref.value.sled))
}

export const sledRecover: Action = async (context) => {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  return act(context, () => context.hub.sleds.recover(ref.value.site, ref.value.sled))
}
