import type { SledName } from '@brickyard/model/names'
import type { SledState } from '@brickyard/model/sled-lifecycle'
import type { RackDocument, SledDeclaration } from '@brickyard/model/rack'
import type { Assignment } from '@brickyard/protocol/assignment'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { randomHex, type Random } from '@brickyard/runtime/random'
import { err, ok, type Result } from '@brickyard/std/result'
import type { Change, SiteStore } from '../store/site-store.ts'
import type { HandedOver } from '../credentials/handed-over.ts'
import { recoveryKeyTrouble } from '../credentials/recovery-pin.ts'
import { checkRegain } from '../credentials/regain-check.ts'
import type { RotationWish } from '../credentials/rotation-check.ts'
import { checkAct, type Wish } from './act-check.ts'
import type { Engine } from './engine.ts'
import { newOperation, type Operation, type OperationOrder } from './operation.ts'
import {
  BY_SITE,
  planReconcile,
  sledsOutOfReach,
  UNDECLARED_REASON,
  type Intention,
  type SiteView,
} from './reconcile-plan.ts'
import { exclusiveOperation } from './sled-boot.ts'
import { newSledRecord } from './sled-record.ts'

export interface SiteOperationsParts {
  readonly site: SiteStore
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly engine: Engine
  readonly rack: () => RackDocument | undefined
  readonly assignments: () => readonly Assignment[]
  readonly inspectionsMax: number
  /** Sleds in which a disc waits that boots their installer. */
  readonly discsInside: () => ReadonlySet<string>
  readonly hasHub: boolean
  /** Where the login that is in use at a BMC came from. */
  readonly loginOrigin: RotationWish['originOf']
  readonly handedOver: HandedOver
}

/** Begins operations: what the wanted state asks for, what an act or a technician asks for. */
export interface SiteOperations {
  /** Compares what is wanted with what is and begins what follows. Cheap; called after every change. */
  reconcile(): void
  /** Sleds that a deployment waits for because no installer can be reached from them. */
  outOfReach(): readonly string[]
  /**
   * Carries out an act or a technician's wish. The result is the operation that was begun, or
   * undefined when it is done already.
   */
  request(wish: Wish, change: Change): Result<Operation | undefined>
  /**
   * What the site knows of its sleds is older than they are (its store was set back): what would
   * be done from that knowledge unasked could be done to somebody's work. Operations end without
   * another effect, and what automation would begin something on is held until a person has looked.
   */
  doubt(change: Change): void
  /**
   * Begins to make a login of a BMC anew from the inside, unasked: its sled's feeds are cycled. An
   * error says why it may not be.
   */
  regain(sled: SledName): Result<Operation>
  /** As `request`, in a transaction of its own. */
  begin(wish: Wish): Result<Operation | undefined>
}

/** Rounds of looking until nothing is left to do; each sled takes a few. */
const ROUNDS_MAX = 4096

/** States in which the site begins something by itself, or was in the middle of it. */
const DOUBTED: ReadonlySet<SledState> = new Set([
  'seen',
  'discovered',
  'inspected',
  'ready',
  'reserved',
  'provisioning',
])
const DECLARED_ADOPTED = 'the rack document says that it ran before us'
const DOUBT_REASON =
  'the appliance’s store was set back: what it carries now is not known here. Look at it first; ' +
  'once recovered, a deployment that is wanted on it is written anew'

export function createSiteOperations(parts: SiteOperationsParts): SiteOperations {
  const { site, clock, log, engine } = parts
  let reconciling = false
  const keyTrouble = (): string | undefined =>
    site.read((sql) => recoveryKeyTrouble(sql, parts.rack()?.bmcPasswords))

  const begin = (change: Change, order: OperationOrder): Operation => {
    const now = { monotonicMs: clock.monotonicMs(), wallMs: change.wallMs }
    const operation = newOperation(`op-${randomHex(parts.random, 8)}`, order, now)
    change.putOperation(operation)
    const record = change.sled(order.sled)
    if (record !== undefined && order.kind === 'provision') {
      change.putSled({ ...record, assignment: order.assignment?.id ?? null })
      change.moveSled(order.sled, 'reserved', order.requestedBy, operation.deadlineAtMs)
    }
    if (order.kind === 'release') {
      change.moveSled(order.sled, 'releasing', order.requestedBy, operation.deadlineAtMs)
    }
    change.after(() => engine.nudge(operation.id))
    return operation
  }

  const perform = (intention: Intention): void => {
    site.commit((change) => carryOut(change, intention))
  }

  function carryOut(change: Change, intention: Intention): void {
    switch (intention.kind) {
      case 'declare':
        return declare(change, intention.sled)
      case 'redeclare':
        return redeclare(change, intention.sled)
      case 'undeclare':
        return change.moveSled(intention.sled, 'missing', UNDECLARED_REASON)
      case 'adopt':
        return change.moveSled(intention.sled, 'adopted', DECLARED_ADOPTED)
      case 'begin':
        begin(change, intention.order)
        return
      case 'cancel':
        return engine.cancel(change, intention.operation, intention.reason)
      case 'never-installed':
        return neverInstalled(change, intention.assignment)
    }
  }

  function declare(change: Change, sled: SledDeclaration): void {
    const record = newSledRecord(sled.name, change.wallMs)
    const why =
      sled.bmc === undefined ? 'declared, without a BMC: nobody can power it' : record.reason
    change.putSled({ ...record, reason: why })
    change.event('sled.state', {
      sled: sled.name,
      from: null,
      to: 'seen',
      reason: why,
      deadlineAtMs: null,
    })
  }

  const isInstalled = (assignment: string): boolean =>
    site.outcomes.get(assignment)?.outcome === 'installed'

  function redeclare(change: Change, { name }: SledDeclaration): void {
    const record = change.sled(name)
    const { assignment = null } = record ?? {}
    const installed = assignment !== null && isInstalled(assignment)
    if (record?.dirty !== true) return change.moveSled(name, 'seen', 'declared again')
    if (installed) return change.moveSled(name, 'in-use', 'declared again, with the OS it had')
    change.moveSled(name, 'failed', 'declared again, not wiped since its last use')
  }

  /** The hub gives an assignment up only when the site says that the sled was released. */
  function neverInstalled(change: Change, assignment: Assignment): void {
    const { id, sled } = assignment
    change.putOutcome({ id, sled, outcome: 'released', reason: 'it was never installed' })
    const now = { monotonicMs: clock.monotonicMs(), wallMs: change.wallMs }
    const order: OperationOrder = {
      sled,
      kind: 'release',
      requestedBy: `deployment ${assignment.deployment}`,
      assignment,
      verb: null,
      seconds: null,
      act: null,
    }
    const operation = newOperation(`op-${randomHex(parts.random, 8)}`, order, now)
    const detail = 'it was never installed here: nothing to wipe'
    change.putOperation({
      ...operation,
      state: 'done',
      stage: 'conclude',
      endedAtMs: now.wallMs,
      trail: [
        {
          name: 'wipe',
          state: 'skipped',
          startedAtMs: now.wallMs,
          endedAtMs: now.wallMs,
          detail,
        },
      ],
    })
  }

  const view = (): SiteView => ({
    rack: parts.rack(),
    assignments: parts.assignments(),
    sleds: site.sleds,
    discsInside: parts.discsInside(),
    outcomes: site.outcomes,
    running: [...site.running.values()],
    inspectionsMax: parts.inspectionsMax,
    rotation: {
      hasHub: parts.hasHub,
      keyTrouble: keyTrouble(),
      nowMs: clock.wallMs(),
      originOf: parts.loginOrigin,
    },
  })

  function reconcile(): void {
    if (reconciling) return
    reconciling = true
    try {
      for (let round = 0; round < ROUNDS_MAX; round++) {
        const [next] = planReconcile(view())
        if (next === undefined) return
        perform(next)
      }
      log.error('the site never came to an end of what it wants to do')
    } finally {
      reconciling = false
    }
  }

  function request(wish: Wish, change: Change): Result<Operation | undefined> {
    const { sled, act, by } = wish
    if (act.kind === 'give-login') {
      // Also for a sled that is not declared here yet: the rack document may be on its way.
      return parts.handedOver.take(change, sled, act.box, by)
    }
    const record = change.sled(sled)
    const asked = { ...wish, act }
    const verdict = checkAct(asked, {
      record,
      declared: parts.rack()?.sleds.find(({ name }) => name === sled),
      owner: exclusiveOperation(site, sled),
      running: [...site.running.values()],
      hasSystem: isInstalled(record?.assignment ?? ''),
      rotation: {
        policy: parts.rack()?.bmcPasswords,
        hasHub: parts.hasHub,
        keyTrouble: keyTrouble(),
      },
    })
    if (!verdict.ok) return verdict
    switch (verdict.value.kind) {
      case 'begin':
        if (act.kind === 'recover') forgetFailures(change, sled)
        return ok(begin(change, verdict.value.order))
      case 'lift-hold':
        change.moveSled(sled, 'in-use', `the hold was lifted by ${by}`)
        return ok(undefined)
      case 'release-adoption':
        // From here on it is like any sled that was found: it is inspected when its turn comes.
        if (record !== undefined) change.putSled({ ...record, adoptionReleased: true })
        change.moveSled(sled, 'discovered', `its adoption was released by ${by}`)
        return ok(undefined)
    }
  }

  /** A failed install may be tried again once the sled is well; one that was released stays so. */
  function forgetFailures(change: Change, name: SledName): void {
    for (const { id, sled, outcome } of site.outcomes.values()) {
      if (sled === name && outcome === 'failed') change.dropOutcome(id)
    }
  }

  function regain(sled: SledName): Result<Operation> {
    const record = site.sleds.get(sled)
    const declared = parts.rack()?.sleds.find(({ name }) => name === sled)
    if (record === undefined || declared === undefined) return err(`there is no sled ${sled}`)
    const why = checkRegain(declared, record, site.running.values())
    if (why !== undefined) return err(why)
    return site.commit((change) => {
      for (const operation of site.running.values()) {
        const waits = operation.sled === sled && operation.kind === 'rotate-credentials'
        if (waits) engine.cancel(change, operation, 'its BMC takes no login: one is made anew')
      }
      const order = { sled, requestedBy: BY_SITE, act: null, assignment: null } as const
      return ok(begin(change, { ...order, kind: 'regain-bmc', verb: null, seconds: null }))
    })
  }

  return {
    reconcile,
    regain,
    outOfReach: () => sledsOutOfReach(view()),
    request,
    doubt(change) {
      for (const operation of site.running.values()) {
        engine.cancel(change, operation, 'the appliance’s store was set back')
      }
      for (const { name } of site.sleds.values()) {
        const record = change.sled(name)
        if (record !== undefined && DOUBTED.has(record.state)) {
          change.moveSled(name, 'held', DOUBT_REASON)
        }
      }
    },
    begin: (wish) => site.commit((change) => request(wish, change)),
  }
}
