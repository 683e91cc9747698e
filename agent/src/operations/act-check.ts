import type { SledName } from '@brickyard/model/names'
import { FEED_VERBS } from '@brickyard/model/pdu'
import type { SledDeclaration } from '@brickyard/model/rack'
import { maySledGo } from '@brickyard/model/sled-lifecycle'
import type { ActPayload } from '@brickyard/protocol/acts'
import { err, ok, type Result } from '@brickyard/std/result'
import { checkRotation, type RotationMeans } from '../credentials/rotation-check.ts'
import type { Operation, OperationOrder } from './operation.ts'
import type { SledRecord } from './sled-record.ts'

/** What somebody asks of one sled. */
export interface Wish {
  readonly sled: SledName
  readonly act: ActPayload['act']
  readonly by: string
  /** The act whose result it becomes; null for a technician on the spot. */
  readonly actId: string | null
}

/** What decides whether an act may be carried out. */
export interface ActView {
  readonly record: SledRecord | undefined
  readonly declared: SledDeclaration | undefined
  /** The operation that has the sled for itself. */
  readonly owner: Operation | undefined
  readonly running: readonly Operation[]
  /** The sled carries the system of its assignment. */
  readonly hasSystem: boolean
  readonly rotation: RotationMeans
}

/** What an act comes to. */
export type ActVerdict =
  | { readonly kind: 'begin'; readonly order: OperationOrder }
  | { readonly kind: 'lift-hold' }
  | { readonly kind: 'release-adoption' }

/** A sled that is known here. */
type Known = ActView & { readonly record: SledRecord; readonly declared: SledDeclaration }
/** A login is taken for sleds that are not known, too: it is none of these. */
type SledAct = Exclude<ActPayload['act'], { kind: 'give-login' }>
type SledWish = Wish & { readonly act: SledAct }
type PlainOrder = Omit<OperationOrder, 'kind'>

const begin = (order: OperationOrder): Result<ActVerdict> => ok({ kind: 'begin', order })

/** What an act or a technician's wish comes to on this sled; an error says why it may not be. */
export function checkAct(wish: SledWish, view: ActView): Result<ActVerdict> {
  const { sled, act } = wish
  const { record, declared } = view
  if (record === undefined || declared === undefined) return err(`there is no sled ${sled}`)
  const byFeed = act.kind === 'power' && act.via === 'feed'
  if (byFeed && (declared.feeds ?? []).length === 0) {
    return err(`no outlet is declared to feed ${sled}`)
  }
  if (!byFeed && declared.bmc === undefined) return err(`${sled} has no BMC`)
  return checkKnown(wish, { ...view, record, declared })
}

function checkKnown({ sled, act, by, actId }: SledWish, view: Known): Result<ActVerdict> {
  const base = { sled, requestedBy: by, act: actId, assignment: null }
  const plain: PlainOrder = { ...base, verb: null, seconds: null }
  if (act.kind === 'identify') {
    return begin({ ...base, kind: 'identify', verb: null, seconds: act.seconds })
  }
  if (act.kind === 'rotate-credentials') {
    const why = checkRotation(view.record, view.rotation, view.running)
    return why === undefined ? begin({ ...plain, kind: 'rotate-credentials' }) : err(why)
  }
  if (view.owner !== undefined) {
    return err(`${sled} is busy: ${view.owner.kind} ${view.owner.id}`)
  }
  switch (act.kind) {
    case 'power':
      return checkPower(act, plain, view)
    case 'restart-bmc':
      if (view.record.state === 'adopted') return err(`${sled} is adopted: it is only watched`)
      return begin({ ...plain, kind: 'restart-bmc' })
    case 'inspect':
      return checkInspect(plain, view)
    case 'recover':
      return checkRecover(plain, view)
    case 'release-adoption':
      if (view.record.state === 'adopted') return ok({ kind: 'release-adoption' })
      return err(`${sled} is ${view.record.state}, not adopted`)
  }
}

type PowerAct = SledAct & { readonly kind: 'power' }

function checkPower(
  { verb, via }: PowerAct,
  plain: PlainOrder,
  { record: { name, state } }: Known,
): Result<ActVerdict> {
  if (state === 'adopted') return err(`${name} is adopted: it is only watched`)
  if (via === 'feed' && !FEED_VERBS.some((one) => one === verb)) {
    return err(`feeds cannot do '${verb}'; expected ${FEED_VERBS.join(', ')}`)
  }
  return begin({ ...plain, kind: 'power', verb, via })
}

function checkInspect(
  plain: PlainOrder,
  { record: { name, state, dirty } }: Known,
): Result<ActVerdict> {
  if (dirty) return err(`${name} carries data of a deployment; release it first`)
  if (state === 'in-use' || !maySledGo(state, 'inspected')) {
    return err(`${name} is ${state} and cannot be inspected`)
  }
  return begin({ ...plain, kind: 'inspect' })
}

/** Back into life: what carries somebody's data is wiped, everything else is looked at anew. */
function checkRecover(
  plain: PlainOrder,
  { record: { name, state, dirty }, hasSystem }: Known,
): Result<ActVerdict> {
  if (state === 'in-use') return err(`${name} is in use; release its deployment instead`)
  if (state === 'held' && hasSystem) return ok({ kind: 'lift-hold' })
  if (dirty) {
    if (!maySledGo(state, 'releasing')) return err(`${name} is ${state} and not wiped`)
    return begin({ ...plain, kind: 'release' })
  }
  if (state === 'adopted') {
    return err(`${name} is adopted; release its adoption first, if it is to be ours`)
  }
  if (!maySledGo(state, 'inspected')) return err(`${name} is ${state} and cannot be recovered`)
  return begin({ ...plain, kind: 'inspect' })
}
