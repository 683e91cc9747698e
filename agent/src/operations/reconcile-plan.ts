import { Subnet } from '@brickyard/model/ipv4'
import type { RackDocument, SledDeclaration } from '@brickyard/model/rack'
import { maySledGo } from '@brickyard/model/sled-lifecycle'
import type { Assignment } from '@brickyard/protocol/assignment'
import type { AssignmentOutcome } from '../store/site-store.ts'
import { dueRotations, type RotationWish } from '../credentials/rotation-check.ts'
import { isDeclaredAdopted } from './adoption-check.ts'
import { ownsSled, type Operation, type OperationOrder } from './operation.ts'
import type { SledRecord } from './sled-record.ts'

/** Everything the site looks at to see what there is to do by itself. */
export interface SiteView {
  readonly rack: RackDocument | undefined
  readonly assignments: readonly Assignment[]
  readonly sleds: ReadonlyMap<string, SledRecord>
  /** Names of those in which a disc waits that boots their installer. */
  readonly discsInside: ReadonlySet<string>
  readonly outcomes: ReadonlyMap<string, AssignmentOutcome>
  readonly running: readonly Operation[]
  readonly inspectionsMax: number
  /** Undefined where no BMC's login is ever changed unasked. */
  readonly rotation?: RotationWish | undefined
}

/** One thing to do; each is done in a transaction of its own, then the plan is made again. */
export type Intention =
  | { readonly kind: 'declare'; readonly sled: SledDeclaration }
  | { readonly kind: 'redeclare'; readonly sled: SledDeclaration }
  | { readonly kind: 'undeclare'; readonly sled: string }
  | { readonly kind: 'adopt'; readonly sled: string }
  | { readonly kind: 'begin'; readonly order: OperationOrder }
  | { readonly kind: 'cancel'; readonly operation: Operation; readonly reason: string }
  /** A release of what was never installed: nothing to wipe, the hub only needs the word. */
  | { readonly kind: 'never-installed'; readonly assignment: Assignment }

export const UNDECLARED_REASON = 'it is no longer in the rack document'
/** `requestedBy` of what the site does unasked. */
export const BY_SITE = 'site'

/** What is to be done now, in order. Nothing is planned twice: what runs already is seen. */
export function planReconcile(view: SiteView): Intention[] {
  const { rack } = view
  if (rack === undefined) return []
  const busy = busyIn(view)
  return [
    ...declarations(rack, view.sleds, busy),
    ...assignedWork(view, busy).filter((intention) => !isOutOfReach(view, intention)),
    ...inspections(rack, view, busy),
    ...rotations(rack, view),
  ]
}

/** Sleds that a deployment wants something of, and that can reach no installer for it. */
export function sledsOutOfReach(view: SiteView): string[] {
  const wanted = assignedWork(view, busyIn(view))
  return wanted.flatMap((one) =>
    one.kind === 'begin' && isOutOfReach(view, one) ? [one.order.sled] : [],
  )
}

const isOutOfReach = (view: SiteView, intention: Intention): boolean =>
  intention.kind === 'begin' && !reachesInstaller(view, intention.order.sled)

function busyIn({ running }: SiteView): ReadonlyMap<string, Operation> {
  const busy = new Map<string, Operation>()
  for (const operation of running) {
    if (ownsSled(operation)) busy.set(operation.sled, operation)
  }
  return busy
}

const assignedWork = (view: SiteView, busy: ReadonlyMap<string, Operation>): Intention[] =>
  view.assignments.flatMap((assignment) => assigned(assignment, view, busy))

function declarations(
  rack: RackDocument,
  sleds: ReadonlyMap<string, SledRecord>,
  busy: ReadonlyMap<string, Operation>,
): Intention[] {
  const declared = new Set<string>(rack.sleds.map(({ name }) => name))
  const found = rack.sleds.flatMap((sled): Intention[] => {
    const record = sleds.get(sled.name)
    if (record === undefined) return [{ kind: 'declare', sled }]
    const isBack = record.state === 'missing' && record.reason === UNDECLARED_REASON
    if (isBack) return [{ kind: 'redeclare', sled }]
    const adopts = isDeclaredAdopted(sled, record) && maySledGo(record.state, 'adopted')
    return adopts && record.state !== 'adopted' && !busy.has(sled.name)
      ? [{ kind: 'adopt', sled: sled.name }]
      : []
  })
  const lost = [...sleds.values()].flatMap(({ name, state }): Intention[] =>
    declared.has(name) || busy.has(name) || state === 'missing' || state === 'removed-unwiped'
      ? []
      : [{ kind: 'undeclare', sled: name }],
  )
  return [...found, ...lost]
}

function assigned(
  assignment: Assignment,
  view: SiteView,
  busy: ReadonlyMap<string, Operation>,
): Intention[] {
  const record = view.sleds.get(assignment.sled)
  const outcome = view.outcomes.get(assignment.id)?.outcome
  const operation = busy.get(assignment.sled)
  if (record === undefined) return []
  const begin = (kind: 'provision' | 'release'): Intention[] => [
    { kind: 'begin', order: orderFor(kind, assignment) },
  ]
  if (assignment.wanted === 'running') {
    const free = operation === undefined && outcome === undefined && !record.dirty
    return free && record.state === 'ready' ? begin('provision') : []
  }
  if (outcome === 'released' || outcome === 'release-failed') return []
  if (operation !== undefined) {
    const itsProvision =
      operation.kind === 'provision' && operation.assignment?.id === assignment.id
    return itsProvision
      ? [{ kind: 'cancel', operation, reason: 'the deployment was released' }]
      : []
  }
  if (record.assignment !== assignment.id) return [{ kind: 'never-installed', assignment }]
  switch (record.state) {
    case 'in-use':
    case 'failed':
    case 'provisioning':
      return begin('release')
    case 'seen':
    case 'discovered':
    case 'inspected':
    case 'ready':
    case 'reserved':
    case 'releasing':
    case 'held':
    case 'quarantined':
    case 'missing':
    case 'adopted':
    case 'removed-unwiped':
      // A hold is respected; the others cannot carry it and wait for a person or another word.
      return []
  }
}

/** A sled is inspected unasked once its BMC has answered, a few at a time. */
function inspections(
  rack: RackDocument,
  view: SiteView,
  busy: ReadonlyMap<string, Operation>,
): Intention[] {
  const under = [...busy.values()].filter(
    ({ kind, requestedBy }) => kind === 'inspect' && requestedBy === BY_SITE,
  ).length
  return rack.sleds
    .filter(
      ({ name, bmc }) =>
        bmc !== undefined &&
        !busy.has(name) &&
        view.sleds.get(name)?.state === 'discovered' &&
        reachesInstaller(view, name),
    )
    .slice(0, Math.max(0, view.inspectionsMax - under))
    .map(({ name }) => ({
      kind: 'begin',
      order: {
        sled: name,
        kind: 'inspect',
        requestedBy: BY_SITE,
        assignment: null,
        verb: null,
        seconds: null,
        act: null,
      },
    }))
}

/** Logins of BMCs that are to be changed by the site's policy. */
const rotations = (rack: RackDocument, { sleds, running, rotation }: SiteView): Intention[] =>
  rotation === undefined
    ? []
    : dueRotations(rack, sleds, running, rotation).map((sled) => ({
        kind: 'begin',
        order: {
          sled,
          kind: 'rotate-credentials',
          requestedBy: BY_SITE,
          assignment: null,
          verb: null,
          seconds: null,
          act: null,
        },
      }))

/**
 * On a listen-only network nothing we power on would find its installer, unless it boots from a disc.
 * A sled without an address of its own may be on any of the networks.
 */
function reachesInstaller({ rack, discsInside }: SiteView, name: string): boolean {
  if (discsInside.has(name)) return true
  const networks = rack?.networks.filter(({ role }) => role === 'provisioning') ?? []
  const address = rack?.sleds.find((sled) => sled.name === name)?.address
  const own = networks.filter((network) => {
    const subnet = Subnet.parse(network.subnet)
    return subnet.ok && address !== undefined && Subnet.contains(subnet.value, address)
  })
  return (own.length > 0 ? own : networks).some(({ mode }) => mode !== 'listen-only')
}

const orderFor = (kind: 'provision' | 'release', assignment: Assignment): OperationOrder => ({
  sled: assignment.sled,
  kind,
  requestedBy: `deployment ${assignment.deployment}`,
  assignment,
  verb: null,
  seconds: null,
  act: null,
})
