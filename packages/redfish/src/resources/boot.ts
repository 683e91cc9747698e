import { fieldOf, oneOf, textOf, textsOf, type JsonObject } from '../loose-json.ts'

/** `Boot` of a system: what shall be booted in place of the system's own order. */
export interface Boot {
  readonly enabled: 'Disabled' | 'Once' | 'Continuous' | undefined
  /** `Pxe`, `Hdd`, `Cd`, `UefiHttp` … */
  readonly target: string | undefined
  readonly mode: 'UEFI' | 'Legacy' | undefined
  /** Empty: the service does not say. */
  readonly allowedTargets: readonly string[]
  readonly allowedEnabled: readonly string[]
  readonly allowedModes: readonly string[]
  readonly uefiTarget: string | undefined
  readonly bootOrder: readonly string[]
}

/** Undefined when the resource has no `Boot` at all. */
export function parseBoot(system: JsonObject): Boot | undefined {
  const boot = fieldOf(system, 'Boot')
  if (typeof boot !== 'object' || boot === null) return undefined
  const allowed = (name: string): readonly string[] =>
    textsOf(fieldOf(boot, `${name}@Redfish.AllowableValues`))
  return {
    enabled: oneOf(fieldOf(boot, 'BootSourceOverrideEnabled'), ['Disabled', 'Once', 'Continuous']),
    target: textOf(fieldOf(boot, 'BootSourceOverrideTarget')),
    mode: oneOf(fieldOf(boot, 'BootSourceOverrideMode'), ['UEFI', 'Legacy']),
    allowedTargets: allowed('BootSourceOverrideTarget'),
    allowedEnabled: allowed('BootSourceOverrideEnabled'),
    allowedModes: allowed('BootSourceOverrideMode'),
    uefiTarget: textOf(fieldOf(boot, 'UefiTargetBootSourceOverride')),
    bootOrder: textsOf(fieldOf(boot, 'BootOrder')),
  }
}
