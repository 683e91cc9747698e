import { parseBoot, type Boot } from '@brickyard/redfish/resources/boot'
import { sleep } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { BootControl, BootOverride, NextBoot } from '../boot.ts'
import type { BmcFault } from '../fault.ts'
import type { RedfishSession } from './redfish-session.ts'

const TARGETS = { network: 'Pxe', disk: 'Hdd', cdrom: 'Cd' } as const
const DEVICES: ReadonlyMap<string, BootOverride['device']> = new Map([
  ['Pxe', 'network'],
  ['UefiHttp', 'network'],
  ['Hdd', 'disk'],
  ['Cd', 'cdrom'],
])
const NO_OVERRIDE: BootOverride = { device: 'none', persistent: false, efi: false }
/** Before each look at what became of a change: some BMCs show it late. */
const LOOK_AFTER_MS = [0, Seconds(2), Seconds(5)]

/** Where the override stands: at the system, or at what it will be after the next boot. */
interface Place {
  readonly path: string
  readonly etag: string | undefined
  readonly boot: Boot | undefined
}

/** Boot override by `Boot` of the system. */
export function createRedfishBoot(session: RedfishSession): BootControl {
  async function place(): Promise<Result<Place, BmcFault>> {
    const where = await session.whereabouts()
    if (!where.ok) return where
    const system = await session.system()
    if (!system.ok) return system
    const { path, etag, value } = system.value
    const { settings } = value
    if (where.value.manner.bootBySettings !== true || settings === undefined) {
      return ok({ path, etag, boot: value.boot })
    }
    const answer = await session.client.get(settings)
    if (!answer.ok) return err(answer.error)
    const boot = parseBoot(answer.value.body) ?? value.boot
    return ok({ path: settings, etag: answer.value.etag, boot })
  }

  async function read(): Promise<Result<BootOverride, BmcFault>> {
    const at = await place()
    if (!at.ok) return at
    if (at.value.boot === undefined) {
      return err({ kind: 'refused', message: 'the system tells nothing of its boot override' })
    }
    return ok(overrideOf(at.value.boot))
  }

  async function write(at: Place, wanted: NextBoot): Promise<Result<void, BmcFault>> {
    const change = changeFor(wanted, at.boot)
    const send = (boot: Readonly<Record<string, string>>) =>
      session.write('boot', (client) => client.patch(at.path, { Boot: boot }, at.etag))
    const first = await send(change)
    if (first.ok) return ok(undefined)
    // Modes are read-only on some services, which then refuse the whole change.
    const { BootSourceOverrideMode: mode, ...rest } = change
    const modeRefused = first.error.kind === 'refused' && /OverrideMode/.test(first.error.message)
    if (mode === undefined || !modeRefused) return first
    const second = await send(rest)
    return second.ok ? ok(undefined) : second
  }

  return {
    read,
    async setNextBoot(wanted) {
      const at = await place()
      if (!at.ok) return at
      const unfit = unfitness(wanted, at.value.boot)
      if (unfit !== undefined) return err({ kind: 'refused', message: `boot override: ${unfit}` })
      const written = await write(at.value, wanted)
      if (!written.ok && written.error.kind !== 'refused') return written
      let found: Result<BootOverride, BmcFault> = ok(NO_OVERRIDE)
      for (const waitMs of LOOK_AFTER_MS) {
        if (waitMs > 0) await sleep(session.clock, waitMs)
        found = await read()
        if (!found.ok) return found
        if (isAsWanted(found.value, wanted)) return found
        if (!written.ok) return written
      }
      return err({
        kind: 'refused',
        message: `boot override: asked for ${describe(wanted)}, the BMC reads back ${describe(found.value)}`,
      })
    },
  }
}

function changeFor(wanted: NextBoot, boot: Boot | undefined): Readonly<Record<string, string>> {
  if (wanted.device === 'none') {
    return { BootSourceOverrideEnabled: 'Disabled', BootSourceOverrideTarget: 'None' }
  }
  const mode = wanted.efi ? 'UEFI' : 'Legacy'
  return {
    BootSourceOverrideEnabled: wanted.persistent ? 'Continuous' : 'Once',
    BootSourceOverrideTarget: TARGETS[wanted.device],
    ...(boot?.mode === undefined || boot.mode === mode ? {} : { BootSourceOverrideMode: mode }),
  }
}

/** What the service says beforehand that it does not take. */
function unfitness(wanted: NextBoot, boot: Boot | undefined): string | undefined {
  if (wanted.device === 'none' || boot === undefined) return undefined
  const target = TARGETS[wanted.device]
  const { allowedTargets } = boot
  if (allowedTargets.length > 0 && !allowedTargets.includes(target)) {
    return `the BMC allows ${allowedTargets.join(', ')}; expected ${target}`
  }
  return undefined
}

export function overrideOf({ enabled, target, mode }: Boot): BootOverride {
  if (
    enabled === undefined ||
    enabled === 'Disabled' ||
    target === undefined ||
    target === 'None'
  ) {
    return NO_OVERRIDE
  }
  const device = DEVICES.get(target) ?? 'other'
  return { device, persistent: enabled === 'Continuous', efi: mode === 'UEFI' }
}

const isAsWanted = (found: BootOverride, { device, persistent }: NextBoot): boolean =>
  found.device === device && (device === 'none' || found.persistent === persistent)

const describe = (o: BootOverride): string =>
  `${o.device}${o.persistent ? ', persistent' : ', once'}${o.efi ? ', UEFI' : ''}`
