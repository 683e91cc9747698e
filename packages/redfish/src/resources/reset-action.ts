import { fieldOf, linkOf, listOf, pathOf, textOf, textsOf, type JsonObject } from '../loose-json.ts'

/** An action of a resource (DSP0266 §9.8), e.g. `#ComputerSystem.Reset`. */
export interface Action {
  readonly target: string
  /** What its one listed parameter may be; empty when the service does not say. */
  readonly allowed: readonly string[]
  /** Where its parameters are told instead. */
  readonly info: string | undefined
}

/** The action `name` of a resource with the values its parameter may take. */
export function actionOf(
  body: JsonObject,
  name: string,
  parameter = 'ResetType',
): Action | undefined {
  const action = fieldOf(body, 'Actions', name)
  const target = pathOf(fieldOf(action, 'target')) ?? pathOf(fieldOf(action, 'Target'))
  if (target === undefined) return undefined
  return {
    target,
    allowed: textsOf(fieldOf(action, `${parameter}@Redfish.AllowableValues`)),
    info:
      pathOf(fieldOf(action, '@Redfish.ActionInfo')) ??
      linkOf(fieldOf(action, '@Redfish.ActionInfo')),
  }
}

/** What an `ActionInfo` resource allows for `parameter`. */
export const parseActionInfo = (body: JsonObject, parameter = 'ResetType'): readonly string[] =>
  listOf(body['Parameters'])
    .filter((one) => textOf(fieldOf(one, 'Name')) === parameter)
    .flatMap((one) => textsOf(fieldOf(one, 'AllowableValues')))
