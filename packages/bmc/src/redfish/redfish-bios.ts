import { parseBios, pendingChanges, type Bios } from '@brickyard/redfish/resources/bios'
import { sleep } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { BiosAttributes, BiosControl, BiosState } from '../bios.ts'
import type { BmcFault } from '../fault.ts'
import { named, type RedfishSession } from './redfish-session.ts'

/** Before each look at what became of a change: some BMCs show it late. */
const LOOK_AFTER_MS = [0, Seconds(2), Seconds(5)]

interface Found {
  readonly now: Bios
  /** Where changes are written: the settings resource, or the attributes themselves without one. */
  readonly path: string
  readonly etag: string | undefined
  readonly state: BiosState
}

/** BIOS attributes by `Bios` and its settings resource (DSP0266 §9.10). */
export function createRedfishBios(session: RedfishSession): BiosControl {
  async function find(): Promise<Result<Found, BmcFault>> {
    const where = await session.whereabouts()
    if (!where.ok) return where
    const system = await session.system()
    if (!system.ok) return system
    const { manner } = where.value
    const path = system.value.value.bios
    if (path === undefined) return err({ kind: 'refused', message: 'the BMC shows no BIOS' })
    const answer = await session.client.get(path)
    if (!answer.ok) return err(named(answer.error, manner))
    const now = parseBios(answer.value.body)
    const { attributes, settings } = now
    const bare = { now, path, etag: answer.value.etag, state: { attributes, pending: {} } }
    if (settings === undefined) return ok(bare)
    const waiting = await session.client.get(settings)
    // Some services have the resource only while something waits in it.
    if (!waiting.ok && waiting.error.status === 404) {
      return ok({ ...bare, path: settings, etag: undefined })
    }
    if (!waiting.ok) return err(named(waiting.error, manner))
    const pending = pendingChanges(now, parseBios(waiting.value.body))
    const { etag } = waiting.value
    return ok({ now, path: settings, etag, state: { attributes, pending } })
  }

  async function readBack(wanted: BiosAttributes): Promise<Result<BiosState, BmcFault>> {
    let wrong: string[] = []
    for (const waitMs of LOOK_AFTER_MS) {
      if (waitMs > 0) await sleep(session.clock, waitMs)
      const found = await find()
      if (!found.ok) return found
      const { state } = found.value
      wrong = Object.keys(changesFor(wanted, state)).map(
        (name) => `${name} reads back ${JSON.stringify(nextOf(state, name))}`,
      )
      if (wrong.length === 0) return ok(state)
    }
    return err({ kind: 'refused', message: `BIOS settings: ${wrong.join(', ')}` })
  }

  return {
    async read() {
      const found = await find()
      return found.ok ? ok(found.value.state) : found
    },
    async set(wanted) {
      const found = await find()
      if (!found.ok) return found
      const { now, path, etag, state } = found.value
      const unfit = unfitness(wanted, state)
      if (unfit !== undefined) return err({ kind: 'refused', message: `BIOS settings: ${unfit}` })
      const changes = changesFor(wanted, state)
      if (Object.keys(changes).length === 0) return ok(state)
      // Where a service names its times, a change without one may be kept and never carried out.
      const timed = now.applyTimes.includes('OnReset')
      const body = {
        Attributes: changes,
        ...(timed ? { '@Redfish.SettingsApplyTime': { ApplyTime: 'OnReset' } } : {}),
      }
      const written = await session.write('bios', (client) => client.patch(path, body, etag))
      if (!written.ok) return written
      return readBack(wanted)
    },
  }
}

/** What `name` will be after the next boot. */
const nextOf = ({ attributes, pending }: BiosState, name: string) =>
  Object.hasOwn(pending, name) ? pending[name] : attributes[name]

const changesFor = (wanted: BiosAttributes, state: BiosState): BiosAttributes =>
  Object.fromEntries(Object.entries(wanted).filter(([name, v]) => nextOf(state, name) !== v))

/** Why `wanted` cannot be written to this BIOS. */
function unfitness(wanted: BiosAttributes, { attributes }: BiosState): string | undefined {
  for (const [name, value] of Object.entries(wanted)) {
    if (!Object.hasOwn(attributes, name)) return `the BMC has no attribute ${name}`
    const held = attributes[name]
    const alike = held === null || value === null || typeof held === typeof value
    if (!alike) return `${name} is ${JSON.stringify(value)}; expected a ${typeof held}`
  }
  return undefined
}
