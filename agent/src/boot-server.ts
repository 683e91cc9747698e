import { Ipv4 } from '@brickyard/model/ipv4'
import type { NetworkMode, RackDocument } from '@brickyard/model/rack'
import type { FetchHandler } from '@brickyard/runtime/http'
import { err } from '@brickyard/std/result'
import type { AgentConfig } from './agent-config.ts'
import type { AgentPorts } from './agent-ports.ts'
import { type Asset, openAsset } from './netboot/asset.ts'
import type { DhcpServer } from './netboot/dhcp-server.ts'
import { createLeaseStore } from './netboot/lease-store.ts'
import { createDiscMaker, type DiscMaker, provisioningHome } from './netboot/disc-maker.ts'
import { installerFiles, loadInstallers, type ServedFiles } from './netboot/installers.ts'
import { type LoaderFacts, loadLoaders } from './netboot/loaders.ts'
import { printable, type Report } from './netboot/report.ts'
import { createRouterAdvertiser } from './netboot/router-advertiser.ts'
import type { TftpFile } from './netboot/stored-file.ts'
import type { BootTracer } from './netboot/trace.ts'
import { createClaims } from './operations/claims.ts'
import { createInstallerHttp } from './operations/installer-http.ts'
import { createPhoneHome } from './operations/phone-home.ts'
import { createBootDirectory } from './operations/sled-boot.ts'
import {
  bootUrlOf,
  createSiteNetworks,
  type PreviewedNetworks,
  type SiteNetworks,
} from './site-networks.ts'
import type { SiteParts } from './site-parts.ts'
import type { Troubles } from './troubles.ts'

export interface BootServerParts {
  readonly config: AgentConfig
  readonly ports: AgentPorts
  readonly parts: SiteParts
  readonly troubles: Troubles
  readonly report: Report
  readonly trace: BootTracer
}

/** Everything a sled asks of the agent on the rack's networks: address, loader, script, installer, call home. */
export interface BootServer {
  readonly http: FetchHandler
  /** Loads what is served and opens the networks; sleds that ask for an address wait for nothing else. */
  start(rack: RackDocument | undefined): Promise<void>
  sync(rack: RackDocument | undefined): void
  dhcpServers(): ReadonlyMap<string, DhcpServer>
  /** The boot loaders that are served, with version and hash. */
  loaders(): readonly LoaderFacts[]
  preview(mode: NetworkMode | undefined): Promise<PreviewedNetworks>
  /** Writes discs for sleds that nobody gives an address. */
  readonly disc: DiscMaker
  stop(): void
}

export function createBootServer(made: BootServerParts): BootServer {
  const { config, ports, troubles } = made
  const assets = new Map<string, Asset>()
  const tftpFiles = new Map<string, TftpFile>()
  const loaderFiles = new Map<string, Uint8Array>()
  const served: ServedFiles = { assets, tftpFiles, withheld: new Map() }
  const installer = installerHandlers(made)
  const advertiser = createRouterAdvertiser({
    ...ports,
    folder: config.stateFolder,
    trouble: (reason) => troubles.set('router advertisements', reason),
  })
  let networks: SiteNetworks | undefined
  let loaderFacts: readonly LoaderFacts[] = []

  return {
    http(request, peer) {
      const own = installer(request, peer)
      if (own !== undefined) return own
      return networks?.http(request, peer) ?? new Response('starting\n', { status: 503 })
    },
    async start(rack) {
      const loaders = await loadLoaders(ports.files, config.loaders)
      for (const [name, asset] of loaders.assets) assets.set(name, asset)
      loaderFacts = loaders.facts
      for (const fact of loaderFacts) ports.log.info('a boot loader is served', { ...fact })
      const { problems } = loaders
      troubles.set('loaders', problems.length === 0 ? undefined : problems.join('; '))
      for (const [name, content] of loaders.files) {
        tftpFiles.set(name, content)
        loaderFiles.set(name, content)
      }
      networks = openNetworks(made, served)
      await networks.sync(rack)
      advertiser.sync(rack?.networks ?? [])
      const trouble = (name: string, reason: string | undefined): void =>
        troubles.set(`installer ${name}`, reason)
      void loadInstallers({ config, ports, trouble }, served)
    },
    sync(rack) {
      if (networks === undefined) return
      void networks.sync(rack)
      advertiser.sync(rack?.networks ?? [])
    },
    dhcpServers: () => networks?.dhcpServers() ?? new Map<string, DhcpServer>(),
    loaders: () => loaderFacts,
    preview: async (mode) => (await networks?.preview(mode)) ?? [],
    disc: createDiscMaker({
      rack: () => made.parts.wanted.rack(),
      loaders: loaderFiles,
      assets,
      installers: installerFiles(config),
      bootUrl: (network) => bootUrlOf(config, network),
    }),
    stop() {
      networks?.stop()
      advertiser.stop()
    },
  }
}

function openNetworks(
  { config, ports, parts, troubles, report, trace }: BootServerParts,
  { tftpFiles, assets, withheld }: ServedFiles,
): SiteNetworks {
  const { site, wanted, intents } = parts
  const rack = () => wanted.rack()
  return createSiteNetworks({
    ...ports,
    leases: createLeaseStore({
      ...ports,
      trouble: (reason) => troubles.set('leases', reason),
    }),
    directory: createBootDirectory({ site, rack, intents, log: ports.log }),
    lookingOn: createBootDirectory({ site, rack, intents: NO_INTENTS, log: ports.log }),
    report,
    trace,
    sockets: config.sockets,
    tftpFiles,
    loaders: new Set(Object.keys(config.loaders).filter((name) => tftpFiles.has(name))),
    assets,
    installers: installerFiles(config),
    withheld,
    verifiedByLoader: config.codeSigning?.byLoader,
    tls: config.bootTls,
    trouble: (network, reason) => troubles.set(`network ${network}`, reason),
  })
}

/** Whoever only looks on is given no token. */
const NO_INTENTS = { tokenFor: () => '' }

/** `/installer/…` and `/phone-home/…`; undefined for everything else. */
function installerHandlers({
  config,
  ports,
  parts,
  trace,
}: BootServerParts): (...args: Parameters<FetchHandler>) => ReturnType<FetchHandler> | undefined {
  const { site, intents, discs, wanted, blobs, engine, readings, seed, bmcPassword } = parts
  const nudge = (id: string): void => engine.nudge(id)
  const networkOf = (address: string): string => {
    const from = Ipv4.parse(address)
    const home = from.ok ? provisioningHome(wanted.rack(), from.value) : undefined
    return home?.network.name ?? 'none of ours'
  }
  const installer = createInstallerHttp({
    ...ports,
    site,
    intents: createClaims({ site, intents, discs }),
    rack: () => wanted.rack(),
    image: (sha256) => blobs.open(sha256),
    tools: async (architecture) => {
      const path = config.installers[architecture]?.tools
      if (path === undefined) return err(`no tools are configured for ${architecture}`)
      return openAsset(ports.files, path)
    },
    seed,
    bmcPassword,
    onProgress: ({ id }, percent) => readings.put(`operation/${id}/percent`, percent, '%'),
    nudge,
    onDiscBoot: ({ disc, address, ...boot }) => {
      const { id, madeBy, madeAtMs } = disc
      const network = networkOf(address)
      trace.disc({ ...boot, address, network, disc: id, madeBy: printable(madeBy), madeAtMs })
    },
    onRefused: (claim) => {
      const sleds = wanted.rack()?.sleds ?? []
      const sled = sleds.find(({ macs }) => macs.includes(claim.mac))?.name ?? null
      const reason = printable(claim.reason)
      trace.refused({ ...claim, sled, reason, network: networkOf(claim.address) })
    },
  })
  const phoneHome = createPhoneHome({ ...ports, site, nudge })
  return (request, peer) => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/installer/')) return installer(request, peer)
    if (pathname.startsWith('/phone-home/')) return phoneHome(request, peer)
    return undefined
  }
}
