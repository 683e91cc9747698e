import type { NetbootPreviewAnswer } from '@brickyard/api/boot-schemas'
import { NETWORK_MODES } from '@brickyard/model/rack'
import { err, ok, type Result } from '@brickyard/std/result'
import { ask, confirmed, type Action, type Context } from '../context.ts'
import { EXIT, failure, type CliFailure } from '../exit-codes.ts'
import { table, timeText } from '../output.ts'

type Previewed = NetbootPreviewAnswer['networks'][number]

/** What a site would answer to every declared machine and to an unknown one. */
export const netbootPreview: Action = async ({ hub, args, options }) => {
  const mode = options.text('mode')
  if (mode !== undefined && !NETWORK_MODES.some((known) => known === mode)) {
    const usage = `--mode is '${mode}'; one of ${NETWORK_MODES.join(', ')}`
    return err(failure(EXIT.usage, usage))
  }
  const preview = await ask(hub.sites.netbootPreview(args[0] ?? '', mode))
  if (!preview.ok) return preview
  const parts = [...preview.value.networks.map(networkText), ...loadersText(preview.value)]
  return ok({ json: preview.value, text: parts.join('\n') })
}

/** The boot loaders, each with the hash that a person can compare. */
function loadersText({ loaders = [] }: NetbootPreviewAnswer): string[] {
  if (loaders.length === 0) return []
  const rows = loaders.map(({ name, version, sha256, source, pinned }) => [
    name,
    version ?? '-',
    source,
    `${sha256}${pinned ? ', as the operator wants it' : ''}`,
  ])
  return [table(['LOADER', 'VERSION', 'SOURCE', 'SHA-256'], rows)]
}

function networkText({ network, role, mode, as, foreignServers, machines }: Previewed): string {
  const now = mode === as ? `${as} as it is now` : `as if it were ${as}; it is ${mode} now`
  const servers = foreignServers.map(
    ({ address, atMs, about }) =>
      `! Another DHCP server was heard there: ${address} at ${timeText(atMs)}${about === undefined ? '' : `: ${about}`}\n`,
  )
  const rows = machines.map(({ machine, mac, state, summary }) => {
    const fate = state === 'refused' || state === 'unanswered' ? state : 'answered'
    return [machine, mac, fate, summary]
  })
  return [
    `Network ${network} (${role}), ${now}:\n`,
    ...servers,
    table(['MACHINE', 'MAC', 'WOULD BE', 'ANSWER'], rows),
  ].join('')
}

/**
 * A site that begins to answer where it only listened can take machines from another server: who
 * puts such a rack sees first what would be answered, and is asked.
 */
export async function confirmLouderNetworks(
  context: Context,
  site: string,
  rack: unknown,
): Promise<Result<void, CliFailure>> {
  const { hub, say } = context
  const held = await hub.sites.rack(site)
  const louder = held.ok ? louderNetworks(modesOf(held.value), modesOf(rack)) : new Map()
  if (louder.size === 0) return ok(undefined)
  for (const mode of new Set(louder.values())) {
    const preview = await ask(hub.sites.netbootPreview(site, mode))
    if (!preview.ok) {
      for (const line of preview.error.lines) say(line)
      continue
    }
    for (const network of preview.value.networks) {
      if (louder.get(network.network) === mode) say(networkText(network))
    }
  }
  const names = [...louder].map(([name, mode]) => `${name} (${mode})`).join(', ')
  return confirmed(context, `${site} would begin to answer on ${names}. Do it?`)
}

/** Networks that only listened and would answer, with their new mode. */
function louderNetworks(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map(
    [...after].filter(([name, mode]) => mode !== LISTENS && before.get(name) === LISTENS),
  )
}

/** The mode of a network that states none (rack-document.ts of the protocol). */
const LISTENS = 'listen-only'

/** Modes by network, as far as a document says; what is wrong with it the hub says. */
function modesOf(rack: unknown): ReadonlyMap<string, string> {
  const networks = (rack as { networks?: unknown } | null)?.networks
  if (!Array.isArray(networks)) return new Map()
  return new Map(
    (networks as readonly ({ name?: unknown; mode?: unknown } | null)[]).flatMap((network) => {
      const { name, mode = LISTENS } = network ?? {}
      return typeof name === 'string' && typeof mode === 'string' ? [[name, mode]] : []
    }),
  )
}
