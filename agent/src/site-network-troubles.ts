import type { Network } from '@brickyard/model/rack'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { Neighbours } from '@brickyard/runtime/neighbours'
import type { Udp } from '@brickyard/runtime/udp'
import type { BootTlsConfig, NetworkSockets } from './agent-config.ts'
import { createForeignWatch, type ForeignWatch } from './netboot/dhcp-foreign-watch.ts'
import type { NetbootEvent, Report } from './netboot/report.ts'

export interface WatchParts {
  readonly udp: Udp
  readonly clock: Clock
  readonly log: Log
  readonly report: Report
  readonly trouble: Trouble
  readonly neighbours?: Neighbours | undefined
}

/** Sets what is wrong with a network, or lifts it (undefined). */
type Trouble = (what: string, reason: string | undefined) => void

/** A network behind a relay has no link of ours on which others could be heard. */
export function watchFor(
  parts: WatchParts,
  network: Network,
  sockets: NetworkSockets,
): ForeignWatch | undefined {
  if (network.mode === 'relayed') return undefined
  const { dhcpFd, bootpcFd, dhcpPorts } = sockets
  return createForeignWatch({
    ...parts,
    network,
    trouble: (reason) => parts.trouble(`${network.name}: other DHCP servers`, reason),
    fd: bootpcFd,
    mayOpen: dhcpFd === undefined,
    ports: dhcpPorts,
  })
}

/** A certificate that sleds will refuse is seen here, before any of them comes to `url`. */
export function tellOfCertificate(
  {
    tls,
    clock,
    trouble,
  }: Pick<WatchParts, 'clock' | 'trouble'> & {
    readonly tls?: BootTlsConfig | undefined
  },
  { name, role }: Network,
  url: string | undefined,
): void {
  if (tls === undefined || url === undefined || role !== 'provisioning') return
  const host = new URL(url).hostname
  const ended = new Date(tls.endsAtMs).toISOString().slice(0, 10)
  const reasons = [
    ...(tls.covers(host) ? [] : [`the boot server's certificate is not for ${host}`]),
    ...(tls.endsAtMs > clock.wallMs() ? [] : [`the boot server's certificate ended on ${ended}`]),
  ]
  trouble(`${name} by HTTPS`, reasons.length === 0 ? undefined : reasons.join('; '))
}

/** Names in a trouble; the others are counted. */
const NAMED_MAX = 8

/** Work that waits for a person, because its network only listens; undefined when none does. */
export function outOfReachInWords(sleds: readonly string[]): string | undefined {
  if (sleds.length === 0) return undefined
  const named = sleds.slice(0, NAMED_MAX).join(', ')
  const others = sleds.length > NAMED_MAX ? ` and ${sleds.length - NAMED_MAX} more` : ''
  const ways = 'give it another mode, or boot them from discs made at the technician’s page'
  return `a deployment waits for ${named}${others}: their network only listens; ${ways}`
}

/** What a network's pools lack, as troubles that last for as long as they lack it. */
export interface PoolTroubles {
  /** Takes what the network's server reports. */
  note(event: NetbootEvent): void
  /** The network is served no more. */
  clear(): void
}

export function createPoolTroubles({ name }: Network, trouble: Trouble): PoolTroubles {
  const dry = new Set<string>()
  const tell = (pool: string, reason: string | undefined): void =>
    trouble(`${name}: pool ${pool}`, reason)
  return {
    note({ kind, body: { pool } }) {
      if (typeof pool !== 'string') return
      if (kind === 'dhcp.pool-exhausted') {
        dry.add(pool)
        tell(pool, 'no address is left for new machines')
      } else if (kind === 'dhcp.pool-available') {
        dry.delete(pool)
        tell(pool, undefined)
      }
    },
    clear() {
      for (const pool of dry) tell(pool, undefined)
      dry.clear()
    },
  }
}
