import { badValue, done, refusal, type Body, type Reply } from './redfish-reply.ts'
import { head, link, type RedfishView, type Tree } from './redfish-resource.ts'

export type VirtualBiosValue = string | number | boolean

/** One BIOS attribute and, where it is one of a list, what it may be. */
export interface VirtualBiosAttribute {
  readonly value: VirtualBiosValue
  readonly allowed?: readonly string[] | undefined
}

/** How a maker's Redfish service shows a BIOS and takes changes of it. */
export interface BiosManner {
  readonly attributes: Readonly<Record<string, VirtualBiosAttribute>>
  /** What the settings resource shows: everything as it will be, or what was changed alone. */
  readonly settingsShow: 'all' | 'changes'
  /** It is told when a change is carried out; one without a time is kept and never is. */
  readonly timed: boolean
}

export const biosTree = (path: string, view: RedfishView): Tree => {
  const { model } = view
  const manner = model.persona.bios
  const times = manner.timed ? { SupportedApplyTimes: ['OnReset', 'AtMaintenanceWindowStart'] } : {}
  return {
    [`${path}/Bios`]: () => ({
      ...head(`${path}/Bios`, 'Bios', 'v1_2_1', 'BIOS'),
      AttributeRegistry: 'BiosAttributeRegistry.v1_0_0',
      Attributes: model.bios,
      '@Redfish.Settings': {
        '@odata.type': '#Settings.v1_3_5.Settings',
        SettingsObject: link(`${path}/Bios/Settings`),
        ...times,
      },
      Actions: { '#Bios.ResetBios': { target: `${path}/Bios/Actions/Bios.ResetBios` } },
    }),
    [`${path}/Bios/Settings`]: () => ({
      ...head(`${path}/Bios/Settings`, 'Bios', 'v1_2_1', 'BIOS settings for the next boot'),
      Attributes:
        manner.settingsShow === 'all' ? { ...model.bios, ...model.biosPending } : model.biosPending,
    }),
  }
}

/** A change for the next boot (PATCH of the settings resource). */
export function patchBios({ model, faults }: RedfishView, body: Body): Reply {
  const { bios } = model.persona
  const attributes = body['Attributes']
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
    return badValue(attributes, 'Attributes')
  }
  if (faults.biosRefusals > 0) {
    faults.biosRefusals -= 1
    return refusal(
      400,
      'iLO.2.14.UnableToModifyDuringSystemPOST',
      'The value cannot be modified while the system is in POST.',
    )
  }
  for (const [name, value] of Object.entries(attributes)) {
    const known = Object.hasOwn(bios.attributes, name) ? bios.attributes[name] : undefined
    const alike = typeof known?.value === typeof value
    if (!alike || known?.allowed?.includes(String(value)) === false) return badValue(value, name)
  }
  if (faults.biosReverts) return done
  model.biosPending = { ...model.biosPending, ...attributes }
  const time: unknown = body['@Redfish.SettingsApplyTime']
  const onReset =
    typeof time === 'object' && time !== null && 'ApplyTime' in time && time.ApplyTime === 'OnReset'
  model.biosScheduled ||= !bios.timed || onReset
  return done
}

/** What the defaults of the maker are, for the next boot. */
export function resetBios({ model }: RedfishView): Reply {
  model.biosPending = attributesOf(model.persona.bios)
  model.biosScheduled = true
  return done
}

/** A boot takes up what was waiting for it. */
export function takeUpBios({ model }: RedfishView): void {
  if (!model.biosScheduled) return
  model.bios = { ...model.bios, ...model.biosPending }
  model.biosPending = {}
  model.biosScheduled = false
}

export const attributesOf = ({
  attributes,
}: BiosManner): Readonly<Record<string, VirtualBiosValue>> =>
  Object.fromEntries(Object.entries(attributes).map(([name, { value }]) => [name, value]))
