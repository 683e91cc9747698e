import type { NetworkWatch } from '@brickyard/model/boot-attempt'
import type { Mac } from '@brickyard/model/mac'
import type { Network } from '@brickyard/model/rack'
import type { Clock } from '@brickyard/runtime/clock'

/** Servers remembered per network: more than one foreign server is a rare mess, eight a hostile one. */
const FOREIGN_MAX = 8

/** Which networks are listened on, and what was heard there last. */
export interface Watches {
  begin(network: Network): void
  end(network: string): void
  heard(network: string, mac: Mac | undefined, what: string): void
  foreignServer(network: string, address: string, about?: string): void
  foreignServerGone(network: string, address: string): void
  all(): readonly NetworkWatch[]
}

export function createWatches(clock: Clock): Watches {
  const watches = new Map<string, NetworkWatch>()
  const change = (network: string, next: (watch: NetworkWatch) => Partial<NetworkWatch>): void => {
    const watch = watches.get(network)
    if (watch !== undefined) watches.set(network, { ...watch, ...next(watch) })
  }
  return {
    begin({ name, role, mode, interface: device }) {
      const sinceAtMs = clock.wallMs()
      const foreignServers = watches.get(name)?.foreignServers ?? []
      const fresh = { network: name, role, mode, interface: device, sinceAtMs, lastHeard: null }
      watches.set(name, { ...fresh, foreignServers })
    },
    end: (network) => void watches.delete(network),
    heard(network, mac, what) {
      const said = what.toUpperCase()
      const lastHeard = { atMs: clock.wallMs(), mac: mac ?? 'no Ethernet client', what: said }
      change(network, () => ({ lastHeard }))
    },
    foreignServer(network, address, about) {
      const heard = { address, atMs: clock.wallMs(), ...(about !== undefined && { about }) }
      change(network, ({ foreignServers }) => ({
        foreignServers: [
          heard,
          ...foreignServers.filter((server) => server.address !== address),
        ].slice(0, FOREIGN_MAX),
      }))
    },
    foreignServerGone(network, address) {
      change(network, ({ foreignServers }) => ({
        foreignServers: foreignServers.filter((server) => server.address !== address),
      }))
    },
    all: () => [...watches.values()],
  }
}
