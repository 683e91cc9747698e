import { resourcesOf } from '@brickyard/redfish/collection'
import { followTask, taskPathOf } from '@brickyard/redfish/follow-task'
import { wordsOf } from '@brickyard/redfish/message'
import { parseSoftwareInventory } from '@brickyard/redfish/resources/update-service'
import type { TaskOutcome } from '@brickyard/redfish/task-machine'
import { sleep } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Minutes, Seconds } from '@brickyard/std/units'
import type { BmcFault } from '../fault.ts'
import type {
  FirmwareComponent,
  FirmwareControl,
  FirmwareUpdate,
  UpdateProgress,
  UpdateReport,
} from '../firmware.ts'
import { beginUpdate, releasePush, updateServiceOf } from './begin-update.ts'
import { checkUpdate } from './check-update.ts'
import { named, type RedfishSession } from './redfish-session.ts'

/** Components listed; the fullest real BMC shows some 60. */
const COMPONENTS_MAX = 512
/** A BMC that updated itself restarts: reads until it answers, five minutes at most. */
const READ_AFTER_MS = Seconds(10)
const READS_AFTER_MAX = 30
/** Inventories show a new version late: one that reads as before is looked at so long. */
const SHOWN_WITHIN_MS = Minutes(3)
/** The BMC's own firmware, by what makers call it. */
const BMC_ITSELF = /\b(bmc|i?drac|ilo|xcc|manager)\b|remote access controller/i

interface Listed {
  readonly path: string
  readonly component: FirmwareComponent
  /** It is the BMC's own. */
  readonly ofBmc: boolean
}

/** Firmware by UpdateService: what is there; updates from a URL (SimpleUpdate) and by push. */
export function createRedfishFirmware(session: RedfishSession): FirmwareControl {
  async function list(): Promise<Result<readonly Listed[], BmcFault>> {
    const updates = await updateServiceOf(session)
    if (!updates.ok) return updates
    const path = updates.value.service.firmwareInventory
    if (path === undefined) return err({ kind: 'refused', message: 'the BMC lists no firmware' })
    const found = await resourcesOf(session.client, path, COMPONENTS_MAX)
    if (!found.ok) return err(named(found.error, undefined))
    return ok(found.value.map(listedOf))
  }

  /** The task of an update to its end; undefined when there is none to watch. */
  async function watch(
    path: string | undefined,
    onProgress: (progress: UpdateProgress) => void,
  ): Promise<Result<TaskOutcome | undefined, BmcFault>> {
    if (path === undefined) return ok(undefined)
    const where = await session.whereabouts()
    if (!where.ok) return where
    const { manner } = where.value
    const { taskAppearsWithinMs } = manner
    const patience =
      taskAppearsWithinMs === undefined ? {} : { appearsWithinMs: taskAppearsWithinMs }
    const end = await followTask(session.client, session.clock, path, patience, (task) =>
      onProgress({ step: 'installing', percent: task.percent, state: task.state ?? 'unknown' }),
    )
    return end.ok ? end : err(named(end.error, manner))
  }

  /** The version that reads back, looked at again as long as `isStillOld` holds of it. */
  async function versionAfter(
    id: string,
    isStillOld: (version: string | undefined) => boolean,
  ): Promise<Result<string | undefined, BmcFault>> {
    const untilMs = session.clock.monotonicMs() + SHOWN_WITHIN_MS
    for (let failed = 0; ;) {
      const now = await list()
      if (now.ok) {
        const version = now.value.find((one) => one.component.id === id)?.component.version
        if (!isStillOld(version) || session.clock.monotonicMs() >= untilMs) return ok(version)
      } else {
        failed += 1
        if (failed >= READS_AFTER_MAX || now.error.kind === 'auth') return err(lostAfter(now.error))
      }
      await sleep(session.clock, READ_AFTER_MS)
    }
  }

  async function report(
    held: Listed | undefined,
    outcome: TaskOutcome | undefined,
  ): Promise<Result<UpdateReport, BmcFault>> {
    const where = await session.whereabouts()
    const manner = where.ok ? where.value.manner : undefined
    const messages = outcome?.messages ?? []
    const before = held?.component.version
    const id = held?.component.id ?? ''
    const staged =
      outcome !== undefined && manner?.isStaged?.(held?.component.name ?? '', outcome) === true
    const mayShowLate = outcome?.end === 'completed' && !staged
    const after =
      held === undefined
        ? ok(undefined)
        : await versionAfter(id, (version) => mayShowLate && version === before)
    if (!after.ok) return after
    const end = checkUpdate(outcome, { before, after: after.value }, staged)
    const unlisted = held !== undefined && after.value === undefined
    const manager = end === 'unchanged' ? await session.manager() : undefined
    const bmcVersion = manager?.ok === true ? manager.value.value.firmwareVersion : undefined
    const words = [
      ...messages.map((message) => wordsOf(message)),
      manner?.explain?.(messages) ?? [],
      unlisted ? 'the BMC lists it no more: newer images drop older models' : [],
      end === 'unchanged' ? (manner?.explainUnchanged?.(bmcVersion) ?? []) : [],
    ].flat()
    const first = end === 'staged' || (end === 'applied' && held?.ofBmc === true)
    return ok({
      end,
      versionBefore: before,
      versionAfter: after.value,
      said: words.join('; '),
      needs: first ? 'host-start' : 'nothing',
    })
  }

  return {
    async read() {
      const found = await list()
      return found.ok ? ok(found.value.map(({ component }) => component)) : found
    },
    async update(wanted: FirmwareUpdate, onProgress = () => {}) {
      const { component } = wanted
      // Some services take updates and list nothing; what is for the BMC to choose needs no list.
      const before = component === undefined ? ok([]) : await list()
      if (!before.ok) return before
      const held = before.value.find((one) => one.component.id === component)
      if (component !== undefined && held === undefined) {
        return err({ kind: 'refused', message: `the BMC lists no component ${component}` })
      }
      const where = await session.whereabouts()
      const from = held?.ofBmc === true ? held.component.version : undefined
      const unsafe =
        where.ok && from !== undefined
          ? where.value.manner.unsafeStep?.(from, wanted.version)
          : undefined
      if (unsafe !== undefined) return err({ kind: 'refused', message: unsafe })
      const begun = await beginUpdate(session, wanted, held?.path, onProgress)
      if (!begun.ok) return begun
      if (begun.value === 'nothing-to-do') {
        const version = held?.component.version
        const versions = { versionBefore: version, versionAfter: version }
        return ok({ end: 'nothing-to-do', ...versions, said: '', needs: 'nothing' })
      }
      const outcome = await watch(taskPathOf(begun.value), onProgress)
      if (!('url' in wanted.image)) await releasePush(session)
      return outcome.ok ? report(held, outcome.value) : outcome
    },
  }
}

function listedOf(one: { readonly path: string; readonly body: object }): Listed {
  const body = { ...one.body }
  const { id, name, version, updateable, relatedItems } = parseSoftwareInventory(body)
  const shown = id ?? one.path.split('/').at(-1) ?? one.path
  const component = { id: shown, name: name ?? shown, version, updateable }
  const related = relatedItems.some((path) => path.includes('/Managers/'))
  const ofBmc = related || BMC_ITSELF.test(shown) || BMC_ITSELF.test(component.name)
  return { path: one.path, component, ofBmc }
}

/** A BMC that cannot be reached as before its update may have lost its settings with it. */
function lostAfter(fault: BmcFault): BmcFault {
  const lost =
    fault.kind === 'auth'
      ? 'the login is refused since the update: the BMC may be back at its factory settings'
      : 'the BMC does not answer since the update: it may be back at its factory settings, with another address'
  return { ...fault, message: `${lost} (${fault.message})` }
}
