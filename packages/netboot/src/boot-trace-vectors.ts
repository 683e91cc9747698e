import type { BootClient, BootEvent, BootFile } from './boot-trace-events.ts'

/**
 * What a site noted of a real machine: QEMU with OVMF 2022.11 or later, network first, whose sled is
 * in use. PXE loads iPXE, which goes back to the firmware; that tries its next entry, HTTP boot, and
 * iPXE sends it to its disk once more. Times are as measured, from 0.
 */
export const OVMF_MAC = '52:54:00:98:00:11'

const CLIENT: BootClient = {
  architectures: [7],
  vendorClass: 'PXEClient:Arch:00007:UNDI:003000',
  userClasses: [],
  hasIpxeFeatures: false,
  uuid: null,
  hostName: null,
  requestedAddress: null,
  chosenServer: null,
  ownAddress: null,
  relay: null,
  circuitId: null,
}
const PXE = CLIENT
const IPXE: BootClient = {
  ...CLIENT,
  vendorClass: 'PXEClient:Arch:00007:UNDI:003010',
  userClasses: ['iPXE'],
  hasIpxeFeatures: true,
}
const HTTP: BootClient = {
  ...CLIENT,
  architectures: [16],
  vendorClass: 'HTTPClient:Arch:00016:UNDI:003000',
}

const heard = (atMs: number, client: BootClient, boot: BootFile) =>
  ({
    kind: 'dhcp',
    atMs,
    network: 'provisioning',
    mode: 'authoritative',
    mac: OVMF_MAC,
    client,
    boot,
    sent: true,
  }) as const
const lease = { address: '10.98.0.11', reserved: true, reason: null } as const

const discover = (atMs: number, client: BootClient, boot: BootFile): BootEvent => ({
  ...heard(atMs, client, boot),
  message: 'discover',
  answer: { kind: 'offer', ...lease },
})

const request = (atMs: number, client: BootClient, boot: BootFile): BootEvent => ({
  ...heard(atMs, { ...client, requestedAddress: '10.98.0.11', chosenServer: '10.98.0.1' }, boot),
  message: 'request',
  answer: { kind: 'ack', ...lease },
})

export const OVMF_BOOTS: readonly BootEvent[] = [
  discover(0, PXE, { way: 'tftp', file: 'snponly.efi' }),
  request(10125, PXE, { way: 'tftp', file: 'snponly.efi' }),
  {
    kind: 'file',
    atMs: 10204,
    network: 'provisioning',
    way: 'tftp',
    name: 'snponly.efi',
    result: 'part',
    bytes: 0,
    bytesTotal: 173792,
    durationMs: 6,
    reason: 'the client ended it: User aborted the transfer (8)',
  },
  {
    kind: 'file',
    atMs: 10368,
    network: 'provisioning',
    way: 'tftp',
    name: 'snponly.efi',
    result: 'whole',
    bytes: 173792,
    bytesTotal: 173792,
    durationMs: 130,
    reason: null,
  },
  discover(16123, IPXE, { way: 'http', file: 'boot.ipxe' }),
  request(16160, IPXE, { way: 'http', file: 'boot.ipxe' }),
  {
    kind: 'script',
    atMs: 16287,
    network: 'provisioning',
    mac: OVMF_MAC,
    what: 'local-disk',
    reason: 'in use',
  },
  discover(21177, HTTP, { way: 'http', file: 'snponly.efi' }),
  request(27934, HTTP, { way: 'http', file: 'snponly.efi' }),
  {
    kind: 'file',
    atMs: 28330,
    network: 'provisioning',
    way: 'http',
    name: 'snponly.efi',
    result: 'whole',
    bytes: 173792,
    bytesTotal: 173792,
    durationMs: 5,
    reason: null,
  },
  discover(32094, IPXE, { way: 'http', file: 'boot.ipxe' }),
  request(32122, IPXE, { way: 'http', file: 'boot.ipxe' }),
  {
    kind: 'script',
    atMs: 32190,
    network: 'provisioning',
    mac: OVMF_MAC,
    what: 'local-disk',
    reason: 'in use',
  },
]
