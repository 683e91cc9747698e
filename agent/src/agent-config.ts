import type { Architecture } from '@brickyard/model/architecture'
import type { SiteName } from '@brickyard/model/names'
import { Days, GiB, Minutes, Seconds } from '@brickyard/std/units'
import type { LoaderSource } from './netboot/loaders.ts'
import type { StandAloneDocument } from './stand-alone/stand-alone-document.ts'

/**
 * The appliance's own settings: listeners, folders, the hub's address. What the rack holds is not
 * here but in the wanted state (or the stand-alone document), and there alone.
 */
export interface AgentConfig {
  readonly site: SiteName
  readonly agentVersion: string
  /** Folder of everything the agent keeps in files: `<stateFolder>/blobs`, `<stateFolder>/link`. */
  readonly stateFolder: string
  /**
   * Sockets by the network's name, or by its device where they were inherited; a network that has
   * neither opens its own on the usual ports.
   */
  readonly sockets: Readonly<Record<string, NetworkSockets>>
  /** Boot loader files by the name they are served under: `undionly.kpxe`, `snponly.efi`; a path or more. */
  readonly loaders: Readonly<Record<string, string | LoaderSource>>
  /** The in-memory Linux of each architecture. */
  readonly installers: Readonly<Partial<Record<Architecture, InstallerPaths>>>
  /** Given: the boot server is reached by HTTPS as well. */
  readonly bootTls?: BootTlsConfig | undefined
  /** Given: an installer is served only with valid signatures beside its files. */
  readonly codeSigning?: CodeSigningConfig | undefined
  /** Serves one rack without a hub. Ignored once a hub's rack was taken. */
  readonly standAlone?: StandAloneDocument | undefined
  /** Undefined: this site has no hub. */
  readonly hub?: HubAddress | undefined
  /** PIN of the technician's page, hashed by the Password port; undefined: the page stays closed. */
  readonly sitePinHash?: string | undefined
  readonly limits: AgentLimits
}

export interface NetworkSockets {
  readonly dhcpFd?: number | undefined
  readonly tftpFd?: number | undefined
  /** Port 4011, where a proxy is asked a second time. */
  readonly pxeFd?: number | undefined
  /** Port 68, where other servers are heard. */
  readonly bootpcFd?: number | undefined
  /** Lab ports in place of 67/68 and 4011, and 69. */
  readonly dhcpPorts?: LabDhcpPorts | undefined
  readonly tftpPort?: number | undefined
  /** Base of the boot HTTP server as sleds reach it, no slash at the end; `http://<agentAddress>` unless told. */
  readonly bootUrl?: string | undefined
  /** The same by HTTPS; `https://<agentAddress>` unless told. Counts only with `bootTls`. */
  readonly bootTlsUrl?: string | undefined
}

/** What the boot server's certificate says of itself. */
export interface BootCertificate {
  readonly endsAtMs: number
  /** True for an address or name that it is good for. */
  readonly covers: (host: string) => boolean
}

export interface BootTlsConfig extends BootCertificate {
  /** iPXE gets no script by plain HTTP. */
  readonly only: boolean
}

export interface CodeSigningConfig {
  /** Authorities that say who may sign, each PEM. */
  readonly authorities: readonly string[]
  /** The loader checks the signatures as well: an iPXE with `imgtrust` and `imgverify`. */
  readonly byLoader: boolean
}

export interface LabDhcpPorts {
  readonly server: number
  readonly client: number
  readonly pxe?: number | undefined
}

export interface InstallerPaths {
  readonly kernel: string
  readonly initrd: string
  /** What the initrd takes when a rare verb needs it: of the same build, or it is refused. */
  readonly tools?: string | undefined
  readonly kernelArguments: readonly string[]
}

export interface HubAddress {
  /** Base of the agent listener, e.g. `https://hub.example.net:7443`. */
  readonly url: string
  /** A one-time token; used while there is no certificate yet. */
  readonly enrolmentToken?: string | undefined
}

/** Bounds; every one has a default that suits an appliance with a 64 GB disk and 24 sleds. */
export interface AgentLimits {
  /** Images kept here at most, those in use not counted out. */
  readonly blobBytesMax: number
  /** Acknowledged events stay at least this long, for a hub that came back from an older backup. */
  readonly eventKeepMs: number
  /** Events kept at most; beyond it the oldest go, acknowledged ones first, and an event says so. */
  readonly eventsMax: number
  /** Sleds inspected at the same time without anybody asking. */
  readonly inspectionsMax: number
  /** From power-on to the installer's claim before the sled is power cycled or given up. */
  readonly claimTimeoutMs: number
  /** From the end of the installer to the OS calling back. */
  readonly phoneHomeTimeoutMs: number
  readonly powerPollMs: number
  readonly sensorPollMs: number
  /** How often the event log of a BMC is looked at, beside the time after its sled was switched. */
  readonly logPollMs: number
  /** Least time between two interruptions of power of one sled. */
  readonly minCycleMs: number
}

export const LIMITS_DEFAULT: AgentLimits = {
  blobBytesMax: GiB(32),
  eventKeepMs: Days(7),
  eventsMax: 200_000,
  inspectionsMax: 4,
  claimTimeoutMs: Minutes(15),
  phoneHomeTimeoutMs: Minutes(20),
  powerPollMs: Seconds(15),
  sensorPollMs: Minutes(1),
  logPollMs: Minutes(5),
  minCycleMs: Seconds(10),
}
