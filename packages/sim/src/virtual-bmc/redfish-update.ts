import { Seconds } from '@brickyard/std/units'
import { TASKS_MAX, type RedfishModel, type VirtualTask } from './redfish-model.ts'
import { badValue, MAKERS_REFUSALS, type Body, type Reply } from './redfish-reply.ts'
import { head, ROOT, type RedfishView } from './redfish-resource.ts'

/** How long an update takes on a virtual BMC, and how long one stays `New` that begins so. */
export const UPDATE_MS = Seconds(25)
export const STAYS_NEW_MS = Seconds(15)

/** What becomes of an update, at the times it is looked at. */
export interface UpdateRun {
  readonly task: VirtualTask
  readonly firmware: string
  readonly version: string
  readonly course: RedfishView['faults']['update']
  readonly startedMs: number
}

/**
 * SimpleUpdate. The new version is the part of the image's name after its last dash, e.g.
 * `bmc-2.15.0.bin`; the target is the last part of the path in `Targets`.
 */
export function beginUpdate(view: RedfishView, body: Body): Reply {
  const image = body['ImageURI']
  const version = /-([^-/]+)\.bin$/.exec(String(image))?.[1]
  if (version === undefined) return badValue(image, 'ImageURI')
  const targets = Array.isArray(body['Targets']) ? body['Targets'] : []
  const shown = String(targets[0] ?? shownFirmwareId(view.model, 'BMC'))
    .split('/')
    .at(-1)
  const ids = [...view.model.firmware.keys()]
  const firmware = ids.find((id) => shownFirmwareId(view.model, id) === shown) ?? ''
  if (!view.model.persona.simpleUpdate.some((one) => `${one}:` === urlScheme(image))) {
    return badValue(image, 'TransferProtocol')
  }
  return startUpdate(view, firmware, version)
}

const urlScheme = (url: unknown): string => (/^\w+:/.exec(String(url))?.[0] ?? '').toUpperCase()

/** Begins an update of `firmware` to `version`, however the image came. */
export function startUpdate(view: RedfishView, firmware: string, version: string): Reply {
  const { model, faults, nowMs } = view
  if (!model.firmware.has(firmware)) return badValue(firmware, 'Targets')
  const course = faults.update
  if (typeof course === 'object') return MAKERS_REFUSALS[course.refused]
  const deaf = faults.partsDeafAfterBmcUpdate && model.partsDeaf && firmware.startsWith('NIC')
  if (deaf) return MAKERS_REFUSALS['part-silent']
  const id = String(model.nextTask++)
  const task: VirtualTask = {
    id,
    state: course === 'new-first' ? 'New' : 'Running',
    status: 'OK',
    percent: 0,
    visibleFromMs: nowMs + faults.taskLateMs,
    messages: [],
  }
  const run = { task, firmware, version, course, startedMs: nowMs }
  if (course !== 'vanishes' && course !== 'vanishes-undone') model.tasks.set(id, task)
  for (const oldest of [...model.tasks.keys()].slice(0, -TASKS_MAX)) model.tasks.delete(oldest)
  model.updates = [...model.updates, run]
  return { status: 202, headers: { location: taskPath(task) }, body: taskOf(task) }
}

/** The id of a piece of firmware as the inventory shows it. */
export const shownFirmwareId = ({ persona, firmware }: RedfishModel, id: string): string =>
  persona.firmwareNames === undefined ? id : String([...firmware.keys()].indexOf(id) + 1)

const taskPath = ({ id }: VirtualTask): string => `${ROOT}/TaskService/Tasks/${id}`

/** A task as it is read, and as the answer that began it shows it. */
export const taskOf = (task: VirtualTask): Body => ({
  ...head(taskPath(task), 'Task', 'v1_7_2', `Task ${task.id}`),
  TaskState: task.state,
  TaskStatus: task.status,
  PercentComplete: task.percent,
  Messages: task.messages.map(({ id, text }) => ({ MessageId: id, Message: text })),
})

/** Lets updates go on to `nowMs`. */
export function advanceUpdates(view: RedfishView): void {
  const { model, nowMs } = view
  model.updates = model.updates.filter((run) => {
    const { task, course, startedMs } = run
    const ageMs = nowMs - startedMs
    if (course === 'new-first' && ageMs < STAYS_NEW_MS) return true
    task.state = 'Running'
    task.percent = Math.min(99, Math.floor((100 * ageMs) / UPDATE_MS))
    if (course === 'stuck' && model.persona.oem === 'Dell') {
      const text = 'The job made no progress.'
      task.messages = [{ id: 'IDRAC.2.8.JCP052', text }]
    }
    if (ageMs < UPDATE_MS || course === 'stuck') return true
    task.percent = 100
    if (course === 'fails' || course === 'fails-and-works') {
      fail(task, 'Update.1.0.VerificationFailed', 'Verification of image failed.')
    } else task.state = 'Completed'
    if (WORKING.has(course)) apply(view, run)
    if (course === 'drops-part') model.firmware.delete(run.firmware)
    if (course === 'factory-reset') model.factoryReset = true
    return false
  })
}

const WORKING: ReadonlySet<UpdateRun['course']> = new Set([
  'good',
  'vanishes',
  'new-first',
  'fails-and-works',
  'factory-reset',
])

function fail(task: VirtualTask, id: string, text: string): void {
  task.state = 'Exception'
  task.status = 'Critical'
  task.messages = [{ id, text }]
}

function apply({ model, faults, nowMs }: RedfishView, { firmware, version }: UpdateRun): void {
  const held = model.firmware.get(firmware)
  if (held === undefined) return
  if (faults.skipsDowngrades && version < held.version) return
  held.older = { version: held.version, untilMs: nowMs + faults.inventoryLateMs }
  held.version = version
  if (firmware === 'BMC') model.partsDeaf = true
}

/** The host is started anew: what is written into its cards just now is lost, and they listen again. */
export function interruptUpdates({ model }: RedfishView): void {
  model.partsDeaf = false
  model.updates = model.updates.filter(({ task, firmware }) => {
    if (!firmware.startsWith('NIC')) return true
    fail(task, 'Update.1.0.ApplyFailed', 'The device was reset during the installation.')
    return false
  })
}
