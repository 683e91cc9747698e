import type { ConsoleRecordPart } from '@brickyard/api/console-schemas'
import { ok } from '@brickyard/std/result'
import { ask, sledNamed, type Action } from '../context.ts'
import { bytesText, table, timeText } from '../output.ts'

/** Records of a sled's console, for who may audit. */
export const consoleRecordList: Action = async (context) => {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  const found = await ask(context.hub.consoles.records(ref.value.site, ref.value.sled))
  if (!found.ok) return found
  const { items } = found.value
  return ok({
    json: items,
    text: table(
      ['RECORD', 'BEGAN', 'LAST', 'SIZE', 'CUT'],
      items.map(({ id, beganAtMs, lastAtMs, bytes, cut }) => [
        id,
        timeText(beganAtMs),
        timeText(lastAtMs),
        bytesText(bytes),
        cut ? 'yes' : 'no',
      ]),
    ),
  })
}

/** One record: what was printed as it was, and between it who typed and did what. */
export const consoleRecordGet: Action = async (context) => {
  const parts: ConsoleRecordPart[] = []
  for (;;) {
    const page = await ask(
      context.hub.consoles.record(context.args[0] ?? '', parts.at(-1)?.number ?? 0),
    )
    if (!page.ok) return page
    if (page.value.parts.length === 0) {
      return ok({
        json: { ...page.value.record, parts },
        text: parts.map(partText).join(''),
      })
    }
    parts.push(...page.value.parts)
  }
}

function partText({ what, by, atMs, data }: ConsoleRecordPart): string {
  const text = Buffer.from(data, 'base64').toString('utf8')
  if (what === 'printed') return text
  const said = what === 'typed' ? `typed ${JSON.stringify(text)}` : text
  return `\n--- ${timeText(atMs)} ${by ?? ''}: ${said}\n`
}
