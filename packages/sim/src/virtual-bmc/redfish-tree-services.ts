import { MiB } from '@brickyard/std/units'
import type { Body } from './redfish-reply.ts'
import {
  collection,
  head,
  link,
  OK,
  ROOT,
  type RedfishView,
  type Tree,
} from './redfish-resource.ts'
import { shownFirmwareId, taskOf } from './redfish-update.ts'

/** Where events come as a stream. */
export const EVENT_STREAM = `${ROOT}/EventService/SSE`
/** Images that are sent may be so long. */
export const IMAGE_BYTES_MAX = MiB(16)

/** The service root, the manager, and what belongs to the BMC rather than the sled. */
export const serviceTree = (view: RedfishView): Tree => ({
  [ROOT]: () => rootOf(view),
  ...managerTree(view),
  ...sessionTree(view),
  ...accountTree(view),
  ...updateTree(view),
  ...taskTree(view),
  [`${ROOT}/EventService`]: () => eventServiceOf(view),
  [`${ROOT}/Registries`]: () => collection(`${ROOT}/Registries`, 'MessageRegistryFile', []),
  [`${ROOT}/JsonSchemas`]: () => collection(`${ROOT}/JsonSchemas`, 'JsonSchemaFile', []),
  [`${ROOT}/ComponentIntegrity`]: () =>
    collection(`${ROOT}/ComponentIntegrity`, 'ComponentIntegrity', ['TPM-1']),
  [`${ROOT}/ComponentIntegrity/TPM-1`]: () => ({
    ...head(`${ROOT}/ComponentIntegrity/TPM-1`, 'ComponentIntegrity', 'v1_2_1', 'TPM'),
    ComponentIntegrityType: 'TPM',
    ComponentIntegrityTypeVersion: '2.0',
    ComponentIntegrityEnabled: true,
    TargetComponentURI: `${ROOT}/Systems/${view.model.persona.system}`,
    Status: OK,
  }),
})

const eventServiceOf = ({ model }: RedfishView): Body => ({
  ...head(`${ROOT}/EventService`, 'EventService', 'v1_10_0', 'Event Service'),
  ServiceEnabled: true,
  ...(model.persona.streamsEvents ? { ServerSentEventUri: EVENT_STREAM } : {}),
})

function rootOf({ model, faults }: RedfishView): Body {
  const { persona, identity } = model
  return {
    '@odata.id': `${ROOT}/`,
    '@odata.type': '#ServiceRoot.v1_15_0.ServiceRoot',
    Id: 'RootService',
    Name: 'Root Service',
    RedfishVersion: '1.15.0',
    UUID: identity.uuid,
    ...(persona.vendor === undefined || faults.sparse ? {} : { Vendor: persona.vendor }),
    ...(faults.sparse ? {} : { Product: persona.product }),
    ...(persona.expandsMembers
      ? { ProtocolFeaturesSupported: { ExpandQuery: { NoLinks: true, MaxLevels: 2 } } }
      : {}),
    ...(persona.oem === undefined ? {} : { Oem: { [persona.oem]: {} } }),
    Systems: link(`${ROOT}/Systems`),
    Chassis: link(`${ROOT}/Chassis`),
    Managers: link(`${ROOT}/Managers`),
    Tasks: link(`${ROOT}/TaskService`),
    AccountService: link(`${ROOT}/AccountService`),
    UpdateService: link(`${ROOT}/UpdateService`),
    EventService: link(`${ROOT}/EventService`),
    Registries: link(`${ROOT}/Registries`),
    JsonSchemas: link(`${ROOT}/JsonSchemas`),
    ComponentIntegrity: link(`${ROOT}/ComponentIntegrity`),
    ...(faults.noSessions
      ? {}
      : {
          SessionService: link(`${ROOT}/SessionService`),
          Links: { Sessions: link(`${ROOT}/SessionService/Sessions`) },
        }),
  }
}

function managerTree({ model, faults, wallMs }: RedfishView): Tree {
  const { persona, identity } = model
  const path = `${ROOT}/Managers/${persona.manager}`
  const media = `${path}/VirtualMedia/CD1`
  return {
    [`${ROOT}/Managers`]: () => collection(`${ROOT}/Managers`, 'Manager', [persona.manager]),
    [path]: () => ({
      ...head(path, 'Manager', 'v1_17_0', 'Manager'),
      ManagerType: 'BMC',
      Model: persona.product,
      ...(persona.vendor === undefined ? {} : { Manufacturer: persona.vendor }),
      FirmwareVersion: model.firmware.get('BMC')?.version,
      DateTime: new Date(wallMs).toISOString(),
      ...(persona.tellsRestart ? { LastResetTime: new Date(model.lastResetMs).toISOString() } : {}),
      UUID: identity.uuid,
      PowerState: 'On',
      Status: OK,
      EthernetInterfaces: link(`${path}/EthernetInterfaces`),
      NetworkProtocol: link(`${path}/NetworkProtocol`),
      VirtualMedia: link(`${path}/VirtualMedia`),
      SerialConsole: {
        ServiceEnabled: true,
        MaxConcurrentSessions: 1,
        ConnectTypesSupported: ['IPMI'],
      },
      Links: {
        ManagerForServers: [link(`${ROOT}/Systems/${persona.system}`)],
        ManagerForChassis: [link(`${ROOT}/Chassis/${persona.chassis}`)],
      },
      Actions: {
        '#Manager.Reset': {
          target: `${path}/Actions/Manager.Reset`,
          ...(persona.managerResets.length === 0
            ? {}
            : { 'ResetType@Redfish.AllowableValues': persona.managerResets }),
        },
      },
    }),
    [`${path}/NetworkProtocol`]: () => ({
      ...head(`${path}/NetworkProtocol`, 'ManagerNetworkProtocol', 'v1_9_0', 'Protocols'),
      HTTPS: { ProtocolEnabled: true, Port: 443 },
      IPMI: { ProtocolEnabled: true, Port: 623 },
    }),
    [`${path}/EthernetInterfaces`]: () =>
      collection(`${path}/EthernetInterfaces`, 'EthernetInterface', ['1']),
    [`${path}/EthernetInterfaces/1`]: () => ({
      ...head(`${path}/EthernetInterfaces/1`, 'EthernetInterface', 'v1_9_0', 'BMC port'),
      MACAddress: identity.bmcMac,
      IPv4Addresses: [{ Address: identity.bmcAddress, AddressOrigin: 'DHCP' }],
      DHCPv4: { DHCPEnabled: true },
      Status: OK,
    }),
    [`${path}/VirtualMedia`]: () => collection(`${path}/VirtualMedia`, 'VirtualMedia', ['CD1']),
    [media]: () => ({
      ...head(media, 'VirtualMedia', 'v1_6_0', 'Virtual CD'),
      MediaTypes: ['CD', 'DVD'],
      Image: model.media?.image ?? null,
      ImageName: model.media?.image.split('/').at(-1) ?? null,
      Inserted: model.media !== undefined,
      WriteProtected: model.media?.writeProtected ?? true,
      ConnectedVia: model.media === undefined ? 'NotConnected' : 'URI',
      ...(faults.mediaByProperty
        ? {}
        : {
            Actions: {
              '#VirtualMedia.InsertMedia': { target: `${media}/Actions/VirtualMedia.InsertMedia` },
              '#VirtualMedia.EjectMedia': { target: `${media}/Actions/VirtualMedia.EjectMedia` },
            },
          }),
    }),
  }
}

function sessionTree({ faults, sessions }: RedfishView): Tree {
  if (faults.noSessions) return {}
  const path = `${ROOT}/SessionService`
  return {
    [path]: () => ({
      ...head(path, 'SessionService', 'v1_1_8', 'Session Service'),
      ServiceEnabled: true,
      SessionTimeout: 1800,
      Sessions: link(`${path}/Sessions`),
    }),
    [`${path}/Sessions`]: () =>
      collection(
        `${path}/Sessions`,
        'Session',
        sessions.map(({ id }) => id),
      ),
    ...Object.fromEntries(
      sessions.map(({ id, user }): [string, () => Body] => [
        `${path}/Sessions/${id}`,
        () => ({
          ...head(`${path}/Sessions/${id}`, 'Session', 'v1_6_0', 'Session'),
          UserName: user,
        }),
      ]),
    ),
  }
}

function accountTree({ model }: RedfishView): Tree {
  const path = `${ROOT}/AccountService`
  const roles = ['Administrator', 'Operator', 'ReadOnly']
  return {
    [path]: () => ({
      ...head(path, 'AccountService', 'v1_13_0', 'Account Service'),
      ServiceEnabled: true,
      MinPasswordLength: 8,
      MaxPasswordLength: 40,
      Accounts: link(`${path}/Accounts`),
      Roles: link(`${path}/Roles`),
    }),
    [`${path}/Accounts`]: () =>
      collection(`${path}/Accounts`, 'ManagerAccount', [...model.accounts.keys()]),
    ...Object.fromEntries(
      [...model.accounts.values()].map((account): [string, () => Body] => {
        const own = `${path}/Accounts/${account.id}`
        return [
          own,
          () => ({
            ...head(own, 'ManagerAccount', 'v1_10_0', 'User Account'),
            UserName: account.name,
            Password: null,
            RoleId: account.role,
            Enabled: account.enabled,
            Locked: false,
            PasswordChangeRequired: account.mustChange,
            Links: { Role: link(`${path}/Roles/${account.role}`) },
          }),
        ]
      }),
    ),
    [`${path}/Roles`]: () => collection(`${path}/Roles`, 'Role', roles),
    ...Object.fromEntries(
      roles.map((role): [string, () => Body] => [
        `${path}/Roles/${role}`,
        () => ({ ...head(`${path}/Roles/${role}`, 'Role', 'v1_3_1', role), IsPredefined: true }),
      ]),
    ),
  }
}

function updateTree({ model, faults, nowMs }: RedfishView): Tree {
  const { push, simpleUpdate } = model.persona
  const path = `${ROOT}/UpdateService`
  return {
    [path]: () => ({
      ...head(path, 'UpdateService', 'v1_11_3', 'Update Service'),
      ServiceEnabled: true,
      ...(faults.listsNoFirmware ? {} : { FirmwareInventory: link(`${path}/FirmwareInventory`) }),
      ...(push.multipart === undefined ? {} : { MultipartHttpPushUri: push.multipart }),
      ...(push.plain === undefined ? {} : { HttpPushUri: push.plain }),
      ...(push.times.length === 0
        ? {}
        : {
            'MultipartHttpPushUri@Redfish.OperationApplyTimeSupport': {
              SupportedValues: push.times,
            },
          }),
      ...(push.claimed
        ? { HttpPushUriTargets: [], HttpPushUriTargetsBusy: model.pushClaimed }
        : {}),
      MaxImageSizeBytes: IMAGE_BYTES_MAX,
      Actions: {
        '#UpdateService.SimpleUpdate': {
          target: `${path}/Actions/UpdateService.SimpleUpdate`,
          'TransferProtocol@Redfish.AllowableValues': simpleUpdate,
        },
        ...(push.times.includes('OnStartUpdateRequest')
          ? {
              '#UpdateService.StartUpdate': { target: `${path}/Actions/UpdateService.StartUpdate` },
            }
          : {}),
      },
      Status: OK,
    }),
    [`${path}/FirmwareInventory`]: () =>
      collection(
        `${path}/FirmwareInventory`,
        'SoftwareInventory',
        [...model.firmware.keys()].map((id) => shownFirmwareId(model, id)),
      ),
    ...Object.fromEntries(
      [...model.firmware.values()].map(({ id, name, version, older }): [string, () => Body] => [
        `${path}/FirmwareInventory/${shownFirmwareId(model, id)}`,
        () => ({
          ...head(
            `${path}/FirmwareInventory/${shownFirmwareId(model, id)}`,
            'SoftwareInventory',
            'v1_10_0',
            model.persona.firmwareNames?.[id] ?? name,
          ),
          Version: older !== undefined && nowMs < older.untilMs ? older.version : version,
          Updateable: true,
          Status: OK,
        }),
      ]),
    ),
  }
}

function taskTree({ model, nowMs }: RedfishView): Tree {
  const path = `${ROOT}/TaskService`
  const found = [...model.tasks.values()].filter(({ visibleFromMs }) => visibleFromMs <= nowMs)
  return {
    [path]: () => ({
      ...head(path, 'TaskService', 'v1_2_0', 'Task Service'),
      ServiceEnabled: true,
      Tasks: link(`${path}/Tasks`),
    }),
    [`${path}/Tasks`]: () =>
      collection(
        `${path}/Tasks`,
        'Task',
        found.map(({ id }) => id),
      ),
    ...Object.fromEntries(
      found.map((task): [string, () => Body] => [`${path}/Tasks/${task.id}`, () => taskOf(task)]),
    ),
  }
}
