/** Which rule of the catalogue a component belongs to. */
import type { Condition, ConditionField, Match, Rule } from './catalogue.ts'
import type { ComponentKind, FirmwareComponent, FirmwareInventory } from './inventory.ts'

const WEIGHT: Readonly<Record<Condition['test'], number>> = {
  equals: 4,
  'starts-with': 2,
  contains: 1,
}

/** How narrowly a component is matched: 0 when it is not. Of two rules the narrower is right. */
export function matchWeight(
  matcher: { readonly component: ComponentKind; readonly match: Match },
  inventory: FirmwareInventory,
  component: FirmwareComponent,
): number {
  if (matcher.component !== component.kind) return 0
  const weights = matcher.match
    .filter((group) => group.every((one) => holds(one, fieldOf(one.field, inventory, component))))
    .map((group) => group.reduce((sum, { test }) => sum + WEIGHT[test], 0))
  return Math.max(0, ...weights)
}

/** The narrowest rules that match: none, one, or several that the catalogue fails to tell apart. */
export function matchRules(
  rules: readonly Rule[],
  inventory: FirmwareInventory,
  component: FirmwareComponent,
): readonly Rule[] {
  const weighed = rules.map((rule) => ({ rule, weight: matchWeight(rule, inventory, component) }))
  const most = Math.max(0, ...weighed.map(({ weight }) => weight))
  return weighed.filter(({ weight }) => weight > 0 && weight === most).map(({ rule }) => rule)
}

function holds(condition: Condition, found: string | undefined): boolean {
  const text = found?.trim().toLowerCase()
  if (text === undefined || text === '') return false
  return condition.values.some((value) => {
    const wanted = value.toLowerCase()
    switch (condition.test) {
      case 'equals':
        return text === wanted
      case 'starts-with':
        return text.startsWith(wanted)
      case 'contains':
        return text.includes(wanted)
    }
  })
}

function fieldOf(
  field: ConditionField,
  { system }: FirmwareInventory,
  component: FirmwareComponent,
): string | undefined {
  switch (field) {
    case 'system.manufacturer':
      return system.manufacturer
    case 'system.model':
      return system.model
    case 'system.boardManufacturer':
      return system.boardManufacturer
    case 'system.boardModel':
      return system.boardModel
    case 'component.name':
      return component.name
    case 'component.vendor':
      return component.vendor
    case 'component.version':
      return component.version
    case 'component.ipmiManufacturer':
      return component.ipmiManufacturer
    case 'component.ipmiProduct':
      return component.ipmiProduct
  }
}
