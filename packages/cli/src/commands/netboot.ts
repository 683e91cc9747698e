import type { BootTraceAnswer } from '@brickyard/api/boot-schemas'
import { Mac } from '@brickyard/model/mac'
import { SiteName, SledName } from '@brickyard/model/names'
import { err, ok, type Result } from '@brickyard/std/result'
import { ask, numberOption, type Action, type Context } from '../context.ts'
import { EXIT, failure, type CliFailure } from '../exit-codes.ts'
import { spanText, table, timeText } from '../output.ts'

type Trace = NonNullable<BootTraceAnswer['trace']>
type Boot = Trace['attempts'][number]

/** The site keeps no more of a machine. */
const BOOTS_MAX = 50

/** How a machine booted: its boots in a table, one of them as a timeline, and where the site listens. */
export const netbootTrace: Action = async (context) => {
  const wanted = numberOption(context, 'boot', { min: 1, max: BOOTS_MAX, otherwise: 1 })
  if (!wanted.ok) return wanted
  const machine = machineNamed(context)
  if (!machine.ok) return machine
  const { site, sled, mac } = machine.value
  const { sites, sleds } = context.hub
  const answer = await ask(sled === undefined ? sites.boots(site, mac) : sleds.boots(site, sled))
  if (!answer.ok) return answer
  const { trace, problem } = answer.value
  if (trace === null) {
    const why = `Nothing is known of the boots of ${context.args[0]}: ${problem ?? 'no answer'}`
    return err(failure(EXIT.failed, why))
  }
  const boot = trace.attempts[wanted.value - 1]
  if (boot === undefined && wanted.value > 1) {
    return err(failure(EXIT.usage, `--boot is ${wanted.value}; there are ${trace.attempts.length}`))
  }
  return ok({ json: answer.value, text: traceText(answer.value, trace, boot) })
}

/** `SITE/SLED`, `SITE/MAC`, or `SITE` for machines that nobody declared. */
function machineNamed(
  context: Context,
): Result<{ site: string; sled?: string; mac?: string }, CliFailure> {
  const text = context.args[0] ?? ''
  const [site = '', name, ...more] = text.split('/')
  const usage = `'${text}' names no machine; write SITE/SLED, SITE/MAC, or SITE for unknown ones`
  if (!SiteName.parse(site).ok || more.length > 0) return err(failure(EXIT.usage, usage))
  if (name === undefined) return ok({ site })
  // Twelve hex digits without separators are a name as well: a MAC is told by its separators.
  const mac = /[:.]|^(..-){5}..$/.test(name) ? Mac.parse(name) : undefined
  if (mac?.ok === true) return ok({ site, mac: mac.value })
  return SledName.parse(name).ok ? ok({ site, sled: name }) : err(failure(EXIT.usage, usage))
}

function traceText(answer: BootTraceAnswer, trace: Trace, boot: Boot | undefined): string {
  const parts: string[] = []
  if (answer.problem !== null) {
    parts.push(`As the site last said at ${timeText(answer.receivedAtMs)}: ${answer.problem}.\n`)
  }
  parts.push(...(trace.findings ?? []).map((text) => `! ${text}\n`))
  if (boot === undefined) parts.push('Nothing was heard of it.\n')
  else parts.push(bootsTable(trace), timeline(boot, trace.asOfMs))
  parts.push(watchesText(trace))
  return parts.join('\n')
}

const bootsTable = ({ attempts }: Trace): string =>
  table(
    ['BOOT', 'BEGAN', 'MAC', 'NETWORK', 'STATE', 'SUMMARY'],
    attempts.map(({ startedAtMs, mac, network, state, summary }, at) => [
      at + 1,
      timeText(startedAtMs),
      mac,
      network,
      state,
      summary,
    ]),
  )

function timeline({ mac, startedAtMs, lastAtMs, summary, findings, lines }: Boot, asOfMs: number) {
  const head = `${mac} at ${timeText(startedAtMs)}: ${summary}; last heard ${spanText(Math.max(0, asOfMs - lastAtMs))} before\n`
  const noted = findings.map((text) => `! ${text}\n`)
  const said = lines.map(({ atMs, text, count, tone, details }) => {
    const after = `+${spanText(Math.max(0, atMs - startedAtMs))}`.padStart(12)
    const often = count === 1 ? '' : ` (${count} times)`
    const more = details.map((detail) => `${' '.repeat(18)}${detail}\n`).join('')
    return `${after}  ${TONE_MARKS[tone]} ${text}${often}\n${more}`
  })
  return [head, ...noted, ...said].join('')
}

/** What colour says on a screen. */
const TONE_MARKS: Readonly<Record<Boot['lines'][number]['tone'], string>> = {
  plain: ' ',
  good: '+',
  warning: '!',
  bad: 'x',
}

function watchesText({ watches }: Trace): string {
  if (watches.length === 0) return 'The site listens on no network.\n'
  return table(
    ['LISTENS ON', 'DEVICE', 'MODE', 'SINCE', 'LAST HEARD', 'OTHER SERVERS'],
    watches.map(({ network, mode, sinceAtMs, lastHeard, foreignServers, ...watch }) => [
      network,
      watch.interface,
      mode,
      timeText(sinceAtMs),
      lastHeard === null
        ? 'nothing'
        : `${lastHeard.what} of ${lastHeard.mac} at ${timeText(lastHeard.atMs)}`,
      foreignServers.map(({ address }) => address).join(', '),
    ]),
  )
}
