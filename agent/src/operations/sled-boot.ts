import { Subnet, type Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { RackDocument, SledDeclaration } from '@brickyard/model/rack'
import type { BootSled, BootWanted } from '@brickyard/netboot/boot-view'
import type { Log } from '@brickyard/runtime/log'
import type { BootDirectory } from '../netboot/boot-directory.ts'
import type { SiteStore } from '../store/site-store.ts'
import type { BootIntents } from './boot-intents.ts'
import { ownsSled, wantsInstaller, type Operation } from './operation.ts'
import type { SledRecord } from './sled-record.ts'

/** The directory that netboot asks: by MAC, what is this machine and what is it to boot right now. */
export function createBootDirectory(parts: {
  readonly site: SiteStore
  readonly rack: () => RackDocument | undefined
  readonly intents: Pick<BootIntents, 'tokenFor'>
  readonly log: Log
}): BootDirectory {
  const { site, rack, intents, log } = parts
  let indexed: RackDocument | undefined
  let byMac: ReadonlyMap<Mac, SledDeclaration> = new Map()

  const sledOf = (mac: Mac): SledDeclaration | undefined => {
    const present = rack()
    if (present !== indexed) {
      indexed = present
      byMac = indexMacs(present)
    }
    return byMac.get(mac)
  }

  const bootOf = (sled: SledDeclaration): BootWanted => {
    const operation = exclusiveOperation(site, sled.name)
    if (operation !== undefined && wantsInstaller(operation)) {
      try {
        return { kind: 'installer', claimToken: intents.tokenFor(operation) }
      } catch (error) {
        log.error('no boot intent could be opened', { sled: sled.name, error: String(error) })
        return { kind: 'none', reason: 'the appliance cannot write to its disk' }
      }
    }
    return bootAtRest(site, site.sleds.get(sled.name), operation)
  }

  return {
    sledFor({ mac, network }) {
      const sled = sledOf(mac)
      const present = rack()
      if (sled === undefined || present === undefined) return undefined
      const subnet = present.networks.find(({ name }) => name === network)?.subnet
      const own = !sled.macs.includes(mac)
      const { name, architecture, firmwareMode } = sled
      return {
        name,
        architecture,
        firmwareMode,
        secureBoot: sled.secureBoot === true,
        address: addressIn(subnet, own ? sled.bmc?.address : sled.address),
        boot: own ? { kind: 'none', reason: 'this is the BMC' } : bootOf(sled),
      } satisfies BootSled
    },
  }
}

function indexMacs(rack: RackDocument | undefined): ReadonlyMap<Mac, SledDeclaration> {
  const index = new Map<Mac, SledDeclaration>()
  for (const sled of rack?.sleds ?? []) {
    if (sled.bmc?.mac !== undefined) index.set(sled.bmc.mac, sled)
    for (const mac of sled.macs) index.set(mac, sled)
  }
  return index
}

/** The reserved address, where it belongs to the network the machine asks from. */
function addressIn(subnetText: string | undefined, address: Ipv4 | undefined): Ipv4 | undefined {
  const subnet = Subnet.parse(subnetText ?? '')
  return subnet.ok && address !== undefined && Subnet.contains(subnet.value, address)
    ? address
    : undefined
}

/** The operation that owns the sled now; an identify light owns nothing. */
export const exclusiveOperation = (site: SiteStore, sled: string): Operation | undefined =>
  [...site.running.values()].find((operation) => operation.sled === sled && ownsSled(operation))

/** Another operation than this one that has its sled for itself. */
export const ownerBeside = (site: SiteStore, { id, sled }: Operation): string | undefined =>
  [...site.running.values()].find(
    (other) => other.sled === sled && other.id !== id && ownsSled(other),
  )?.id

/** What a sled boots while no installer wants it. */
function bootAtRest(
  site: SiteStore,
  record: SledRecord | undefined,
  operation: Operation | undefined,
): BootWanted {
  if (record === undefined) return { kind: 'none', reason: 'the site does not know it yet' }
  if (operation?.kind === 'provision' && operation.install?.diskReady === true) {
    return { kind: 'local-disk', reason: 'its OS is installed' }
  }
  const installed =
    record.assignment !== null && site.outcomes.get(record.assignment)?.outcome === 'installed'
  switch (record.state) {
    case 'in-use':
    case 'adopted':
      return { kind: 'local-disk', reason: `it is ${record.state}` }
    case 'held':
    case 'missing':
      return installed
        ? { kind: 'local-disk', reason: `it is ${record.state} and carries its OS` }
        : { kind: 'none', reason: `it is ${record.state}: ${record.reason}` }
    case 'seen':
    case 'discovered':
    case 'inspected':
    case 'ready':
    case 'reserved':
    case 'provisioning':
    case 'releasing':
    case 'quarantined':
    case 'failed':
    case 'removed-unwiped':
      return { kind: 'none', reason: `it is ${record.state}: ${record.reason}` }
  }
}
