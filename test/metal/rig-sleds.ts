import { GiB } from '@brickyard/std/units'
import { BARE, FAR, SHARED } from './path-network.ts'
import type { SledHardware } from './qemu-sled.ts'

/** A sled of the rig with its BMC's own address. */
export interface RigSled extends SledHardware {
  readonly bmcAddress: string
  /** Address reserved for it on the provisioning network. */
  readonly address: string
  /** The segment it is cabled to; the rig's own unless told. */
  readonly bridge?: string
}

/** These join the rack when the others are done: more beside them would slow down what is measured. */
export const SECURE_SLED: RigSled = {
  name: 'secure-1',
  architecture: 'x86_64',
  firmware: 'uefi',
  secureBoot: true,
  mac: '52:54:00:98:00:03',
  uuid: '6a0e1c52-0001-4000-8000-000000000003',
  serial: 'RIG-SECURE-1',
  tap: 'tap2',
  diskBytes: GiB(2),
  bmcAddress: '10.98.0.203',
  address: '10.98.0.103',
}

export const ARM64_SLED: RigSled = {
  name: 'arm64-1',
  architecture: 'aarch64',
  firmware: 'uefi',
  secureBoot: false,
  mac: '52:54:00:98:00:04',
  uuid: '6a0e1c52-0001-4000-8000-000000000004',
  serial: 'RIG-ARM64-1',
  tap: 'tap3',
  diskBytes: GiB(1),
  bmcAddress: '10.98.0.204',
  address: '10.98.0.104',
}

/** Firmware that takes its loader by TFTP through a router. */
export const RELAY_SLED: RigSled = {
  name: 'relay-1',
  architecture: 'x86_64',
  firmware: 'uefi',
  secureBoot: false,
  mac: '52:54:00:98:00:05',
  uuid: '6a0e1c52-0001-4000-8000-000000000005',
  serial: 'RIG-RELAY-1',
  tap: 'tap4',
  diskBytes: GiB(1),
  bmcAddress: '10.98.0.205',
  address: '10.99.0.105',
  bridge: FAR.bridge,
}

/** Firmware that has to put two servers' offers together. */
export const PROXY_SLED: RigSled = {
  name: 'proxy-1',
  architecture: 'x86_64',
  firmware: 'uefi',
  secureBoot: false,
  mac: '52:54:00:98:00:06',
  uuid: '6a0e1c52-0001-4000-8000-000000000006',
  serial: 'RIG-PROXY-1',
  tap: 'tap5',
  diskBytes: GiB(1),
  bmcAddress: '10.98.0.206',
  address: '10.97.0.106',
  bridge: SHARED.bridge,
}

export const DISC_SLED: RigSled = {
  name: 'disc-1',
  architecture: 'x86_64',
  firmware: 'bios',
  secureBoot: false,
  mac: '52:54:00:98:00:07',
  uuid: '6a0e1c52-0001-4000-8000-000000000007',
  serial: 'RIG-DISC-1',
  tap: 'tap6',
  diskBytes: GiB(1),
  bmcAddress: '10.98.0.207',
  address: '10.96.0.107',
  bridge: BARE.bridge,
}

/** Firmware that checks the signatures of what is on a disc. */
export const SECURE_DISC_SLED: RigSled = {
  name: 'disc-2',
  architecture: 'x86_64',
  firmware: 'uefi',
  secureBoot: true,
  mac: '52:54:00:98:00:08',
  uuid: '6a0e1c52-0001-4000-8000-000000000008',
  serial: 'RIG-DISC-2',
  tap: 'tap7',
  diskBytes: GiB(1),
  bmcAddress: '10.98.0.208',
  address: '10.96.0.108',
  bridge: BARE.bridge,
}

/** Firmware that was told whom to trust by TLS. */
export const TLS_SLED: RigSled = {
  name: 'tls-1',
  architecture: 'x86_64',
  firmware: 'uefi',
  secureBoot: false,
  mac: '52:54:00:98:00:0a',
  uuid: '6a0e1c52-0001-4000-8000-00000000000a',
  serial: 'RIG-TLS-1',
  tap: 'tap9',
  diskBytes: GiB(1),
  bmcAddress: '10.98.0.210',
  address: '10.98.0.110',
}

/** Given only what an operator has signed; by an appliance, and by a loader of the operator's own. */
export const SIGNED_SLED: RigSled = {
  ...TLS_SLED,
  name: 'signed-1',
  mac: '52:54:00:98:00:0b',
  uuid: '6a0e1c52-0001-4000-8000-00000000000b',
  serial: 'RIG-SIGNED-1',
  tap: 'tap10',
  bmcAddress: '10.98.0.211',
  address: '10.98.0.111',
}

export const OWN_LOADER_SLED: RigSled = {
  ...TLS_SLED,
  name: 'own-1',
  mac: '52:54:00:98:00:0c',
  uuid: '6a0e1c52-0001-4000-8000-00000000000c',
  serial: 'RIG-OWN-1',
  tap: 'tap11',
  bmcAddress: '10.98.0.212',
  address: '10.98.0.112',
}

export const OWN_BIOS_SLED: RigSled = {
  ...OWN_LOADER_SLED,
  name: 'own-2',
  firmware: 'bios',
  mac: '52:54:00:98:00:0e',
  uuid: '6a0e1c52-0001-4000-8000-00000000000e',
  serial: 'RIG-OWN-2',
  tap: 'tap13',
  bmcAddress: '10.98.0.214',
  address: '10.98.0.114',
}

/** Two NICs on a switch that speaks LACP and tags VLANs. */
export const BOND_SLED: RigSled = {
  ...TLS_SLED,
  name: 'bond-1',
  mac: '52:54:00:98:00:0f',
  secondMac: '52:54:00:98:00:10',
  uuid: '6a0e1c52-0001-4000-8000-00000000000f',
  serial: 'RIG-BOND-1',
  tap: 'tap14',
  bmcAddress: '10.98.0.215',
  address: '10.98.0.115',
}

/** Read and typed at over its serial port. */
export const SERIAL_SLED: RigSled = {
  ...SECURE_SLED,
  name: 'serial-1',
  secureBoot: false,
  mac: '52:54:00:98:00:0d',
  uuid: '6a0e1c52-0001-4000-8000-00000000000d',
  serial: 'RIG-SERIAL-1',
  tap: 'tap12',
  bmcAddress: '10.98.0.213',
  address: '10.98.0.113',
}

export const LATE_SLEDS: readonly RigSled[] = [
  SERIAL_SLED,
  SECURE_SLED,
  ARM64_SLED,
  RELAY_SLED,
  PROXY_SLED,
  DISC_SLED,
  SECURE_DISC_SLED,
  TLS_SLED,
  SIGNED_SLED,
  OWN_LOADER_SLED,
  BOND_SLED,
  OWN_BIOS_SLED,
]

export const RIG_SLEDS: readonly RigSled[] = [
  {
    name: 'bios-1',
    architecture: 'x86_64',
    firmware: 'bios',
    secureBoot: false,
    mac: '52:54:00:98:00:01',
    uuid: '6a0e1c52-0001-4000-8000-000000000001',
    serial: 'RIG-BIOS-1',
    tap: 'tap0',
    diskBytes: GiB(2),
    bmcAddress: '10.98.0.201',
    address: '10.98.0.101',
  },
  {
    name: 'uefi-1',
    architecture: 'x86_64',
    firmware: 'uefi',
    secureBoot: false,
    mac: '52:54:00:98:00:02',
    uuid: '6a0e1c52-0001-4000-8000-000000000002',
    serial: 'RIG-UEFI-1',
    tap: 'tap1',
    diskBytes: GiB(2),
    bmcAddress: '10.98.0.202',
    address: '10.98.0.102',
  },
]
