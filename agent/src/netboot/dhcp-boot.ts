import type { DhcpPacket } from '@brickyard/dhcp/packet'
import type { BootReply } from '@brickyard/dhcp/reply'
import type { Mac } from '@brickyard/model/mac'
import type { Network } from '@brickyard/model/rack'
import type { BootSled } from '@brickyard/netboot/boot-view'
import { chooseLoader, comesToBoot, type LoaderChoice } from '@brickyard/netboot/choose-loader'
import { netbootClientOf, uuidOf } from './client-view.ts'
import type { ReportOnce } from './report.ts'

export interface BootSource {
  readonly network: Network
  /** Base of the boot HTTP server on this network, no slash at the end: `http://10.98.0.1`. */
  readonly bootUrl: string
  /** Names of the loader files there are. */
  readonly loaders: ReadonlySet<string>
  /** The same server by HTTPS, where the operator gave it a certificate. */
  readonly bootTls?: BootTls | undefined
}

export interface BootTls {
  /** Base by HTTPS, no slash at the end: `https://10.98.0.1`. */
  readonly url: string
  /** iPXE gets its script by HTTPS or not at all. */
  readonly only: boolean
}

/** A client as DHCP sees it. */
export interface Client {
  readonly packet: DhcpPacket
  /** Undefined for a client that is no Ethernet. */
  readonly mac: Mac | undefined
  /** Undefined for a machine that nobody declared. */
  readonly sled: BootSled | undefined
}

/** What a client that came to boot is sent to; undefined on a network of BMCs, which boot nothing. */
export function loaderFor(
  { network, bootUrl, loaders, bootTls }: BootSource,
  { packet, mac, sled }: Client,
): LoaderChoice | undefined {
  if (network.role !== 'provisioning' || mac === undefined) return undefined
  const asks = netbootClientOf(packet)
  if (!comesToBoot(asks)) return { kind: 'not-netbooting' }
  const scriptAt = (base: string): string => scriptUrlOf(base, mac, uuidOf(packet))
  const source = {
    bootUrl,
    loaders,
    scriptUrl: scriptAt(bootUrl),
    signedChain: sled?.secureBoot,
    secure: bootTls && {
      bootUrl: bootTls.url,
      scriptUrl: scriptAt(bootTls.url),
      only: bootTls.only,
    },
  }
  return chooseLoader(asks, source)
}

/** The boot part of an answer; a client for which there is no loader is told of. */
export function bootReply(
  source: BootSource,
  client: Client,
  tell: ReportOnce,
): BootReply | undefined {
  const { agentAddress } = source.network
  const choice = loaderFor(source, client)
  switch (choice?.kind) {
    case 'tftp': {
      const { file, vendorClass } = choice
      return { nextServer: agentAddress, file, vendorClass }
    }
    case 'http': {
      const { url: file, vendorClass } = choice
      // iPXE takes an answer with `PXEClient` and no next server for a proxy's: it asks port 4011 for
      // the rest, and waits 4 s for nobody.
      const nextServer = vendorClass === 'PXEClient' ? agentAddress : undefined
      return { nextServer, file, vendorClass }
    }
    case 'none':
      tell({
        kind: 'netboot.refused',
        body: {
          sled: client.sled?.name ?? null,
          mac: client.mac ?? 'no Ethernet client',
          reason: choice.reason,
        },
      })
      return undefined
    case 'not-netbooting':
    case undefined:
      return undefined
  }
}

/** The address of one client's iPXE script; under 128 characters, which `file` holds. */
export const scriptUrlOf = (bootUrl: string, mac: Mac, uuid: string | undefined): string =>
  `${bootUrl}/boot.ipxe?mac=${mac.replaceAll(':', '-')}${uuid === undefined ? '' : `&uuid=${uuid}`}`
