import { type Ipv4, Subnet } from '@brickyard/model/ipv4'
import type { Network, RackDocument, SledDeclaration } from '@brickyard/model/rack'
import { bootDisc, DISC_INITRD, DISC_KERNEL } from '@brickyard/netboot/boot-disc'
import { err, ok, type Result } from '@brickyard/std/result'
import type { Asset } from './asset.ts'
import type { BootScriptParts } from './boot-scripts.ts'

/** A disc as it is sent: made while it is read, so that nothing of it lies on a disk of ours. */
export interface DiscFile {
  readonly name: string
  readonly bytes: number
  stream(): AsyncIterable<Uint8Array>
}

export interface DiscMakerParts extends Pick<BootScriptParts, 'assets' | 'installers'> {
  readonly rack: () => RackDocument | undefined
  /** Loaders by name; may change while the agent runs. */
  readonly loaders: ReadonlyMap<string, Uint8Array>
  /** Base of the boot server as sleds of a network reach it. */
  readonly bootUrl: (network: Network) => string
}

/** Writes one sled's disc; the error says what it lacks. */
export type DiscMaker = (sled: SledDeclaration, claimToken: string) => Result<DiscFile>

export function createDiscMaker(parts: DiscMakerParts): DiscMaker {
  return (sled, claimToken) => {
    const { name, address, architecture, firmwareMode, macs } = sled
    const [mac] = macs
    const home = address && provisioningHome(parts.rack(), address)
    if (mac === undefined || address === undefined || home === undefined) {
      return err(`${name} has no address on a provisioning network in the rack document`)
    }
    const files = parts.installers[architecture]
    const kernel = files && parts.assets.get(files.kernel)
    const initrd = files && parts.assets.get(files.initrd)
    if (files === undefined || kernel === undefined || initrd === undefined) {
      return err(`there is no installer for ${architecture} on this appliance`)
    }
    const { network, subnet } = home
    const disc = {
      sledName: name,
      architecture,
      firmwareMode,
      mac,
      address,
      subnet,
      router: network.router,
      vlan: network.vlan,
      dns: network.dns,
      agentUrl: parts.bootUrl(network),
      claimToken,
      kernelArguments: files.kernelArguments,
      kernelBytes: kernel.bytes,
      initrdBytes: initrd.bytes,
    }
    const image = bootDisc(disc, parts.loaders)
    if (!image.ok) return image
    const { bytes, pieces } = image.value
    const big = new Map([
      [DISC_KERNEL, kernel],
      [DISC_INITRD, initrd],
    ])
    return ok({ name: `${name}.iso`, bytes, stream: () => inOrder(pieces, big) })
  }
}

async function* inOrder(
  pieces: readonly (Uint8Array | { readonly path: string })[],
  big: ReadonlyMap<string, Asset>,
): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) yield piece
    else {
      const asset = big.get(piece.path)
      if (asset !== undefined) yield* asset.stream(0, asset.bytes)
    }
  }
}

/** The provisioning network that an address belongs to. */
export function provisioningHome(
  rack: RackDocument | undefined,
  address: Ipv4,
): { readonly network: Network; readonly subnet: Subnet } | undefined {
  for (const network of rack?.networks ?? []) {
    const subnet = Subnet.parse(network.subnet)
    const isHome = subnet.ok && Subnet.contains(subnet.value, address)
    if (network.role === 'provisioning' && isHome) return { network, subnet: subnet.value }
  }
  return undefined
}
