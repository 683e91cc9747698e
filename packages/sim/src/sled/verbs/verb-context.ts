import type { HttpResponse } from '@brickyard/runtime/http'
import type { Fault } from '@brickyard/installer/faults'
import type { Inventory } from '@brickyard/installer/inventory'
import type { StepResult, VerbCall } from '@brickyard/installer/wire'
import type { Result } from '@brickyard/std/result'
import { MiB } from '@brickyard/std/units'
import type { SledDisk } from '../sled-disk.ts'

/** What a verb of the simulated sled works with. */
export interface VerbContext {
  readonly inventory: Inventory
  readonly disks: readonly SledDisk[]
  readonly held: HeldHead
  /** The clock as the claim's answer set it, seconds since 1970. */
  readonly clockSetSeconds: number
  /** The error of each of these is the status, or why there was none. */
  fetchImage(sha256: string): Promise<Result<HttpResponse, string>>
  fetchSeed(file: string): Promise<Result<string, string>>
  fetchBmcPassword(): Promise<Result<string, string>>
  /** SHA-256 of the tools that the agent gives. */
  fetchTools(): Promise<Result<string, string>>
  /** The hash of the only tools that this installer takes. */
  readonly toolsSha256: string
  /** The way from the host to its own BMC; undefined where there is none. */
  readonly bmcDoor: BmcDoor | undefined
  /** Lets the time pass that the disk takes for so many bytes. */
  spend(bytes: number): Promise<void>
  progress(bytes: number, total: number): void
  /** Calls `work` if power is lost before the returned function was called. */
  atPowerLoss(work: () => void): () => void
  sleep(seconds: number): Promise<void>
}

/**
 * The first MiB of the image, in the installer's memory until everything else is on the disk
 * (packages/installer/sled/head.sh): a disk that was cut short boots nothing.
 */
export interface HeldHead {
  bytes: Uint8Array | undefined
}

export const HEAD_BYTES = MiB(1)

/** Writes the head that is held back to its place; false when the disk refuses. */
export const landHead = ({ bytes }: HeldHead, disk: SledDisk): boolean =>
  bytes === undefined || disk.write(0, bytes)

/** What the installer does at its BMC from the inside (KCS): no login is asked for there. */
export interface BmcDoor {
  /** Names by slot, from 2 on; '' where a slot is empty. */
  names(): readonly string[]
  /** An administrator in a slot, for the LAN too. */
  put(slot: number, name: string, password: string): void
}

/** The step of one verb. */
export type CallOf<V extends VerbCall['verb']> = VerbCall & { readonly verb: V }

/** A verb's good end, with its lines. */
export const done = (data: Readonly<Record<string, string | number>> = {}): StepResult => ({
  ok: true,
  data: new Map(Object.entries(data).map(([key, value]) => [key, String(value)])),
})
export const fail = (fault: Fault, reason: string): StepResult => ({
  ok: false,
  fault,
  reason,
  data: new Map(),
})

/** A piece of a disk between two looks at the clock. */
export const SPEND_BYTES = MiB(1)

/** Lets the time pass that the disk takes for so many bytes, and tells how far it is. */
export async function spendWith(context: VerbContext, bytes: number): Promise<void> {
  for (let at = 0; at < bytes; at += SPEND_BYTES) {
    await context.spend(Math.min(SPEND_BYTES, bytes - at))
    context.progress(Math.min(at + SPEND_BYTES, bytes), bytes)
  }
}
