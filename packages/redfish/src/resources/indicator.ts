import { booleanOf, oneOf, textsOf, type JsonObject } from '../loose-json.ts'

/** The light of a system or chassis, in the new form (a boolean), the old one (a word), or both. */
export interface Indicator {
  readonly active: boolean | undefined
  readonly led: 'Lit' | 'Blinking' | 'Off' | undefined
  readonly allowedLed: readonly string[]
}

/** Undefined when the resource has no light. `Unknown` is one: it can be set, not read. */
export function parseIndicator(body: JsonObject): Indicator | undefined {
  const active = booleanOf(body['LocationIndicatorActive'])
  if (active === undefined && body['IndicatorLED'] === undefined) return undefined
  return {
    active,
    led: oneOf(body['IndicatorLED'], ['Lit', 'Blinking', 'Off']),
    allowedLed: textsOf(body['IndicatorLED@Redfish.AllowableValues']),
  }
}
