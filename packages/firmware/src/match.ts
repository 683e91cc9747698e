/** Which rule of the catalogue a component belongs to. */
import type { Condition, ConditionField, Rule } from './catalogue.ts'
import type { FirmwareComponent, FirmwareInventory } from './inventory.ts'

const WEIGHT: Readonly<Record<Condition['test'], number>> = {
  equals: 4,
  'starts-with': 2,
  contains: 1,
}

/** How narrow a rule is; of two that match, the narrower is right. */
export const specificity = (rule: Rule): number =>
  rule.match.reduce((sum, { test }) => sum + WEIGHT[test], 0)

/** True when every condition of the rule holds for the component. */
export const ruleMatches = (
  rule: Rule,
  inventory: FirmwareInventory,
  component: FirmwareComponent,
): boolean =>
  rule.component === component.kind &&
  rule.match.every((condition) => holds(condition, fieldOf(condition.field, inventory, component)))

/** The narrowest rules that match: none, one, or several that the catalogue fails to tell apart. */
export function matchRules(
  rules: readonly Rule[],
  inventory: FirmwareInventory,
  component: FirmwareComponent,
): readonly Rule[] {
  const matching = rules.filter((rule) => ruleMatches(rule, inventory, component))
  const most = Math.max(...matching.map(specificity))
  return matching.filter((rule) => specificity(rule) === most)
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
