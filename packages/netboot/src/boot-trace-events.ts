import type { NetbootClient } from './choose-loader.ts'
import { isIpxe } from './choose-loader.ts'

/**
 * What a site notes of a machine that boots: plain JSON, kept as it is. Every text is bounded and
 * printable before it gets here. `atMs` is wall clock.
 */
export type BootEvent =
  | DhcpEvent
  | FileEvent
  | ScriptEvent
  | DiscEvent
  | RefusalEvent
  | OperationEvent

/** What a DHCP client said of itself. */
export interface BootClient extends NetbootClient {
  readonly uuid: string | null
  readonly hostName: string | null
  /** Option 50. */
  readonly requestedAddress: string | null
  /** Option 54: the server whose offer it takes. */
  readonly chosenServer: string | null
  /** `ciaddr`: it has this address already. */
  readonly ownAddress: string | null
  /** `giaddr`: the relay it came through. */
  readonly relay: string | null
  /** Option 82, sub-option 1, hex: often the switch port. */
  readonly circuitId: string | null
}

/** A client's message and what became of it. */
export interface DhcpEvent {
  readonly kind: 'dhcp'
  readonly atMs: number
  readonly network: string
  readonly mode: string
  readonly mac: string
  readonly message: string
  readonly client: BootClient
  readonly answer: {
    readonly kind: 'offer' | 'ack' | 'nak' | 'inform' | 'silent'
    readonly address: string | null
    /** The address is kept for this machine. */
    readonly reserved: boolean
    readonly reason: string | null
  }
  /** What we name to boot from; null for a client that did not come to boot. */
  readonly boot: BootFile | null
  /** False on a network where we only listen. */
  readonly sent: boolean
}

export type BootFile =
  | { readonly way: 'tftp' | 'http'; readonly file: string }
  | { readonly way: 'none'; readonly reason: string }

/** A file that was asked for by TFTP or HTTP; told when it is over. */
export interface FileEvent {
  readonly kind: 'file'
  /** When it was over. */
  readonly atMs: number
  readonly network: string
  readonly way: 'tftp' | 'http'
  readonly name: string
  readonly result: 'whole' | 'part' | 'refused'
  readonly bytes: number
  readonly bytesTotal: number
  readonly durationMs: number
  readonly reason: string | null
}

/** The script that a loader was given. */
export interface ScriptEvent {
  readonly kind: 'script'
  readonly atMs: number
  readonly network: string
  readonly mac: string
  readonly what: 'installer' | 'local-disk' | 'refused'
  readonly reason: string | null
}

/**
 * An installer that showed the token of a boot disc: the first thing that is heard of such a boot,
 * since firmware and loader find all they need on the disc.
 */
export interface DiscEvent {
  readonly kind: 'disc'
  readonly atMs: number
  /** The network that the installer called on. */
  readonly network: string
  readonly mac: string
  /** Where it called from. */
  readonly address: string
  /** The disc as the site's page lists it. */
  readonly disc: string
  readonly madeBy: string
  readonly madeAtMs: number
}

/** An installer whose token opened nothing: a disc that was used, a script that came too late. */
export interface RefusalEvent {
  readonly kind: 'refusal'
  readonly atMs: number
  readonly network: string
  readonly mac: string
  readonly address: string
  readonly reason: string
}

/** How an operation on the sled stands; only its latest is kept. */
export interface OperationEvent {
  readonly kind: 'operation'
  readonly atMs: number
  readonly id: string
  readonly what: string
  readonly state: string
  readonly reason: string | null
  readonly startedAtMs: number
  readonly steps: readonly OperationStep[]
  /** The bond that its deployment makes by LACP; left out where there is none. */
  readonly lacp?: { readonly bond: string; readonly nics: readonly string[] } | undefined
}

export interface OperationStep {
  readonly name: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped'
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  readonly detail: string | null
}

/** Which program of the boot speaks: firmware, iPXE, or an operating system. */
export type BootStage = 'firmware' | 'ipxe' | 'system'

export function stageOf(client: NetbootClient): BootStage {
  if (isIpxe(client)) return 'ipxe'
  return /^(PXE|HTTP)Client/.test(client.vendorClass ?? '') ? 'firmware' : 'system'
}
