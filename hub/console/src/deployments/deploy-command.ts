import type { DeploymentAsked } from '@brickyard/api/schemas'
import { commandText } from '@brickyard/cli/command-table'

type DeployWish = Pick<DeploymentAsked, 'name' | 'image' | 'count' | 'constraints' | 'hostname'>

const HOSTNAME_DEFAULT = 'sled-{n}'

/** The command that asks for the same deployment. */
export function deployCommand(wish: DeployWish): string {
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
    wait: true,
  })
}
