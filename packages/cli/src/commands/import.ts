import type { RackDocument } from '@brickyard/model/rack'
import { encodeLogin, handoverContext } from '@brickyard/model/sealed-login'
import { formatProblem } from '@brickyard/std/problem'
import { err, ok, type Result } from '@brickyard/std/result'
import { boxKeyId, sealBox } from '@brickyard/std/sealed-box'
import { ask, confirmed, type Action, type Context } from '../context.ts'
import { parseCsv } from '../csv.ts'
import { EXIT, failure, type CliFailure } from '../exit-codes.ts'
import { table } from '../output.ts'
import { planImport, type ImportPlan, type PlannedSled } from '../plan-import.ts'
import { waitForAct } from '../wait.ts'

const ENTROPY_BYTES = 32
/** A list of 512 sleds is below 100 kB. */
const FILE_CHARS_MAX = 1_000_000

type State = 'sealed and taken' | 'nothing to hand over' | `not taken: ${string}`

/**
 * Reads a list of sleds into the rack document of a site, and hands the logins in it to the site.
 * Each is sealed here to the site's own key: the hub passes on what it cannot read.
 */
export const sledImport: Action = async (context) => {
  const [site = '', file = ''] = context.args
  const plan = await readPlan(context, site, file)
  if (!plan.ok) return plan
  const { sleds, rack } = plan.value
  const changes = sleds.filter(({ changed }) => changed?.length !== 0).length
  const logins = sleds.filter(({ login }) => login !== undefined).length
  const preview = previewText(sleds)
  if (context.options.flag('dry-run')) return ok({ json: previewJson(sleds), text: preview })
  const key = logins === 0 ? undefined : await sealingKey(context, site)
  if (key?.ok === false) return key
  for (const line of preview.trimEnd().split('\n')) context.say(line)
  const sure = await confirmed(
    context,
    `Change ${changes} sleds of ${site} and hand over ${logins} logins?`,
  )
  if (!sure.ok) return sure
  if (changes > 0) {
    const put = await ask(context.hub.sites.putRack(site, rack))
    if (!put.ok) return put
  }
  const states = new Map<string, State>()
  for (const planned of sleds) {
    states.set(planned.sled.name, await handOver(context, site, planned, key?.value))
  }
  const failed = [...states].filter(([, state]) => state.startsWith('not taken'))
  const text = table(
    ['SLED', 'LOGIN'],
    [...states].map(([name, state]) => [`${site}/${name}`, state]),
  )
  const json = [...states].map(([sled, login]) => ({ site, sled, login }))
  if (failed.length === 0) return ok({ json, text })
  const why = `${failed.length} logins were not taken; the same file may be imported again.`
  return ok({ json, text, failed: failure(EXIT.failed, why) })
}

async function readPlan(
  { hub, ports }: Context,
  site: string,
  file: string,
): Promise<Result<ImportPlan, CliFailure>> {
  const text = await ports.files.readText(file)
  if (text === undefined) return err(failure(EXIT.usage, `There is no file ${file}.`))
  if (text.length > FILE_CHARS_MAX)
    return err(failure(EXIT.usage, `${file} is too long for a list.`))
  const records = parseCsv(text)
  if (!records.ok) {
    return err(failure(EXIT.usage, `${file}:${records.error.line}: ${records.error.message}`))
  }
  const rack = await ask(hub.sites.rack(site))
  if (!rack.ok) return rack
  // The hub checked it when it was put, and checks what is put now.
  const plan = planImport(records.value, rack.value as Partial<RackDocument> as RackDocument)
  if (plan.ok) return plan
  const lines = plan.error
    .toSorted((a, b) => a.line - b.line)
    .map((found) => `${file}:${found.line}: ${formatProblem(found)}`)
  return err(failure(EXIT.usage, ...lines, 'Nothing was changed.'))
}

/** The key that the site publishes; who wants to be sure compares its short name with the appliance's. */
async function sealingKey(
  { hub, options, say }: Context,
  site: string,
): Promise<Result<string, CliFailure>> {
  const found = await ask(hub.sites.get(site))
  if (!found.ok) return found
  const { sealingKey: key } = found.value
  if (key === null) {
    return err(failure(EXIT.failed, `${site} has told no key yet: is its agent running?`))
  }
  const expected = options.text('sealing-key')
  if (expected !== undefined && expected !== boxKeyId(key)) {
    const why = `${site} shows the key ${boxKeyId(key)}, not ${expected}: nothing was handed over.`
    return err(failure(EXIT.conflict, why))
  }
  say(`Logins are sealed to key ${boxKeyId(key)} of ${site}.`)
  return ok(key)
}

async function handOver(
  context: Context,
  site: string,
  { sled, login }: PlannedSled,
  key: string | undefined,
): Promise<State> {
  if (login === undefined || key === undefined) return 'nothing to hand over'
  const entropy = context.ports.randomBytes(ENTROPY_BYTES)
  const box = sealBox(key, handoverContext(site, sled.name), encodeLogin(login), entropy)
  if (!box.ok) return `not taken: ${box.error}`
  const sent = await ask(context.hub.sleds.giveLogin(site, sled.name, box.value))
  const after = sent.ok ? await waitForAct(context, sent.value) : sent
  if (!after.ok) return `not taken: ${after.error.lines[0] ?? ''}`
  const { state, reason } = after.value
  return state === 'done' ? 'sealed and taken' : `not taken: ${reason ?? state}`
}

const changeText = ({ changed }: PlannedSled): string =>
  changed === undefined ? 'new' : changed.length === 0 ? 'unchanged' : changed.join(', ')

const previewText = (sleds: readonly PlannedSled[]): string =>
  table(
    ['LINE', 'SLED', 'CHANGES', 'LOGIN'],
    sleds.map((planned) => [
      planned.line,
      planned.sled.name,
      changeText(planned),
      planned.login === undefined ? null : planned.login.user,
    ]),
  )

const previewJson = (sleds: readonly PlannedSled[]): unknown =>
  sleds.map(({ line, sled, changed, login }) => ({
    line,
    sled: sled.name,
    new: changed === undefined,
    changed: changed ?? [],
    login: login?.user ?? null,
  }))
