import type { VirtualSensor } from './redfish-model.ts'
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

const OFFLINE = { State: 'UnavailableOffline' }

/** Watts a sled takes when it runs, and when only its BMC does. */
const WATTS = { on: 212, off: 14 }
const SUPPLY_WATTS = 800

/** The chassis with its power, temperatures and cards, in the forms of its maker. */
export function chassisTree(view: RedfishView): Tree {
  const { model, faults } = view
  const { persona, identity } = model
  const path = `${ROOT}/Chassis/${persona.chassis}`
  const old = persona.forms.some((form) => form === 'old')
  const fresh = persona.forms.some((form) => form === 'new')
  const cards = identity.macs.length > 0 ? [`${model.adapterPrefix}.1`] : []
  return {
    [`${ROOT}/Chassis`]: () => collection(`${ROOT}/Chassis`, 'Chassis', [persona.chassis]),
    [path]: () => ({
      ...head(path, 'Chassis', 'v1_23_0', 'Chassis'),
      ...(faults.sparse
        ? {}
        : {
            ChassisType: 'Sled',
            PartNumber: identity.partNumber,
            AssetTag: identity.assetTag,
            PhysicalSecurity: { IntrusionSensor: 'Normal' },
            ...lightOf(view),
          }),
      Manufacturer: identity.manufacturer,
      Model: identity.model,
      SerialNumber: identity.serial,
      Status: OK,
      ...(old ? { Power: link(`${path}/Power`), Thermal: link(`${path}/Thermal`) } : {}),
      ...(fresh
        ? {
            PowerSubsystem: link(`${path}/PowerSubsystem`),
            ThermalSubsystem: link(`${path}/ThermalSubsystem`),
            EnvironmentMetrics: link(`${path}/EnvironmentMetrics`),
            Sensors: link(`${path}/Sensors`),
          }
        : {}),
      NetworkAdapters: link(`${path}/NetworkAdapters`),
      Links: {
        ComputerSystems: [link(`${ROOT}/Systems/${persona.system}`)],
        ManagedBy: [link(`${ROOT}/Managers/${persona.manager}`)],
      },
    }),
    [`${path}/NetworkAdapters`]: () =>
      collection(`${path}/NetworkAdapters`, 'NetworkAdapter', cards),
    ...Object.fromEntries(
      cards.map((id): [string, () => Body] => [
        `${path}/NetworkAdapters/${id}`,
        () => ({
          ...head(`${path}/NetworkAdapters/${id}`, 'NetworkAdapter', 'v1_9_0', 'Network adapter'),
          Manufacturer: 'Brickworks',
          Model: 'BW-25G',
          SerialNumber: `${identity.serial}-N1`,
          Controllers: [{ FirmwarePackageVersion: model.firmware.get('NIC-1')?.version }],
          Status: OK,
        }),
      ]),
    ),
    ...(old && !faults.deadOldForm ? oldForm(view, path) : {}),
    ...(fresh ? newForm(view, path) : {}),
  }
}

const watts = ({ host }: RedfishView): number => (host.power() === 'on' ? WATTS.on : WATTS.off)

/** A sensor of the host has no reading while it is off. */
const reading = ({ host }: RedfishView, sensor: VirtualSensor): number | null =>
  host.power() === 'on' || sensor.id === 'inlet' ? (sensor.value ?? null) : null

function oldForm(view: RedfishView, path: string): Tree {
  const { sensors, powerLimitWatts, identity } = view.model
  const { zeroIsNone } = view.model.persona
  const none = zeroIsNone ? 0 : null
  const of = (kind: VirtualSensor['kind'], name: string): readonly Body[] =>
    sensors
      .filter((one) => one.kind === kind)
      .map((one, n) => ({
        MemberId: String(n),
        Name: one.name,
        [name]: reading(view, one) ?? none,
        ...(kind === 'Rotational' ? { ReadingUnits: 'RPM' } : {}),
        UpperThresholdCritical: one.upperCritical ?? none,
        Status: reading(view, one) === null && zeroIsNone ? OFFLINE : OK,
      }))
  return {
    [`${path}/Thermal`]: () => ({
      ...head(`${path}/Thermal`, 'Thermal', 'v1_7_0', 'Thermal'),
      Temperatures: of('Temperature', 'ReadingCelsius'),
      Fans: of('Rotational', 'Reading'),
    }),
    [`${path}/Power`]: () => ({
      ...head(`${path}/Power`, 'Power', 'v1_7_0', 'Power'),
      PowerControl: [
        {
          MemberId: '0',
          Name: 'System Power Control',
          PowerConsumedWatts: watts(view),
          PowerCapacityWatts: SUPPLY_WATTS,
          PowerLimit: {
            LimitInWatts: powerLimitWatts,
            LimitException: powerLimitWatts === null ? 'NoAction' : 'HardPowerOff',
          },
        },
      ],
      Voltages: of('Voltage', 'ReadingVolts'),
      PowerSupplies: [
        {
          MemberId: '0',
          Name: 'PSU 1',
          Model: 'BW-800',
          SerialNumber: `${identity.serial}-P1`,
          PowerCapacityWatts: SUPPLY_WATTS,
          LineInputVoltage: 48,
          Status: OK,
        },
      ],
    }),
  }
}

function newForm(view: RedfishView, path: string): Tree {
  const { sensors, powerLimitWatts, identity } = view.model
  const supply = `${path}/PowerSubsystem/PowerSupplies/1`
  return {
    [`${path}/Sensors`]: () =>
      collection(
        `${path}/Sensors`,
        'Sensor',
        sensors.map(({ id }) => id),
      ),
    ...Object.fromEntries(
      sensors.map((one): [string, () => Body] => [
        `${path}/Sensors/${one.id}`,
        () => ({
          ...head(`${path}/Sensors/${one.id}`, 'Sensor', 'v1_7_0', one.name),
          ReadingType: one.kind,
          Reading: reading(view, one),
          ReadingUnits: one.unit,
          ...(one.upperCritical === undefined
            ? {}
            : { Thresholds: { UpperCritical: { Reading: one.upperCritical } } }),
          Status: OK,
        }),
      ]),
    ),
    [`${path}/EnvironmentMetrics`]: () => ({
      ...head(`${path}/EnvironmentMetrics`, 'EnvironmentMetrics', 'v1_3_0', 'Environment'),
      PowerWatts: { Reading: watts(view) },
      TemperatureCelsius: { Reading: 24 },
      PowerLimitWatts: {
        SetPoint: powerLimitWatts,
        AllowableMin: 100,
        AllowableMax: SUPPLY_WATTS,
        ControlMode: powerLimitWatts === null ? 'Disabled' : 'Automatic',
      },
    }),
    [`${path}/ThermalSubsystem`]: () => ({
      ...head(`${path}/ThermalSubsystem`, 'ThermalSubsystem', 'v1_2_0', 'Thermal subsystem'),
      Status: OK,
    }),
    [`${path}/PowerSubsystem`]: () => ({
      ...head(`${path}/PowerSubsystem`, 'PowerSubsystem', 'v1_1_0', 'Power subsystem'),
      CapacityWatts: SUPPLY_WATTS,
      PowerSupplies: link(`${path}/PowerSubsystem/PowerSupplies`),
      Status: OK,
    }),
    [`${path}/PowerSubsystem/PowerSupplies`]: () =>
      collection(`${path}/PowerSubsystem/PowerSupplies`, 'PowerSupply', ['1']),
    [supply]: () => ({
      ...head(supply, 'PowerSupply', 'v1_5_0', 'PSU 1'),
      Model: 'BW-800',
      SerialNumber: `${identity.serial}-P1`,
      PowerCapacityWatts: SUPPLY_WATTS,
      Status: OK,
    }),
  }
}
