import { NETWORK_MODES } from '@brickyard/model/rack'
import { err, ok } from '@brickyard/std/result'
import { ask, confirmed, type Action } from '../context.ts'
import { EXIT, failure } from '../exit-codes.ts'
import { table } from '../output.ts'
import { confirmLouderNetworks } from './netboot-preview.ts'

/** Puts one network of a site into another mode, once a person has seen what that means there. */
export const netbootMode: Action = async (context) => {
  const [site = '', network = '', mode = ''] = context.args
  const { hub, say } = context
  const wanted = NETWORK_MODES.find((known) => known === mode)
  if (wanted === undefined) {
    const usage = `MODE is '${mode}'; one of ${NETWORK_MODES.join(', ')}`
    return err(failure(EXIT.usage, usage))
  }
  const before = await ask(hub.sites.get(site))
  if (!before.ok) return before
  const held = before.value.rack?.networks.find(({ name }) => name === network)
  if (held === undefined) {
    const names = before.value.rack?.networks.map(({ name }) => name).join(', ') ?? 'no rack'
    return err(failure(EXIT.notFound, `${site} has no network '${network}': ${names}`))
  }
  const rack = { networks: [{ name: network, mode: wanted }] }
  const sure =
    wanted === 'listen-only' && held.mode !== wanted
      ? await confirmed(context, quieter(site, network))
      : await confirmLouderNetworks(context, site, rack)
  if (!sure.ok) return sure
  const put = await ask(hub.sites.setNetworkMode(site, network, wanted))
  if (!put.ok) return put
  say(`Wanted of ${site} with generation ${put.value.wantedGeneration}.`)
  const rows = put.value.rack?.networks.map((each) => [each.name, each.role, each.mode]) ?? []
  return ok({ json: put.value, text: table(['NETWORK', 'ROLE', 'MODE'], rows) })
}

const quieter = (site: string, network: string): string =>
  `${site} would answer nothing more on ${network}: nothing netboots there, and who has its ` +
  'address from the site loses it when its lease ends. Do it?'
