import type { DeploymentAsked } from '@brickyard/api/schemas'
import { commandText } from '@brickyard/cli/command-table'
import { NO_NETWORK, type SimpleNetwork } from '@brickyard/cli/network-wish'

type DeployWish = Pick<DeploymentAsked, 'name' | 'image' | 'count' | 'constraints' | 'hostname'>

const HOSTNAME_DEFAULT = 'sled-{n}'

/** The command that asks for the same deployment; `network`: in a few words, or in a file. */
export function deployCommand(
  wish: DeployWish,
  network: SimpleNetwork | 'file' = NO_NETWORK,
): string {
  const { constraints = {} } = wish
  const labels = Object.entries(constraints.labels ?? {}).map(([key, value]) => `${key}=${value}`)
  return commandText('deploy create', [], {
    image: wish.image === '' ? 'IMAGE' : wish.image,
    count: wish.count,
    name: wish.name ?? '',
    site: constraints.sites ?? [],
    sled: constraints.sleds ?? [],
    label: labels,
    model: constraints.model ?? '',
    spread: constraints.spread === 'site' ? 'site' : '',
    hostname: wish.hostname === HOSTNAME_DEFAULT ? '' : (wish.hostname ?? ''),
    ...(network === 'file'
      ? { network: 'network.yaml' }
      : {
          bond: network.bond,
          vlan: network.vlan,
          subnet: network.subnet,
          address: network.addresses,
          gateway: network.gateway,
          nameserver: network.nameservers,
        }),
    wait: true,
  })
}
