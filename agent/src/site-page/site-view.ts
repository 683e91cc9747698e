/**
 * What the technician's page reads and which acts it can ask for. The page knows nothing of the
 * agent's store, BMCs or link; the composition root hands it these.
 *
 * Times named `…AtMs` are wall clock; ages are milliseconds before now.
 */
import type { BootTrace } from '@brickyard/model/boot-attempt'
import type { ServedLoader } from '@brickyard/model/netboot-preview'
import type { CageDeclaration, Position } from '@brickyard/model/rack'
import type { SledName } from '@brickyard/model/names'
import type { BmcLogin } from '@brickyard/model/sealed-login'
import type { PowerState, PowerVerb } from '@brickyard/model/operation'
import type { SledState } from '@brickyard/model/sled-lifecycle'
import type { ComponentVerdict } from '@brickyard/firmware/judge'
import type { PullFacts } from '@brickyard/open19/check-safe-to-pull'
import type { Grade, GradedPlace } from '@brickyard/open19/grade'
import type { WorkOrder, WorkOrderEvent } from '@brickyard/procedures/work-order'
import type { Result } from '@brickyard/std/result'

/** Everything the page reads. Synchronous: it comes from the agent's own store and memory. */
export interface SiteView {
  site(): SiteSummary
  cages(): readonly CageDeclaration[]
  /** Every declared sled, in the order of the rack document. */
  sleds(): readonly SledSummary[]
  sled(name: SledName): SledDetail | undefined
  workOrder(id: string): WorkOrder | undefined
  /** Those still open, oldest first. */
  openWorkOrders(): readonly WorkOrder[]
}

export interface SiteSummary {
  readonly name: string
  readonly version: string
  /** `alone`: this site has no hub. */
  readonly hub:
    | { readonly kind: 'up' | 'down'; readonly sinceAtMs: number }
    | { readonly kind: 'never' | 'alone' }
  /** Events in the journal that the hub has not acknowledged. */
  readonly eventsWaiting: number
  /** False until the wall clock has been proven since the last cold boot. */
  readonly clockProven: boolean
  /** The best grade of placement that this site's equipment can reach. */
  readonly bestGrade: Grade
  /** What sleds are given to boot with. */
  readonly loaders: readonly ServedLoader[]
}

export interface PowerReading {
  readonly state: PowerState
  /** Undefined when it was never read. */
  readonly ageMs: number | undefined
}

export interface SledSummary {
  readonly name: SledName
  readonly position: Position
  readonly state: SledState
  /** Why it is in this state; empty when there is nothing to say. */
  readonly stateReason: string
  readonly power: PowerReading
  readonly grade: Grade
  readonly pull: PullFacts
  /** The open work order on it. */
  readonly workOrder?: string | undefined
}

export interface SledDetail extends SledSummary {
  readonly serial?: string | undefined
  readonly manufacturer?: string | undefined
  readonly model?: string | undefined
  readonly bmcAddress?: string | undefined
  /** How far its BMC can be relied on, in words; undefined before it was asked. */
  readonly bmcSays?: string | undefined
  /** What is open on its BMC, gravest first. */
  readonly bmcFindings: readonly string[]
  /** Why its BMC lets us in no more, or never did; undefined while a login works or may work. */
  readonly loginTrouble?: string | undefined
  readonly light: 'on' | 'off' | 'unknown'
  readonly placement: GradedPlace
  /** What inspection found about firmware; empty before the first one. */
  readonly firmware: readonly ComponentVerdict[]
  /** The running operation in a person's words, e.g. `provision: writing the image, 43 %`. */
  readonly progress?: string | undefined
  /** The latest events about it, newest first; a handful. */
  readonly events: readonly { readonly atMs: number; readonly text: string }[]
  readonly boots: BootTrace
  /** Discs that were made for it and are not used yet. */
  readonly discs: readonly OpenDisc[]
}

/** A boot disc that still opens one claim. */
export interface OpenDisc {
  readonly id: string
  readonly madeBy: string
  readonly madeAtMs: number
  readonly endsAtMs: number
  readonly inserted: boolean
}

/** What is sent to a browser to be kept as a file. */
export interface SentFile {
  readonly name: string
  readonly bytes: number
  stream(): AsyncIterable<Uint8Array>
}

/** What the page may ask for. `by` is the name the technician gave; it belongs in the journal. */
export interface SiteActs {
  /** Resolves with what was read back, in a person's words. */
  light(sled: SledName, light: 'on' | 'off', by: string): Promise<Result<string>>
  power(sled: SledName, verb: PowerVerb, by: string): Promise<Result<string>>
  /** Tries a login that somebody read from the pull-tag, once; kept when the BMC takes it. */
  giveLogin(sled: SledName, login: BmcLogin, by: string): Promise<Result<string>>
  /** Makes a disc that boots the sled once, and gives its bytes: the only time they are to be had. */
  makeDisc(sled: SledName, lifeMs: number, by: string): Result<SentFile>
  /** Somebody put the disc into its sled: what waits for it begins. */
  insertDisc(id: string, by: string): Result<string>
  revokeDisc(id: string, by: string): Result<string>
  /** Opens "replace a sled" and puts a hold on it; answers with the work order's id. */
  replaceSled(sled: SledName, by: string): Result<string>
  /** Feeds a person's event; a refusal carries the reason for them. */
  tellWorkOrder(id: string, event: WorkOrderEvent): Result<void>
}
