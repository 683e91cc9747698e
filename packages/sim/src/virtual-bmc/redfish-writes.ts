import type { PowerVerb } from '@brickyard/model/operation'
import { Seconds } from '@brickyard/std/units'
import { patchBios, resetBios, takeUpBios } from './redfish-bios.ts'
import { ACCOUNTS_MAX } from './redfish-model.ts'
import {
  badValue,
  done,
  MAKERS_REFUSALS,
  notFound,
  refusal,
  type Body,
  type Reply,
} from './redfish-reply.ts'
import { ROOT, type RedfishView } from './redfish-resource.ts'
import { patchPushClaim, startLaidReady } from './redfish-push.ts'
import { beginUpdate, interruptUpdates } from './redfish-update.ts'
import { patchSecureBoot, resetKeys, takeUpSecureBoot } from './redfish-secure-boot.ts'
import type { HostBootOverride } from './virtual-host.ts'

const RESETS: Readonly<Record<string, PowerVerb>> = {
  On: 'on',
  ForceOn: 'on',
  ForceOff: 'off',
  GracefulShutdown: 'soft',
  PushPowerButton: 'soft',
  ForceRestart: 'reset',
  GracefulRestart: 'reset',
  PowerCycle: 'cycle',
  Nmi: 'reset',
}

/** A BMC that restarts answers this much longer. */
const ANSWERS_FIRST_MS = Seconds(4)

const own = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Body)[name]
    : undefined

/** An action (POST to its target). */
export function post(view: RedfishView, path: string, body: Body): Reply {
  const { model } = view
  const { persona } = model
  const system = `${ROOT}/Systems/${persona.system}`
  const media = `${ROOT}/Managers/${persona.manager}/VirtualMedia/CD1/Actions/VirtualMedia`
  switch (path) {
    case `${system}/Actions/ComputerSystem.Reset`:
      return reset(view, body)
    case `${system}/LogServices/SEL/Actions/LogService.ClearLog`:
      model.log = []
      return done
    case `${system}/Bios/Actions/Bios.ResetBios`:
      return resetBios(view)
    case `${system}/SecureBoot/Actions/SecureBoot.ResetKeys`:
      return resetKeys(view, body)
    case `${ROOT}/Managers/${persona.manager}/Actions/Manager.Reset`:
      return resetManager(view, body)
    case `${media}.InsertMedia`:
      return insertMedium(view, body)
    case `${media}.EjectMedia`:
      model.media = undefined
      return done
    case `${ROOT}/AccountService/Accounts`:
      return createAccount(view, body)
    case `${ROOT}/UpdateService/Actions/UpdateService.SimpleUpdate`:
      return beginUpdate(view, body)
    case `${ROOT}/UpdateService/Actions/UpdateService.StartUpdate`:
      return startLaidReady(view)
    default:
      return notFound(path)
  }
}

function reset(view: RedfishView, body: Body): Reply {
  const { model, host, faults, nowMs } = view
  const type = own(body, 'ResetType')
  const known = typeof type === 'string' && model.persona.resetTypes.includes(type)
  const verb = known ? RESETS[type] : undefined
  if (verb === undefined) return badValue(type, 'ResetType')
  if (faults.powerRefusals > 0) {
    faults.powerRefusals -= 1
    return MAKERS_REFUSALS[faults.powerFault]
  }
  const on = host.power() === 'on'
  const settling = verb === 'on' && nowMs < model.wentOffMs + faults.powerSettlesMs
  if (settling) return MAKERS_REFUSALS.conflict
  const pointless = verb === 'on' ? on : !on
  if (pointless) return MAKERS_REFUSALS.already
  if (verb === 'on' || verb === 'cycle' || verb === 'reset') {
    takeUpBios(view)
    takeUpSecureBoot(view)
  }
  interruptUpdates(view)
  if (faults.ignorePower) return done
  const before = host.power()
  if (host.apply(verb) !== undefined) return MAKERS_REFUSALS.conflict
  if (verb === 'off' || verb === 'soft') model.wentOffMs = nowMs
  else model.wentOnMs = nowMs
  model.powerBefore = { power: before, untilMs: nowMs + faults.powerShowsMs }
  return done
}

function insertMedium({ model }: RedfishView, body: Body): Reply {
  const image = own(body, 'Image')
  if (typeof image !== 'string' || !/^https?:\/\//.test(image)) return badValue(image, 'Image')
  if (model.media !== undefined) return MAKERS_REFUSALS.conflict
  model.media = { image, writeProtected: own(body, 'WriteProtected') !== false }
  return done
}

function patchMedium(view: RedfishView, body: Body): Reply {
  if (own(body, 'Image') !== null) return insertMedium(view, body)
  view.model.media = undefined
  return done
}

/** Manager.Reset: it answers, and then it is away. */
function resetManager({ model, faults, nowMs }: RedfishView, body: Body): Reply {
  const type = own(body, 'ResetType')
  const { managerResets } = model.persona
  const known =
    managerResets.length === 0 ? type === undefined : managerResets.includes(String(type))
  if (!known) return badValue(type, 'ResetType')
  if (!faults.ignoreRestart) {
    const fromMs = nowMs + ANSWERS_FIRST_MS
    model.restart = { fromMs, untilMs: fromMs + faults.restartMs }
  }
  return done
}

/** A change of a resource (PATCH). */
export function patch(view: RedfishView, path: string, body: Body): Reply {
  const { model } = view
  const { persona } = model
  const system = `${ROOT}/Systems/${persona.system}`
  const chassis = `${ROOT}/Chassis/${persona.chassis}`
  const account = model.accounts.get(path.split('/').at(-1) ?? '')
  switch (path) {
    case system:
    case `${system}/SD`:
      return patchSystem(view, path === system, body)
    case chassis:
      return patchLight(view, body)
    case `${system}/Bios/Settings`:
      return patchBios(view, body)
    case `${ROOT}/Managers/${persona.manager}/VirtualMedia/CD1`:
      return view.faults.mediaByProperty ? patchMedium(view, body) : notFound(path)
    case `${ROOT}/UpdateService`:
      return patchPushClaim(view, body)
    case `${system}/SecureBoot`:
      return patchSecureBoot(view, body)
    case `${chassis}/EnvironmentMetrics`:
      return setLimit(view, own(own(body, 'PowerLimitWatts'), 'SetPoint'))
    case `${chassis}/Power`: {
      const control = own(body, 'PowerControl')
      const first: unknown = Array.isArray(control) ? control[0] : undefined
      return setLimit(view, own(own(first, 'PowerLimit'), 'LimitInWatts'))
    }
    default:
      return path.startsWith(`${ROOT}/AccountService/Accounts/`) && account !== undefined
        ? patchAccount(view, account.id, body)
        : notFound(path)
  }
}

function patchSystem(view: RedfishView, direct: boolean, body: Body): Reply {
  const { model, host, faults, nowMs } = view
  const boot = own(body, 'Boot')
  const policy = own(body, 'PowerRestorePolicy')
  if (policy !== undefined) {
    if (policy !== 'AlwaysOn' && policy !== 'AlwaysOff' && policy !== 'LastState') {
      return badValue(policy, 'PowerRestorePolicy')
    }
    if (!faults.restorePolicyReverts) model.restorePolicy = policy
    return done
  }
  if (boot === undefined) return own(body, 'AssetTag') === undefined ? patchLight(view, body) : done
  if (direct && model.persona.bootBySettings) {
    return refusal(
      400,
      'Base.1.12.PropertyNotWritable',
      'The property Boot is a read only property and cannot be assigned a value.',
      ['Boot'],
    )
  }
  if (host.power() === 'on' && nowMs < model.wentOnMs + faults.postMs) {
    return MAKERS_REFUSALS['hpe-in-post']
  }
  if (faults.bootRefusals > 0) {
    faults.bootRefusals -= 1
    return MAKERS_REFUSALS[faults.bootFault]
  }
  return patchBoot(view, boot)
}

const DEVICES: Readonly<Record<string, HostBootOverride['device']>> = {
  Pxe: 'network',
  UefiHttp: 'network',
  Hdd: 'disk',
  Cd: 'cdrom',
  BiosSetup: 'setup',
  Usb: 'other',
}

/** The word for `value`, which is `standing` where the change does not speak of it. */
const wordOf = (value: unknown, standing: string): string =>
  value === undefined ? standing : typeof value === 'string' ? value : 'no word'

function patchBoot({ host, faults }: RedfishView, boot: unknown): Reply {
  const held = host.bootOverride()
  const standing = held?.persistent === true ? 'Continuous' : 'Once'
  const enabled = wordOf(own(boot, 'BootSourceOverrideEnabled'), standing)
  const target = wordOf(own(boot, 'BootSourceOverrideTarget'), 'None')
  const standingMode = held?.efi === false ? 'Legacy' : 'UEFI'
  const mode = wordOf(own(boot, 'BootSourceOverrideMode'), standingMode)
  if (!['Disabled', 'Once', 'Continuous'].includes(enabled)) {
    return badValue(enabled, 'BootSourceOverrideEnabled')
  }
  if (!['UEFI', 'Legacy'].includes(mode)) return badValue(mode, 'BootSourceOverrideMode')
  if (target !== 'None' && !Object.hasOwn(DEVICES, target)) {
    return badValue(target, 'BootSourceOverrideTarget')
  }
  if (faults.bootReverts) return done
  const device = DEVICES[target]
  if (enabled === 'Disabled' || device === undefined) host.setBootOverride(undefined)
  else {
    const persistent = enabled === 'Continuous' || faults.bootForgetsOnce
    host.setBootOverride({ device, persistent, efi: mode === 'UEFI' })
  }
  return done
}

const LIGHTS = ['Off', 'Lit', 'Blinking'] as const

function patchLight({ model, host }: RedfishView, body: Body): Reply {
  const active = own(body, 'LocationIndicatorActive')
  const led = own(body, 'IndicatorLED')
  const byWord = LIGHTS.find((one) => one === led)
  const byBoolean = active === true ? 'Lit' : active === false ? 'Off' : undefined
  const wanted = model.persona.light === 'boolean' ? byBoolean : byWord
  if (wanted === undefined) return badValue(active ?? led, 'IndicatorLED')
  model.light = wanted
  host.identify(wanted === 'Off' ? 0 : Infinity)
  return done
}

function setLimit({ model }: RedfishView, wanted: unknown): Reply {
  const fine = wanted === null || (typeof wanted === 'number' && wanted >= 100 && wanted <= 800)
  if (!fine) return badValue(wanted, 'LimitInWatts')
  model.powerLimitWatts = wanted
  return done
}

const PASSWORD_CHARS = { min: 8, max: 40 }
const validPassword = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length >= PASSWORD_CHARS.min &&
  value.length <= PASSWORD_CHARS.max

function createAccount({ model }: RedfishView, body: Body): Reply {
  const name = own(body, 'UserName')
  const password = own(body, 'Password')
  const role = own(body, 'RoleId') ?? 'ReadOnly'
  if (typeof name !== 'string' || name === '') return badValue(name, 'UserName')
  // Quoting it is what real services do.
  if (!validPassword(password)) return badValue(password, 'Password')
  if (role !== 'Administrator' && role !== 'Operator' && role !== 'ReadOnly') {
    return badValue(role, 'RoleId')
  }
  const taken = [...model.accounts.values()].some((one) => one.name === name)
  if (taken || model.accounts.size >= ACCOUNTS_MAX) return MAKERS_REFUSALS.conflict
  let slot = 1
  while (model.accounts.has(String(slot))) slot += 1
  const id = String(slot)
  model.accounts.set(id, { id, name, password, role, enabled: true, mustChange: false })
  const location = `${ROOT}/AccountService/Accounts/${id}`
  return { status: 201, headers: { location }, body: { '@odata.id': location, UserName: name } }
}

function patchAccount({ model }: RedfishView, id: string, body: Body): Reply {
  const account = model.accounts.get(id)
  if (account === undefined) return notFound(id)
  const password = own(body, 'Password')
  const enabled = own(body, 'Enabled')
  const name = own(body, 'UserName')
  if (password !== undefined && !validPassword(password)) return badValue(password, 'Password')
  if (typeof password === 'string') {
    account.password = password
    account.mustChange = false
  }
  if (typeof enabled === 'boolean') account.enabled = enabled
  if (typeof name === 'string' && name !== '') account.name = name
  return done
}

/** A deletion other than of a session. */
export function remove({ model }: RedfishView, path: string): Reply {
  const id = path.split('/').at(-1) ?? ''
  const known = path === `${ROOT}/AccountService/Accounts/${id}` && model.accounts.delete(id)
  return known ? done : notFound(path)
}
