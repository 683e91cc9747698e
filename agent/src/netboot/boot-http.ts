import type { Architecture } from '@brickyard/model/architecture'
import type { Ipv4 } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import type { BootSled } from '@brickyard/netboot/boot-view'
import { installerScript, localBootScript, refusalScript } from '@brickyard/netboot/ipxe-script'
import type { Clock } from '@brickyard/runtime/clock'
import type { FetchHandler, HttpPeer } from '@brickyard/runtime/http'
import type { Asset } from './asset.ts'
import type { BootDirectory } from './boot-directory.ts'
import { scriptUrlOf } from './dhcp-server.ts'
import { rangeResponse } from './range-response.ts'
import { type Report, type ReportOnce, reportOnce } from './report.ts'

/** Which assets make up the installer of one architecture. */
export interface InstallerFiles {
  readonly kernel: string
  readonly initrd: string
  readonly kernelArguments: readonly string[]
}

export interface BootHttpParts {
  readonly directory: BootDirectory
  readonly clock: Clock
  readonly report: Report
  /** The network's name. */
  readonly network: string
  /** Base of this very server as sleds reach it, no slash at the end. */
  readonly bootUrl: string
  /** Files by name: loaders, vmlinuz, initrd.img. May change while the server runs. */
  readonly assets: ReadonlyMap<string, Asset>
  readonly installers: Readonly<Partial<Record<Architecture, InstallerFiles>>>
  /** The address DHCP gave to a machine: who asks for another machine's script is refused. */
  readonly addressOf: (mac: Mac) => Ipv4 | undefined
}

/**
 * What a netbooting machine fetches: `GET /boot.ipxe?mac=…` and `GET|HEAD /assets/NAME`. Nothing
 * here is secret but the claim token in an installer's script, which is good once and goes only to
 * the address that DHCP gave to that sled.
 */
export function createBootHttp(parts: BootHttpParts): FetchHandler {
  const tell = reportOnce(parts.report, parts.clock)
  return (request, peer) => {
    const url = new URL(request.url)
    if (url.pathname === '/boot.ipxe') {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
      }
      return textResponse(scriptFor(parts, url.searchParams, peer, tell))
    }
    const name = /^\/assets\/([A-Za-z0-9._-]+)$/.exec(url.pathname)?.[1]
    const asset = name === undefined ? undefined : parts.assets.get(name)
    if (asset === undefined) return new Response('no such file\n', { status: 404 })
    return rangeResponse(request, asset)
  }
}

/** Every outcome is a script: iPXE shows its text, while of an HTTP error it shows a number. */
function scriptFor(
  parts: BootHttpParts,
  query: URLSearchParams,
  peer: HttpPeer,
  tell: ReportOnce,
): string {
  const { network } = parts
  const mac = Mac.parse(query.get('mac') ?? '')
  if (!mac.ok) return refusalScript('the request names no MAC address')
  const uuid = query.get('uuid') ?? undefined
  const sled = parts.directory.sledFor({ mac: mac.value, uuid, network })
  const refuse = (reason: string): string => {
    tell({ kind: 'netboot.refused', body: { mac: mac.value, sled: sled?.name ?? null, reason } })
    return refusalScript(reason)
  }
  if (sled === undefined) return refuse(`${mac.value} is not declared at this site`)
  const served = (what: string, script: string, occasion?: string): string => {
    tell({ kind: 'netboot.served', body: { sled: sled.name, mac: mac.value, what } }, occasion)
    return script
  }
  const { boot } = sled
  switch (boot.kind) {
    case 'none':
      return refuse(boot.reason)
    case 'local-disk':
      return served('local-disk', localBootScript(sled.firmwareMode, boot.reason))
    case 'installer': {
      if (parts.addressOf(mac.value) !== peer.address) {
        return refuse(`asked from ${peer.address}, which is not the address of ${sled.name}`)
      }
      const script = installerFor(parts, { mac: mac.value, uuid, sled, token: boot.claimToken })
      if (script !== undefined) return served('installer', script, boot.claimToken)
      return refuse(`there is no installer for ${sled.architecture} on this appliance`)
    }
  }
}

function installerFor(
  parts: BootHttpParts,
  client: { mac: Mac; uuid: string | undefined; sled: BootSled; token: string },
): string | undefined {
  const { bootUrl, installers, assets } = parts
  const { mac, uuid, sled, token } = client
  const files = installers[sled.architecture]
  if (files === undefined || !assets.has(files.kernel) || !assets.has(files.initrd))
    return undefined
  return installerScript({
    sledName: sled.name,
    mac,
    kernelUrl: `${bootUrl}/assets/${files.kernel}`,
    initrdUrl: `${bootUrl}/assets/${files.initrd}`,
    agentUrl: bootUrl,
    claimToken: token,
    scriptUrl: scriptUrlOf(bootUrl, mac, uuid),
    kernelArguments: files.kernelArguments,
  })
}

const textResponse = (text: string): Response =>
  new Response(text, { headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' } })
