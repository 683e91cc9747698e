import { fieldOf, objectOf, textOf, textsOf, type JsonObject } from '../loose-json.ts'
import { actionOf } from './reset-action.ts'
import { settingsOf } from './system.ts'

export type BiosValue = string | number | boolean | null

/** `Bios`: attributes as they are now; changes are written to `settings` and wait for a boot. */
export interface Bios {
  readonly attributes: Readonly<Record<string, BiosValue>>
  readonly registry: string | undefined
  readonly settings: string | undefined
  /** When a change may be carried out, e.g. `OnReset`; empty where the service does not say. */
  readonly applyTimes: readonly string[]
  readonly resetTarget: string | undefined
}

/** Most attributes taken; real ones have up to about a thousand. */
const ATTRIBUTES_MAX = 4096

export const parseBios = (body: JsonObject): Bios => ({
  attributes: Object.fromEntries(
    Object.entries(objectOf(body['Attributes']))
      .filter((entry): entry is [string, BiosValue] => isBiosValue(entry[1]))
      .slice(0, ATTRIBUTES_MAX),
  ),
  registry: textOf(body['AttributeRegistry']),
  settings: settingsOf(body),
  applyTimes: textsOf(fieldOf(body, '@Redfish.Settings', 'SupportedApplyTimes')),
  resetTarget: actionOf(body, '#Bios.ResetBios')?.target,
})

const isBiosValue = (value: unknown): value is BiosValue =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

/** Attributes that will be another after the next boot: what is pending and differs from now. */
export const pendingChanges = (now: Bios, pending: Bios): Readonly<Record<string, BiosValue>> =>
  Object.fromEntries(
    Object.entries(pending.attributes).filter(([name, value]) => now.attributes[name] !== value),
  )
