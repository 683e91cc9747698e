import { biosTree } from './redfish-bios.ts'
import type { PowerState } from '@brickyard/model/operation'
import type { RedfishModel } from './redfish-model.ts'
import type { Body } from './redfish-reply.ts'
import {
  collection,
  head,
  lightOf,
  link,
  OK,
  ROOT,
  type RedfishView,
  type Tree,
} from './redfish-resource.ts'
import { secureBootTree } from './redfish-secure-boot.ts'
import { chassisTree } from './redfish-tree-chassis.ts'
import { serviceTree } from './redfish-tree-services.ts'

/** All resources of a virtual BMC by path, each made when it is asked for. */
export const redfishTree = (view: RedfishView): Tree => ({
  ...serviceTree(view),
  ...systemTree(view),
  ...chassisTree(view),
})

const BOOT_TARGETS = ['None', 'Pxe', 'Hdd', 'Cd', 'Usb', 'BiosSetup', 'UefiHttp']

/** `Boot` as the host has it; a settings resource shows what waits for the next boot. */
export function bootOf({ host }: RedfishView): Body {
  const held = host.bootOverride()
  const targets: Readonly<Record<string, string>> = {
    network: 'Pxe',
    disk: 'Hdd',
    cdrom: 'Cd',
    setup: 'BiosSetup',
  }
  return {
    BootSourceOverrideEnabled:
      held === undefined ? 'Disabled' : held.persistent ? 'Continuous' : 'Once',
    BootSourceOverrideTarget: held === undefined ? 'None' : (targets[held.device] ?? 'Usb'),
    'BootSourceOverrideTarget@Redfish.AllowableValues': BOOT_TARGETS,
    BootSourceOverrideMode: held === undefined || held.efi ? 'UEFI' : 'Legacy',
    'BootSourceOverrideMode@Redfish.AllowableValues': ['UEFI', 'Legacy'],
  }
}

/** The power as it is shown: some services show it late. */
const shownPower = ({ model, host, nowMs }: RedfishView): PowerState =>
  model.powerBefore !== undefined && nowMs < model.powerBefore.untilMs
    ? model.powerBefore.power
    : host.power()

function systemTree(view: RedfishView): Tree {
  const { model, host, faults } = view
  const { persona, identity } = model
  const path = `${ROOT}/Systems/${persona.system}`
  const manager = `${ROOT}/Managers/${persona.manager}`
  const chassis = `${ROOT}/Chassis/${persona.chassis}`
  const boot = persona.bootBySettings
    ? { ...bootOf({ ...view, host: { ...host, bootOverride: () => undefined } }) }
    : bootOf(view)
  const settings = persona.bootBySettings
    ? {
        '@Redfish.Settings': {
          '@odata.type': '#Settings.v1_3_5.Settings',
          SettingsObject: link(`${path}/SD`),
        },
      }
    : {}
  const extras = faults.sparse
    ? {}
    : {
        SystemType: 'Physical',
        PartNumber: identity.partNumber,
        AssetTag: identity.assetTag,
        SKU: identity.partNumber,
        BiosVersion: model.firmware.get('BIOS')?.version,
        HostName: '',
        PowerRestorePolicy: model.restorePolicy,
        BootProgress: { LastState: host.power() === 'on' ? 'OSRunning' : 'None' },
        ProcessorSummary: { Count: 1, Model: 'Virtual 16-core', Status: OK },
        MemorySummary: { TotalSystemMemoryGiB: 64, Status: OK },
        ...lightOf(view),
      }
  const nics = identity.macs.map((_, n) => `NIC.${n + 1}`)
  return {
    [`${ROOT}/Systems`]: () => collection(`${ROOT}/Systems`, 'ComputerSystem', [persona.system]),
    [path]: () => ({
      ...head(path, 'ComputerSystem', 'v1_20_0', 'System'),
      ...settings,
      ...extras,
      Manufacturer: identity.manufacturer,
      Model: identity.model,
      SerialNumber: identity.serial,
      UUID: identity.uuid,
      PowerState: shownPower(view) === 'on' ? 'On' : 'Off',
      Status: OK,
      Boot: boot,
      Bios: link(`${path}/Bios`),
      SecureBoot: link(`${path}/SecureBoot`),
      EthernetInterfaces: link(`${path}/EthernetInterfaces`),
      Storage: link(`${path}/Storage`),
      LogServices: link(`${path}/LogServices`),
      Links: { Chassis: [link(chassis)], ManagedBy: [link(manager)] },
      Actions: {
        '#ComputerSystem.Reset': {
          target: `${path}/Actions/ComputerSystem.Reset`,
          'ResetType@Redfish.AllowableValues': persona.resetTypes,
        },
      },
    }),
    ...(persona.bootBySettings
      ? {
          [`${path}/SD`]: () => ({
            ...head(`${path}/SD`, 'ComputerSystem', 'v1_20_0', 'Settings'),
            Boot: bootOf(view),
          }),
        }
      : {}),
    ...biosTree(path, view),
    ...secureBootTree(path, view),
    [`${path}/EthernetInterfaces`]: () =>
      collection(`${path}/EthernetInterfaces`, 'EthernetInterface', nics),
    ...Object.fromEntries(
      nics.map((id, n): [string, () => Body] => {
        const own = `${path}/EthernetInterfaces/${id}`
        const mac = identity.macs[n]
        return [
          own,
          () => ({
            ...head(own, 'EthernetInterface', 'v1_9_0', `NIC ${n + 1}`),
            MACAddress: mac,
            PermanentMACAddress: mac,
            LinkStatus: host.power() === 'on' ? 'LinkUp' : 'NoLink',
            SpeedMbps: 10_000,
            InterfaceEnabled: true,
            Status: OK,
          }),
        ]
      }),
    ),
    ...storageTree(path, identity.serial),
    ...logTree(path, model),
  }
}

const storageTree = (path: string, serial: string): Tree => ({
  [`${path}/Storage`]: () => collection(`${path}/Storage`, 'Storage', ['1']),
  [`${path}/Storage/1`]: () => ({
    ...head(`${path}/Storage/1`, 'Storage', 'v1_15_0', 'NVMe'),
    StorageControllers: [
      { MemberId: '0', Name: 'NVMe', Manufacturer: 'Brickworks', FirmwareVersion: '1.0' },
    ],
    Drives: [link(`${path}/Storage/1/Drives/1`)],
    Status: OK,
  }),
  [`${path}/Storage/1/Drives/1`]: () => ({
    ...head(`${path}/Storage/1/Drives/1`, 'Drive', 'v1_17_0', 'NVMe drive 1'),
    Manufacturer: 'Brickworks',
    Model: 'BW-NVMe',
    SerialNumber: `${serial}-D1`,
    Revision: '1.2',
    MediaType: 'SSD',
    Protocol: 'NVMe',
    CapacityBytes: 960_197_124_096,
    PredictedMediaLifeLeftPercent: 97,
    FailurePredicted: false,
    Status: OK,
  }),
})

const logTree = (path: string, model: RedfishModel): Tree => {
  const service = `${path}/LogServices/SEL`
  return {
    [`${path}/LogServices`]: () => collection(`${path}/LogServices`, 'LogService', ['SEL']),
    [service]: () => ({
      ...head(service, 'LogService', 'v1_4_0', 'System event log'),
      ServiceEnabled: true,
      LogEntryType: 'SEL',
      MaxNumberOfRecords: 512,
      OverWritePolicy: 'WrapsWhenFull',
      Entries: link(`${service}/Entries`),
      Actions: { '#LogService.ClearLog': { target: `${service}/Actions/LogService.ClearLog` } },
    }),
    [`${service}/Entries`]: () => ({
      ...collection(`${service}/Entries`, 'LogEntry', []),
      'Members@odata.count': model.log.length,
      Members: model.log.map((entry) => logEntryOf(`${service}/Entries`, entry)),
    }),
    ...Object.fromEntries(
      model.log.map((entry) => [
        `${service}/Entries/${entry.id}`,
        () => logEntryOf(`${service}/Entries`, entry),
      ]),
    ),
  }
}

const logEntryOf = (path: string, entry: RedfishModel['log'][number]): Body => ({
  ...head(`${path}/${entry.id}`, 'LogEntry', 'v1_15_0', `Log entry ${entry.id}`),
  EntryType: 'SEL',
  Created: entry.created,
  Severity: entry.severity,
  MessageId: entry.messageId,
  Message: entry.text,
})
