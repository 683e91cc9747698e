import { resourcesOf } from '@brickyard/redfish/collection'
import { followTask, taskPathOf } from '@brickyard/redfish/follow-task'
import { wordsOf } from '@brickyard/redfish/message'
import {
  parseSoftwareInventory,
  parseUpdateService,
  type UpdateService,
} from '@brickyard/redfish/resources/update-service'
import type { TaskOutcome } from '@brickyard/redfish/task-machine'
import { sleep } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { BmcFault } from '../fault.ts'
import type {
  FirmwareComponent,
  FirmwareControl,
  FirmwareUpdate,
  UpdateReport,
} from '../firmware.ts'
import { checkUpdate } from './check-update.ts'
import { named, type RedfishSession } from './redfish-session.ts'

/** Components listed; the fullest real BMC shows some 60. */
const COMPONENTS_MAX = 512
/** A BMC that updated itself restarts: reads until it answers, five minutes at most. */
const READ_AFTER_MS = Seconds(10)
const READS_AFTER_MAX = 30

interface Listed {
  readonly path: string
  readonly component: FirmwareComponent
}

/** Firmware by UpdateService: what is there, and SimpleUpdate from a URL. */
export function createRedfishFirmware(session: RedfishSession): FirmwareControl {
  async function service(): Promise<Result<UpdateService, BmcFault>> {
    const where = await session.whereabouts()
    if (!where.ok) return where
    const path = where.value.root.updateService
    if (path === undefined) return err({ kind: 'refused', message: 'the BMC has no UpdateService' })
    const answer = await session.client.get(path)
    return answer.ok
      ? ok(parseUpdateService(answer.value.body))
      : err(named(answer.error, where.value.manner))
  }

  async function list(): Promise<Result<readonly Listed[], BmcFault>> {
    const updates = await service()
    if (!updates.ok) return updates
    const path = updates.value.firmwareInventory
    if (path === undefined) return err({ kind: 'refused', message: 'the BMC lists no firmware' })
    const found = await resourcesOf(session.client, path, COMPONENTS_MAX)
    if (!found.ok) return err(named(found.error, undefined))
    return ok(
      found.value.map((one) => {
        const { id, name, version, updateable } = parseSoftwareInventory(one.body)
        const shown = id ?? one.path.split('/').at(-1) ?? one.path
        return {
          path: one.path,
          component: { id: shown, name: name ?? shown, version, updateable },
        }
      }),
    )
  }

  async function begin(
    { imageUrl }: FirmwareUpdate,
    target: string | undefined,
  ): Promise<Result<TaskOutcome | 'nothing-to-do' | undefined, BmcFault>> {
    const updates = await service()
    if (!updates.ok) return updates
    const { enabled, simpleUpdate } = updates.value
    if (enabled === false || simpleUpdate === undefined) {
      return err({ kind: 'refused', message: 'the BMC takes no updates from a URL' })
    }
    const where = await session.whereabouts()
    if (!where.ok) return where
    const { manner } = where.value
    const protocol = imageUrl.startsWith('https:') ? 'HTTPS' : 'HTTP'
    const request = {
      ImageURI: imageUrl,
      ...(simpleUpdate.allowed.length === 0 ? {} : { TransferProtocol: protocol }),
      ...(target === undefined ? {} : { Targets: [target] }),
    }
    let nothing = false
    const answer = await session.write('update', async (client) => {
      const sent = await client.post(simpleUpdate.target, request)
      if (!sent.ok) nothing = manner.isNothingToUpdate?.(sent.error) === true
      return sent
    })
    if (!answer.ok) return nothing ? ok('nothing-to-do') : answer
    const path = taskPathOf(answer.value)
    if (path === undefined) return ok(undefined)
    const { taskAppearsWithinMs } = manner
    const patience =
      taskAppearsWithinMs === undefined ? {} : { appearsWithinMs: taskAppearsWithinMs }
    const end = await followTask(session.client, session.clock, path, patience)
    return end.ok ? end : err(named(end.error, manner))
  }

  async function versionAfter(id: string): Promise<Result<string | undefined, BmcFault>> {
    for (let read = 1; ; read++) {
      const now = await list()
      if (now.ok) return ok(now.value.find((one) => one.component.id === id)?.component.version)
      if (read >= READS_AFTER_MAX || now.error.kind === 'auth') return now
      await sleep(session.clock, READ_AFTER_MS)
    }
  }

  return {
    async read() {
      const found = await list()
      return found.ok ? ok(found.value.map(({ component }) => component)) : found
    },
    async update(wanted): Promise<Result<UpdateReport, BmcFault>> {
      const { component } = wanted
      const before = await list()
      if (!before.ok) return before
      const held = before.value.find((one) => one.component.id === component)
      if (component !== undefined && held === undefined) {
        return err({ kind: 'refused', message: `the BMC lists no component ${component}` })
      }
      const begun = await begin(wanted, held?.path)
      if (!begun.ok) return begun
      const outcome = begun.value === 'nothing-to-do' ? undefined : begun.value
      const where = await session.whereabouts()
      const manner = where.ok ? where.value.manner : undefined
      const messages = outcome?.messages ?? []
      const meaning = manner?.explain?.(messages)
      const words = [...messages.map((message) => wordsOf(message)), meaning ?? []].flat()
      const said = words.join('; ')
      const versionBefore = held?.component.version
      if (begun.value === 'nothing-to-do') {
        return ok({ end: 'nothing-to-do', versionBefore, versionAfter: versionBefore, said })
      }
      const after = held === undefined ? ok(undefined) : await versionAfter(held.component.id)
      if (!after.ok) return after
      const staged = outcome !== undefined && manner?.isStaged?.(component ?? '', outcome) === true
      const end = checkUpdate(outcome, { before: versionBefore, after: after.value }, staged)
      return ok({ end, versionBefore, versionAfter: after.value, said })
    },
  }
}
