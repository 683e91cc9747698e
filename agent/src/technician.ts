import type { BootTrace } from '@brickyard/model/boot-attempt'
import type { ServedLoader } from '@brickyard/model/netboot-preview'
import type { SledName } from '@brickyard/model/names'
import { maySledGo } from '@brickyard/model/sled-lifecycle'
import type { RackDocument, SledDeclaration } from '@brickyard/model/rack'
import { bestGradeWith } from '@brickyard/open19/grade'
import type { PullFacts } from '@brickyard/open19/check-safe-to-pull'
import { describePlace } from '@brickyard/open19/place'
import { REPLACE_A_SLED } from '@brickyard/procedures/replace-a-sled'
import type { Clock } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import type { LoginTrial } from './credentials/login-trial.ts'
import type { SiteLogins } from './credentials/site-logins.ts'
import type { BmcDesk } from './bmc/bmc-desk.ts'
import type { DiscDesk } from './disc-desk.ts'
import type { LinkState } from './hub-link/hub-link.ts'
import { operationView } from './operations/operation-view.ts'
import { exclusiveOperation } from './operations/sled-boot.ts'
import type { SledRecord } from './operations/sled-record.ts'
import type { Places } from './places.ts'
import type { SiteActs, SiteView, SledDetail, SledSummary } from './site-page/site-view.ts'
import type { WorkOrderDesk } from './site-page/work-order-desk.ts'
import type { SledReach } from './site-page/work-order-tasks.ts'
import type { SledPower } from './sled-power.ts'
import { ackedSeq, lastSeq, latestEvents } from './store/journal.ts'
import { findingsOf } from './bmc/bmc-intake.ts'
import type { ReadingsBuffer } from './hub-link/readings-buffer.ts'
import type { SiteStore } from './store/site-store.ts'

/** Events looked through for those of one sled. */
const EVENTS_LOOKED_AT = 400
const EVENTS_SHOWN = 8
/** IPMI's longest identify interval. */
const LIGHT_SECONDS = 255

export interface TechnicianParts {
  readonly site: SiteStore
  readonly siteName: string
  readonly agentVersion: string
  readonly clock: Clock
  readonly desk: BmcDesk
  readonly power: SledPower
  readonly places: Places
  readonly rack: () => RackDocument | undefined
  readonly link: () => LinkState
  readonly clockProven: () => boolean
  readonly workOrders: () => WorkOrderDesk
  readonly boots: (sled: string) => BootTrace
  readonly discs: DiscDesk
  readonly loaders: () => readonly ServedLoader[]
  readonly logins: SiteLogins
  readonly trial: LoginTrial
  readonly readings: Pick<ReadingsBuffer, 'latest'>
}

/** What the technician's page reads: the site's own truth, hub or no hub. */
export function createSiteView(parts: TechnicianParts): SiteView {
  const { site, rack } = parts
  const declared = (name: string): SledDeclaration | undefined =>
    rack()?.sleds.find((sled) => sled.name === name)

  function summary(sled: SledDeclaration): SledSummary {
    const record = site.sleds.get(sled.name)
    const workOrder = parts.workOrders().openOn(sled.name)
    return {
      name: sled.name,
      position: sled.position,
      state: record?.state ?? 'seen',
      stateReason: record?.reason ?? '',
      power: { state: record?.power ?? 'unknown', ageMs: parts.power.ageMs(sled.name) },
      grade: parts.places.of(sled.name).grade,
      pull: pullFacts(parts, sled, record),
      ...(workOrder === undefined ? {} : { workOrder }),
    }
  }

  function detail(sled: SledDeclaration): SledDetail {
    const record = site.sleds.get(sled.name)
    const facts = record?.facts ?? null
    return {
      ...summary(sled),
      serial: facts?.serial ?? undefined,
      manufacturer: facts?.manufacturer ?? undefined,
      model: facts?.model ?? undefined,
      bmcAddress: sled.bmc?.address,
      bmcSays: textOf(parts.readings.latest(`sled/${sled.name}/bmc/says`)?.value),
      bmcFindings: findingsOf(site, sled.name).map(({ text }) => text),
      loginTrouble: sled.bmc === undefined ? undefined : parts.logins.troubleOf(sled.name),
      light: 'unknown',
      placement: parts.places.of(sled.name),
      firmware: record?.verdicts ?? [],
      progress: progressOf(site, sled.name),
      events: eventsOf(site, sled.name),
      boots: parts.boots(sled.name),
      discs: parts.discs.open(sled.name),
    }
  }

  return {
    site: () => ({
      name: parts.siteName,
      version: parts.agentVersion,
      hub: parts.link(),
      eventsWaiting: site.read((sql) => lastSeq(sql) - ackedSeq(sql)),
      clockProven: parts.clockProven(),
      bestGrade: bestGradeWith(['declaration', 'dhcp', 'bmc-identity']),
      loaders: parts.loaders(),
    }),
    cages: () => rack()?.cages ?? [],
    sleds: () => (rack()?.sleds ?? []).map(summary),
    sled(name) {
      const sled = declared(name)
      return sled === undefined ? undefined : detail(sled)
    },
    workOrder: (id) => parts.workOrders().get(id),
    openWorkOrders: () => parts.workOrders().openOrders(),
  }
}

const pullFacts = (
  { site, power }: TechnicianParts,
  sled: SledDeclaration,
  record: SledRecord | undefined,
): PullFacts => ({
  state: record?.state ?? 'seen',
  work: workOn(site, record),
  operation: exclusiveOperation(site, sled.name)?.kind,
  power: record?.power ?? 'unknown',
  powerAgeMs: power.ageMs(sled.name),
})

/** A hold ends no work: a held sled may still carry its tenant's, unless that was never installed. */
function workOn(site: SiteStore, record: SledRecord | undefined): string | undefined {
  const { state, assignment = null } = record ?? {}
  if (assignment === null || (state !== 'in-use' && state !== 'held')) return undefined
  const installed = site.outcomes.get(assignment)?.outcome === 'installed'
  return installed ? assignment : undefined
}

function progressOf(site: SiteStore, sled: string): string | undefined {
  const operation =
    exclusiveOperation(site, sled) ??
    // It leaves the sled to others while it waits for the hub, and says so all the same.
    [...site.running.values()].find(
      (each) => each.sled === sled && each.kind === 'rotate-credentials',
    )
  if (operation === undefined) return undefined
  const step = operationView(operation).steps.at(-1)
  const percent = operation.install?.progress.percent ?? 0
  const share = percent > 0 && step?.state === 'running' ? `, ${percent} %` : ''
  return `${operation.kind}: ${step?.name ?? 'starting'}${share}`
}

function eventsOf(site: SiteStore, sled: string): SledDetail['events'] {
  return site
    .read((sql) => latestEvents(sql, EVENTS_LOOKED_AT))
    .filter(({ body }) => (body as { sled?: unknown } | null)?.sled === sled)
    .slice(0, EVENTS_SHOWN)
    .map(({ atMs, kind, body }) => ({ atMs, text: eventText(kind, body) }))
}

function eventText(kind: string, body: unknown): string {
  const said = body as { to?: unknown; power?: unknown; reason?: unknown; what?: unknown }
  const words = [said.to, said.power, said.what, said.reason].filter(
    (word): word is string => typeof word === 'string' && word !== '',
  )
  return words.length === 0 ? kind : `${kind}: ${words.join(': ')}`
}

/** What the technician's page may ask for. */
export function createSiteActs(parts: TechnicianParts): SiteActs {
  const { site, desk, rack, power } = parts
  return {
    async light(sled, light) {
      const lit = await desk.light(sled, light === 'on' ? LIGHT_SECONDS : 0)
      return lit.ok ? ok(`the light is ${light}`) : err(lit.error.message)
    },
    async power(sled, verb, by) {
      const owner = exclusiveOperation(site, sled)
      if (owner !== undefined) return err(`${sled} is busy with ${owner.kind}.`)
      const set = await desk.setPower(sled, verb)
      if (!set.ok) return err(set.error.message)
      power.note(sled, set.value, undefined)
      site.commit((change) =>
        change.note('sled.power', {
          sled,
          power: set.value,
          reason: `${verb} by ${by} at the rack`,
        }),
      )
      return ok(`its power was read as ${set.value}`)
    },
    giveLogin: (sled, login, by) => parts.trial.give(sled, login, by),
    makeDisc: (sled, lifeMs, by) => parts.discs.make(sled, lifeMs, by),
    insertDisc: (id, by) => parts.discs.insert(id, by),
    revokeDisc: (id, by) => parts.discs.revoke(id, by),
    replaceSled: (sled, by) => replaceSled(parts, rack(), sled, by),
    tellWorkOrder: (id, event) => parts.workOrders().tell(id, event),
  }
}

/** Opens the work order; the hold on its sled comes with it. */
function replaceSled(
  parts: TechnicianParts,
  rack: RackDocument | undefined,
  sled: SledName,
  by: string,
): Result<string> {
  const { site, workOrders } = parts
  const declared = rack?.sleds.find(({ name }) => name === sled)
  const record = site.sleds.get(sled)
  if (declared === undefined || record === undefined) return err('There is no such sled.')
  if (!maySledGo(record.state, 'held')) return err(`It is ${record.state}.`)
  const serial = record.facts?.serial ?? declared.serial
  const subject = {
    place: describePlace(declared.position),
    ...(serial === undefined ? {} : { expectedSerial: serial }),
  }
  return workOrders().open(REPLACE_A_SLED, sled, subject, by)
}

/** Sleds as the tasks of a work order reach them. */
export function createSledReach(parts: TechnicianParts): SledReach {
  const { desk, rack, site, power } = parts
  const reachFault = (fault: { kind: string; message: string }) => ({
    kind: fault.kind === 'refused' ? ('refused' as const) : ('unreachable' as const),
    message: fault.message,
  })
  return {
    pullFacts(sled) {
      const declared = rack()?.sleds.find(({ name }) => name === sled)
      return declared === undefined ? undefined : pullFacts(parts, declared, site.sleds.get(sled))
    },
    async light(sled, light) {
      const lit = await desk.light(sled, light === 'on' ? LIGHT_SECONDS : 0)
      return lit.ok ? ok(undefined) : err(reachFault(lit.error))
    },
    async setPower(sled, verb) {
      const set = await desk.setPower(sled, verb)
      return set.ok ? ok(undefined) : err(reachFault(set.error))
    },
    async readPower(sled) {
      const read = await desk.readPower(sled)
      power.note(sled, read.ok ? read.value : 'unknown', read.ok ? undefined : read.error)
      return read.ok ? read.value : 'unknown'
    },
    async readSerial(sled) {
      const read = await desk.with(sled, (bmc) => bmc.inventory.read())
      if (!read.ok) return err(reachFault(read.error))
      return ok(read.value.serial)
    },
  }
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined
