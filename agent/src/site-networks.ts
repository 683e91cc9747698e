import type { Architecture } from '@brickyard/model/architecture'
import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import type { PreviewedNetwork } from '@brickyard/model/netboot-preview'
import type { Network, NetworkMode, RackDocument } from '@brickyard/model/rack'
import { grubScriptMac } from '@brickyard/netboot/grub-script'
import { reserveByPlace } from '@brickyard/open19/reserve-by-place'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { FetchHandler, HttpPeer } from '@brickyard/runtime/http'
import type { Log } from '@brickyard/runtime/log'
import type { Neighbours } from '@brickyard/runtime/neighbours'
import type { Udp } from '@brickyard/runtime/udp'
import { Seconds } from '@brickyard/std/units'
import type { BootTlsConfig, NetworkSockets } from './agent-config.ts'
import type { Asset } from './netboot/asset.ts'
import type { BootDirectory } from './netboot/boot-directory.ts'
import { createBootHttp } from './netboot/boot-http.ts'
import { createBootScripts, type BootScripts, type InstallerFiles } from './netboot/boot-scripts.ts'
import type { BootTls } from './netboot/dhcp-boot.ts'
import type { ForeignWatch } from './netboot/dhcp-foreign-watch.ts'
import { rehearseDhcp } from './netboot/dhcp-rehearsal.ts'
import { createDhcpServer, type DhcpServer } from './netboot/dhcp-server.ts'
import { sharePorts } from './netboot/dhcp-shared-port.ts'
import type { LeaseStore } from './netboot/lease-store.ts'
import type { Report } from './netboot/report.ts'
import { onSameDevice, servesTftp } from './netboot/same-device.ts'
import { previewNetwork } from './netboot/preview.ts'
import type { TftpFile } from './netboot/stored-file.ts'
import { createTftpServer, type TftpServer } from './netboot/tftp-server.ts'
import type { TellTrace } from './netboot/trace.ts'
import {
  createPoolTroubles,
  type PoolTroubles,
  tellOfCertificate,
  watchFor,
} from './site-network-troubles.ts'

/** A device that is not up yet, or a port that is taken: tried again for ever. */
const BIND_RETRY_MS = Seconds(15)

export interface SiteNetworksParts {
  readonly udp: Udp
  readonly clock: Clock
  readonly log: Log
  readonly leases: LeaseStore
  readonly directory: BootDirectory
  /** As `directory`, and opens no boot intent. */
  readonly lookingOn?: BootDirectory | undefined
  readonly report: Report
  readonly trace: TellTrace
  readonly sockets: Readonly<Record<string, NetworkSockets>>
  /** Everything TFTP serves to anybody; may change while the servers run. */
  readonly tftpFiles: ReadonlyMap<string, TftpFile>
  /** Which of them are boot loaders. */
  readonly loaders: ReadonlySet<string>
  readonly assets: ReadonlyMap<string, Asset>
  readonly installers: Readonly<Partial<Record<Architecture, InstallerFiles>>>
  /** Why a file of an installer is not among the assets. May change while the servers run. */
  readonly withheld?: ReadonlyMap<string, string> | undefined
  /** The loader checks the signatures of the installer's files. */
  readonly verifiedByLoader?: boolean | undefined
  /** Given: the boot server is reached by HTTPS as well. */
  readonly tls?: BootTlsConfig | undefined
  /** A network whose servers could not be opened, or that is well again (undefined). */
  readonly trouble: (network: string, reason: string | undefined) => void
  readonly neighbours?: Neighbours | undefined
  /** A network on inherited sockets changed: they come anew with a new process. */
  readonly restart?: ((reason: string) => void) | undefined
}

/** DHCP, TFTP and boot HTTP of every network of the rack document, kept as the document changes. */
export interface SiteNetworks {
  /** Opens, closes and reopens servers until they are as the rack document says. */
  sync(rack: RackDocument | undefined): Promise<void>
  stop(): void
  /** The boot server of the network that a request comes from. */
  readonly http: FetchHandler
  dhcpServers(): ReadonlyMap<string, DhcpServer>
  /** What each network would answer now, or in another mode; nothing is sent and nothing changes. */
  preview(mode: NetworkMode | undefined): Promise<PreviewedNetworks>
}

export type PreviewedNetworks = readonly Omit<PreviewedNetwork, 'foreignServers'>[]

interface Served {
  readonly key: string
  readonly network: Network
  readonly dhcp: DhcpServer
  /** None on a network behind a relay: its servers are the other site's affair. */
  readonly watch: ForeignWatch | undefined
  readonly tftp: TftpServer | undefined
  readonly scripts: BootScripts
  readonly http: FetchHandler
  readonly kept: Kept
  readonly pools: PoolTroubles
}

/** What the rack document keeps for its machines; changes with it, without new servers. */
interface Kept {
  readonly reserved: Set<Ipv4>
  readonly bmcs: Set<Mac>
}

export function createSiteNetworks(parts: SiteNetworksParts): SiteNetworks {
  const { clock, log } = parts
  const served = new Map<string, Served>()
  /** Networks behind relays come in by the socket of another network's device. */
  const dhcpUdp = sharePorts(parts.udp)
  let wanted: RackDocument | undefined
  let timer: Timer | undefined
  let stopped = false
  /** One change after the other: a socket is closed before it is opened anew. */
  let tail: Promise<void> = Promise.resolve()

  async function bring(rack: RackDocument | undefined): Promise<void> {
    const networks = rack?.networks ?? []
    for (const [name, held] of served) {
      const now = networks.find((network) => network.name === name)
      if (now !== undefined && keyOf(now, networks) === held.key) continue
      close(name)
      if (isInherited(parts, held.network)) parts.restart?.(`network ${name} changed`)
    }
    let failed = false
    let spent: string | undefined
    for (const network of networks) {
      const held = served.get(network.name)
      if (held !== undefined) fillKept(held.kept, network, rack)
      else if (!stopped && !(await open(network, rack))) {
        failed = true
        if (isInherited(parts, network)) spent = network.name
      }
    }
    timer?.cancel()
    if (!failed || stopped) return
    timer = clock.after(BIND_RETRY_MS, () => {
      // An inherited descriptor is closed by now: only a new process is handed it again.
      if (spent !== undefined && parts.restart !== undefined) {
        parts.restart(`network ${spent} could not be served`)
      } else void sync(wanted)
    })
  }

  function close(name: string): void {
    const held = served.get(name)
    held?.dhcp.stop()
    held?.watch?.stop()
    held?.pools.clear()
    held?.tftp?.stop()
    served.delete(name)
    parts.trace.unwatched(name)
  }

  async function open(network: Network, rack: RackDocument | undefined): Promise<boolean> {
    const sockets = socketsOf(parts, network)
    const bootUrl = bootUrlOf(parts, network)
    const bootTls = bootTlsOf(parts, network)
    const kept = keptOf(network, rack)
    const { dhcpPorts } = sockets
    const networks = rack?.networks ?? []
    const watch = watchFor(parts, network, sockets)
    const pools = createPoolTroubles(network, parts.trouble)
    const directory = parts.lookingOn
    await rehearseDhcp({ ...parts, network, bootUrl, bootTls, ...kept, directory }, rack?.sleds)
    const dhcp = createDhcpServer({
      ...parts,
      udp: dhcpUdp,
      report: (event) => {
        pools.note(event)
        parts.report(event)
      },
      network,
      neighbourNetworks: onSameDevice(network, networks),
      onChoice: watch && ((server) => watch.choice(server)),
      bootUrl,
      bootTls,
      ...kept,
      fd: sockets.dhcpFd,
      pxeFd: sockets.pxeFd,
      ...(dhcpPorts === undefined ? {} : { ports: dhcpPorts }),
    })
    const scripts = createBootScripts({
      ...parts,
      network: network.name,
      bootUrl,
      bootTls,
      addressOf: (mac) => dhcp.addressOf(mac),
    })
    const scriptsAt = (from: string): BootScripts =>
      homeOf([...served.values()], { address: from, port: 0 })?.scripts ?? scripts
    const tftp = servesTftp(network, networks)
      ? tftpFor(parts, network, sockets, scriptsAt)
      : undefined
    const { assets, trace: tell } = parts
    const trace = { tell, clock, network: network.name }
    const http = createBootHttp({ assets, scripts, trace })
    for (const server of [dhcp, tftp]) {
      const started = await server?.start()
      if (started?.ok !== false) continue
      dhcp.stop()
      tftp?.stop()
      log.error('a network cannot be served', { network: network.name, why: started.error })
      parts.trouble(network.name, started.error)
      return false
    }
    parts.trouble(network.name, undefined)
    tellOfCertificate(parts, network, bootTls?.url)
    tell.watching(network)
    log.info('a network is served', { network: network.name, mode: network.mode, bootUrl })
    const key = keyOf(network, networks)
    served.set(network.name, { key, network, dhcp, watch, tftp, scripts, http, kept, pools })
    await watch?.start()
    return true
  }

  const sync = (rack: RackDocument | undefined): Promise<void> => {
    const resolved = rack && reserveByPlace(rack)
    wanted = resolved
    tail = tail.then(() => bring(resolved))
    return tail
  }

  return {
    sync,
    stop() {
      stopped = true
      timer?.cancel()
      for (const name of served.keys()) close(name)
    },
    http(request, peer) {
      const home = homeOf([...served.values()], peer)
      if (home === undefined) return new Response('no network is served\n', { status: 503 })
      return home.http(request, peer)
    },
    dhcpServers: () => new Map([...served].map(([name, { dhcp }]) => [name, dhcp])),
    async preview(mode) {
      const previews: PreviewedNetworks[number][] = []
      for (const network of wanted?.networks ?? []) {
        const { name, role } = network
        const as = mode ?? network.mode
        const machines = await previewNetwork({
          ...parts,
          directory: parts.lookingOn ?? parts.directory,
          network: { ...network, mode: as },
          bootUrl: bootUrlOf(parts, network),
          bootTls: bootTlsOf(parts, network),
          ...keptOf(network, wanted),
          leases: [...(served.get(name)?.dhcp.leases() ?? [])],
          sleds: wanted?.sleds ?? [],
        })
        previews.push({ network: name, role, mode: network.mode, as, machines })
      }
      return previews
    },
  }
}

function tftpFor(
  parts: SiteNetworksParts,
  network: Network,
  sockets: NetworkSockets,
  scriptsAt: (from: string) => BootScripts,
): TftpServer {
  const { tftpPort, tftpFd } = sockets
  return createTftpServer({
    ...parts,
    network: network.name,
    files: parts.tftpFiles,
    fileOf: (name, from) => grubScriptFor(scriptsAt(from), name, from),
    address: network.agentAddress,
    interface: network.interface,
    fd: tftpFd,
    ...(tftpPort === undefined ? {} : { port: tftpPort }),
  })
}

/** The script of the machine whose MAC GRUB put into the name. */
function grubScriptFor(scripts: BootScripts, name: string, from: string): Uint8Array | undefined {
  const mac = Mac.parse(grubScriptMac(name) ?? '')
  if (!mac.ok) return undefined
  const script = scripts({ loader: 'grub', mac: mac.value, uuid: undefined, from, secure: false })
  return new TextEncoder().encode(script)
}

type WithSockets = Pick<SiteNetworksParts, 'sockets'>

/** Inherited sockets go by the device they are bound to, settings from the file by the network's name. */
const socketsOf = ({ sockets }: WithSockets, network: Network): NetworkSockets => ({
  ...sockets[network.interface],
  ...sockets[network.name],
})

const isInherited = (parts: SiteNetworksParts, network: Network): boolean => {
  const { dhcpFd, tftpFd } = socketsOf(parts, network)
  return dhcpFd !== undefined || tftpFd !== undefined
}

/** What a network's servers were made from: anything else in it needs new ones. */
const keyOf = (network: Network, networks: readonly Network[]): string =>
  JSON.stringify([network, onSameDevice(network, networks)])

/** Base of the boot server as sleds of a network reach it. */
export const bootUrlOf = (parts: WithSockets, network: Network): string =>
  socketsOf(parts, network).bootUrl ?? `http://${network.agentAddress}`

const bootTlsOf = (parts: SiteNetworksParts, network: Network): BootTls | undefined =>
  parts.tls && {
    url: socketsOf(parts, network).bootTlsUrl ?? `https://${network.agentAddress}`,
    only: parts.tls.only,
  }

function keptOf(network: Network, rack: RackDocument | undefined): Kept {
  const kept: Kept = { reserved: new Set(), bmcs: new Set() }
  fillKept(kept, network, rack)
  return kept
}

function fillKept(
  { reserved, bmcs }: Kept,
  network: Network,
  rack: RackDocument | undefined,
): void {
  reserved.clear()
  bmcs.clear()
  const subnet = Subnet.parse(network.subnet)
  if (!subnet.ok) return
  for (const { address } of network.reservations ?? []) reserved.add(address)
  for (const { address, bmc } of rack?.sleds ?? []) {
    if (bmc?.mac !== undefined) bmcs.add(bmc.mac)
    for (const own of [address, bmc?.address]) {
      if (own !== undefined && Subnet.contains(subnet.value, own)) reserved.add(own)
    }
  }
}

/** The network whose subnet the peer is in; a lab's loopback belongs to the first that boots sleds. */
function homeOf(served: readonly Served[], peer: HttpPeer): Served | undefined {
  const address = Ipv4.parse(peer.address.replace(/^::ffff:/, ''))
  const home = served.find(({ network }) => {
    const subnet = Subnet.parse(network.subnet)
    return subnet.ok && address.ok && Subnet.contains(subnet.value, address.value)
  })
  return home ?? served.find(({ network }) => network.role === 'provisioning')
}
