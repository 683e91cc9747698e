import type { Network } from '@brickyard/model/rack'

/** Other networks that are reached by a network's device: behind relays. */
export const onSameDevice = (network: Network, networks: readonly Network[]): Network[] =>
  networks.filter((other) => other.name !== network.name && other.interface === network.interface)

/**
 * A network of BMCs boots nobody, and a listener serves nobody: no TFTP there. Networks of one
 * device share the server of the first of them.
 */
export function servesTftp(network: Network, networks: readonly Network[]): boolean {
  const serves = ({ role, mode }: Network): boolean =>
    role === 'provisioning' && mode !== 'listen-only'
  const first = networks.find((other) => other.interface === network.interface && serves(other))
  return first?.name === network.name
}
