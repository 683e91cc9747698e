import { booleanOf, fieldOf, linkOf, objectOf, textOf, type JsonObject } from '../loose-json.ts'

/** `ServiceRoot`: where everything is. A link is undefined when the service has no such part. */
export interface ServiceRoot {
  readonly redfishVersion: string | undefined
  readonly uuid: string | undefined
  readonly name: string | undefined
  /** Who made the service, which may be another than who made the chassis. */
  readonly vendor: string | undefined
  readonly product: string | undefined
  /** Names under `Oem`: often the only sign of the maker. */
  readonly oem: readonly string[]
  readonly systems: string | undefined
  readonly chassis: string | undefined
  readonly managers: string | undefined
  readonly sessions: string | undefined
  readonly accountService: string | undefined
  readonly updateService: string | undefined
  readonly eventService: string | undefined
  readonly tasks: string | undefined
  readonly registries: string | undefined
  readonly componentIntegrity: string | undefined
  /** Whether a collection may be asked for with its members in it (`$expand=.`). */
  readonly expandsMembers: boolean
}

export const parseServiceRoot = (body: JsonObject): ServiceRoot => ({
  redfishVersion: textOf(body['RedfishVersion']),
  uuid: textOf(body['UUID']),
  name: textOf(body['Name']),
  vendor: textOf(body['Vendor']),
  product: textOf(body['Product']),
  oem: Object.keys(objectOf(body['Oem'])).slice(0, 16),
  systems: linkOf(body['Systems']),
  chassis: linkOf(body['Chassis']),
  managers: linkOf(body['Managers']),
  sessions: linkOf(fieldOf(body, 'Links', 'Sessions')),
  accountService: linkOf(body['AccountService']),
  updateService: linkOf(body['UpdateService']),
  eventService: linkOf(body['EventService']),
  tasks: linkOf(fieldOf(body, 'Tasks')),
  registries: linkOf(body['Registries']),
  componentIntegrity: linkOf(body['ComponentIntegrity']),
  expandsMembers:
    booleanOf(fieldOf(body, 'ProtocolFeaturesSupported', 'ExpandQuery', 'NoLinks')) ?? false,
})
