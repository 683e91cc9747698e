import type { Architecture, FirmwareMode } from './architecture.ts'
import type { Ipv4 } from './ipv4.ts'
import type { Mac } from './mac.ts'
import type { SiteName, SledName } from './names.ts'
import type { FeedDeclaration, PduDeclaration } from './pdu.ts'

/**
 * The rack document: everything declared about a site's rack. One schema (zod, in
 * `@brickyard/protocol/rack-document`), one source: the hub's wanted state or a local file.
 */
export interface RackDocument {
  readonly site: SiteName
  readonly networks: readonly Network[]
  readonly cages: readonly CageDeclaration[]
  readonly sleds: readonly SledDeclaration[]
  /** How the rack is cabled to its switches. */
  readonly ports?: readonly PortDeclaration[] | undefined
  readonly pdus?: readonly PduDeclaration[] | undefined
  readonly bmcPasswords?: BmcPasswordPolicy | undefined
  /** Settings that sleds shall have; of those for its model, else of those for every model, the first. */
  readonly profiles?: readonly SledProfile[] | undefined
}

/** What a sled does by itself when mains power comes back. */
export const RESTORE_POLICIES = ['stay-off', 'as-before', 'turn-on'] as const
export type RestorePolicy = (typeof RESTORE_POLICIES)[number]

/** Settings that the site wants of sleds of a model: read when a sled is taken in, set, read back. */
export interface SledProfile {
  /** Left out: every model that has none of its own. */
  readonly model?: string | undefined
  readonly restorePolicy?: RestorePolicy | undefined
  /** BIOS attributes by the maker's own names, e.g. `BootMode`, `SriovGlobalEnable`. */
  readonly bios?: Readonly<Record<string, string | number | boolean>> | undefined
}

/** How the site changes the passwords of its BMCs. Without a policy it never does. */
export interface BmcPasswordPolicy {
  /**
   * Public key (`@brickyard/std/sealed-box`) whose private half lies offline: each new password is
   * sealed to it and kept by the hub before a BMC gets it.
   */
  readonly recoveryKey: string
  /** Unasked: when a sled was inspected and its password is not one that the site made. */
  readonly rotateAtIntake: boolean
  /** Unasked: when a tenant's disks were wiped. */
  readonly rotateAfterRelease: boolean
}

/**
 * How the agent behaves on a network: `listen-only` answers nothing (the default on a new site),
 * `authoritative` gives the addresses, `proxy` leaves them to another server and adds what to boot,
 * `relayed` answers only what a relay passes on from a subnet behind it.
 */
export const NETWORK_MODES = ['listen-only', 'authoritative', 'proxy', 'relayed'] as const
export type NetworkMode = (typeof NETWORK_MODES)[number]

export interface AddressRange {
  readonly first: Ipv4
  readonly last: Ipv4
}

/** An address kept for whoever is known by one of these. Bytes are lower-case hex. */
export interface AddressReservation {
  readonly address: Ipv4
  readonly mac?: Mac | undefined
  /** DHCP option 61. */
  readonly clientId?: string | undefined
  /** A place: sub-option 1 of DHCP option 82, usually the switch port. */
  readonly circuitId?: string | undefined
  /** Sub-option 2, usually the switch; narrows `circuitId`. */
  readonly remoteId?: string | undefined
  /** A slot or rack unit, whose ports `RackDocument.ports` names. */
  readonly place?: string | undefined
}

/** The port of a switch that leads to a place in the rack, as DHCP relays name it (option 82). */
export interface PortDeclaration {
  readonly circuitId: string
  readonly remoteId?: string | undefined
  /** `cage-a/slot-7` or `unit-21`. */
  readonly place: string
}

export interface Network {
  readonly name: string
  readonly role: 'provisioning' | 'management'
  readonly mode: NetworkMode
  /** CIDR text, e.g. `10.98.0.0/24`. */
  readonly subnet: string
  /** The agent's own address here: DHCP server id, TFTP and HTTP host. */
  readonly agentAddress: Ipv4
  /** Device the sockets are bound to, e.g. `br0`; also the LISTEN_FDNAMES stem. */
  readonly interface: string
  readonly pool: AddressRange
  /** Pools of their own for BMCs and for machines that nobody declared (quarantine). */
  readonly pools?:
    | { readonly bmc?: AddressRange | undefined; readonly unknown?: AddressRange | undefined }
    | undefined
  readonly leaseSeconds: number
  /** Lease of a BMC, long so that its address stays; a week unless told. */
  readonly bmcLeaseSeconds?: number | undefined
  /** Addresses kept for others than sleds and their BMCs, which carry their own. */
  readonly reservations?: readonly AddressReservation[] | undefined
  readonly router?: Ipv4 | undefined
  /** Told to machines by DHCP, and to installers by their discs. */
  readonly dns: readonly Ipv4[]
  /**
   * The tag that sleds' switch ports want on this network's packets, 1 to 4094. Firmware that boots by
   * network puts none on: such sleds are installed from discs, which say it. Left out: no tag.
   */
  readonly vlan?: number | undefined
  readonly domain?: string | undefined
  readonly routerAdvertisement?: RouterAdvertisement | undefined
}

/**
 * What machines are told that look for an IPv6 router: nothing (unless told), that there is none, or
 * the prefix to make addresses of. iPXE waits 13 s for a word.
 */
export type RouterAdvertisement = 'none' | 'empty' | { readonly prefix: string }

export interface CageDeclaration {
  readonly name: string
  /** Height of an Open19 cage in rack units. */
  readonly heightRackUnits: 8 | 12
  readonly generation: 'v1' | 'v2'
  /** Lowest rack unit the cage fills, counted from 1. */
  readonly rackUnit: number
}

/** Open19 sled forms: half-width or double-wide, single or double height. */
export type SledForm = 'half-width' | 'double-wide' | 'double-high' | 'double-high-wide'
export const SLED_FORMS = ['half-width', 'double-wide', 'double-high', 'double-high-wide'] as const

/** Where a sled is declared to be: a cage slot (numbered from 1) or a plain rack unit. */
export type Position =
  | { readonly kind: 'slot'; readonly cage: string; readonly slot: number; readonly form: SledForm }
  | { readonly kind: 'rack-unit'; readonly unit: number; readonly heightRackUnits: number }

export interface SledDeclaration {
  readonly name: SledName
  readonly position: Position
  readonly architecture: Architecture
  readonly firmwareMode: FirmwareMode
  /** Its firmware checks signatures (UEFI Secure Boot): only signed images go on it. */
  readonly secureBoot?: boolean | undefined
  /** Model, e.g. `o19-half`; the key of power-on times and firmware rules. */
  readonly model?: string | undefined
  /** Serial expected in this place, once somebody knows it. */
  readonly serial?: string | undefined
  /** MACs of the NICs that may netboot. */
  readonly macs: readonly Mac[]
  /** Reserved address on the provisioning network. */
  readonly address?: Ipv4 | undefined
  readonly bmc?: BmcDeclaration | undefined
  /** Outlets that give it power: how it is switched when its BMC is dead. */
  readonly feeds?: readonly FeedDeclaration[] | undefined
  /**
   * It ran before it was declared here: it is watched out of band, and no boot, power or account of it
   * is touched until its adoption is released.
   */
  readonly adopted?: boolean | undefined
  /**
   * `always`: its console stays open, so that what it said last is there when somebody comes; left
   * out: it is opened when somebody reads. Nobody else can have it at the BMC meanwhile.
   */
  readonly serialLog?: 'always' | undefined
  /** Labels for constraints, e.g. { gpu: 'none' }. */
  readonly labels: Readonly<Record<string, string>>
}

/** On which way packets reach a BMC; left out: a port of its own, its address by DHCP. */
export interface BmcPath {
  /**
   * `shared`: it answers on one of the host's network ports (NC-SI), under a MAC of its own: both
   * stand behind one switch port, and it falls silent while the host's NIC starts anew.
   */
  readonly port: 'dedicated' | 'shared'
  /** Its packets are tagged with this VLAN. */
  readonly vlan?: number | undefined
  /** `static`: the address is set in the BMC itself; no DHCP request of it is expected. */
  readonly addressing?: 'dhcp' | 'static' | undefined
  /** Silence after a change of power that is its way; left out: the usual of its kind of port. */
  readonly silenceSeconds?: number | undefined
}

/** How a sled's BMC is reached. */
export type BmcDeclaration = IpmiDeclaration | RedfishDeclaration

export interface IpmiDeclaration {
  readonly protocol: 'ipmi'
  readonly address: Ipv4
  readonly port: number
  readonly mac?: Mac | undefined
  readonly path?: BmcPath | undefined
  /** Login name; the password is in the site's own credentials, never in this document. */
  readonly user: string
  readonly cipherSuite: 3 | 17
}

/** Redfish over TLS. */
export interface RedfishDeclaration {
  readonly protocol: 'redfish'
  readonly address: Ipv4
  readonly port: number
  readonly mac?: Mac | undefined
  readonly path?: BmcPath | undefined
  readonly user: string
  /**
   * SHA-256 (hex) of the BMC's public key: BMCs sign their own certificates, so the pin alone is
   * what proves one. Undefined: nothing is proved, which is worth a finding.
   */
  readonly spkiSha256?: string | undefined
}
