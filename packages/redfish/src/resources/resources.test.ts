import { describe, expect, it } from 'vitest'
import { parseBios, pendingChanges } from './bios.ts'
import { parseBoot } from './boot.ts'
import { parseChassis } from './chassis.ts'
import { parseEnvironmentMetrics } from './environment-metrics.ts'
import { parseEthernetInterface } from './ethernet-interface.ts'
import { parseLogEntry, parseLogService } from './log.ts'
import { parsePowerSubsystem } from './power-subsystem.ts'
import { parsePower } from './power.ts'
import { actionOf, parseActionInfo } from './reset-action.ts'
import { parseSensor } from './sensor.ts'
import { parseServiceRoot } from './service-root.ts'
import { statusOf } from './status.ts'
import { parseSystem } from './system.ts'
import { parseTask } from './task.ts'
import { parseFan, parseThermalMetrics } from './thermal-subsystem.ts'
import { parseThermal } from './thermal.ts'

/** The forms that services in the field give, beside the ones of the newest schema. */

describe('what is not there', () => {
  it('is undefined, and no field makes a resource unreadable', () => {
    expect(parseChassis({ Id: '1' })).toMatchObject({
      id: '1',
      chassisType: undefined,
      systems: [],
    })
    expect(parseSystem({ Boot: 'none', Actions: null, Links: [] })).toMatchObject({
      boot: undefined,
      reset: undefined,
      chassis: [],
    })
    expect(statusOf({})).toEqual({ health: undefined, state: undefined })
    expect(statusOf({ Status: { HealthRollup: 'WARNING' } }).health).toBe('warning')
    expect(statusOf({ Status: { Health: 'Splendid' } }).health).toBeUndefined()
  })

  it('includes empty texts and wrong types; links stay on the host that was asked', () => {
    const system = parseSystem({
      SerialNumber: '  ',
      Model: 7,
      UUID: null,
      Bios: { '@odata.id': '//evil/x' },
      SecureBoot: { '@odata.id': 'https://10.0.0.9/redfish/v1/SB' },
    })
    expect(system).toMatchObject({ serial: undefined, model: undefined, bios: '/evil/x' })
    expect(system.secureBoot).toBe('/redfish/v1/SB')
  })
})

describe('readings', () => {
  it('in the oldest form: other names, per cent, numbers as texts, absent parts left out', () => {
    const readings = parseThermal({
      Temperatures: [
        { Name: 'Inlet', ReadingCelsius: '21.5', UpperThresholdCritical: 42 },
        { Name: 'Slot 9', ReadingCelsius: 0, Status: { State: 'Absent' } },
      ],
      Fans: [
        { FanName: 'Fan 1', CurrentReading: 32, Units: 'Percent' },
        { MemberId: '1', ReadingRPM: 5000 },
        { Name: 'Fan 3', Reading: null, ReadingUnits: 'RPM' },
      ],
    })
    expect(readings.map(({ name, value, unit }) => [name, value, unit])).toEqual([
      ['Inlet', 21.5, 'Cel'],
      ['Fan 1', 32, '%'],
      ['1', 5000, 'RPM'],
      ['Fan 3', undefined, 'RPM'],
    ])
    expect(readings[0]?.thresholds.upperCritical).toBe(42)
  })

  it('in the new form', () => {
    expect(
      parseSensor({
        Name: 'CPU',
        ReadingType: 'Temperature',
        Reading: 55.5,
        ReadingUnits: 'Cel',
        Thresholds: { UpperCaution: { Reading: 80 }, LowerFatal: { Reading: -5 } },
      }),
    ).toMatchObject({
      kind: 'temperature',
      value: 55.5,
      thresholds: { upperWarning: 80, lowerFatal: -5, upperCritical: undefined },
    })
    expect(parseSensor({ ReadingType: 'constructor' }).kind).toBe('other')
    expect(parseFan({ Name: 'F', SpeedPercent: { Reading: 40 } })).toMatchObject({
      value: 40,
      unit: '%',
    })
    expect(parseFan({ SpeedPercent: { Reading: 40, SpeedRPM: 6000 } })).toMatchObject({
      value: 6000,
      unit: 'RPM',
    })
    const metrics = parseThermalMetrics({
      TemperatureReadingsCelsius: [{ DataSourceUri: '/redfish/v1/S/t1', Reading: 30 }],
    })
    expect(metrics).toMatchObject([{ name: 't1', value: 30 }])
  })

  it('of power, with a limit that is none, unknown or set', () => {
    const control = (one: object) => parsePower({ PowerControl: [one] }).control
    expect(control({ PowerLimit: { LimitInWatts: null } })?.limitWatts).toBeNull()
    expect(control({})?.limitWatts).toBeUndefined()
    expect(control({ PowerConsumedWatts: 300, PowerLimit: { LimitInWatts: 500 } })).toMatchObject({
      consumedWatts: 300,
      limitWatts: 500,
    })
    expect(
      parseEnvironmentMetrics({
        PowerWatts: { Reading: 210 },
        PowerLimitWatts: { SetPoint: 400, ControlMode: 'Automatic' },
      }),
    ).toMatchObject({ powerWatts: 210, powerLimit: { setPointWatts: 400 } })
  })

  it('of redundancy: unknown is not full', () => {
    const group = (Health: string | undefined, Mode = 'N+m') => ({ Mode, Status: { Health } })
    expect(parsePower({}).redundancy).toBe('unknown')
    expect(parsePower({ Redundancy: [group('OK')] }).redundancy).toBe('full')
    expect(parsePower({ Redundancy: [group('OK'), group('Critical')] }).redundancy).toBe('lost')
    expect(parsePower({ Redundancy: [group(undefined)] }).redundancy).toBe('unknown')
    expect(
      parsePowerSubsystem({ PowerSupplyRedundancy: [{ RedundancyType: 'NotRedundant' }] })
        .redundancy,
    ).toBe('none')
  })
})

describe('actions and settings', () => {
  it('tell what they take in the action itself, or elsewhere', () => {
    const action = (one: object) =>
      actionOf({ Actions: { '#ComputerSystem.Reset': one } }, '#ComputerSystem.Reset')
    expect(
      action({ target: '/r', 'ResetType@Redfish.AllowableValues': ['On', 3, 'ForceOff'] }),
    ).toEqual({ target: '/r', allowed: ['On', 'ForceOff'], info: undefined })
    expect(action({ target: '/r', '@Redfish.ActionInfo': '/info' })?.info).toBe('/info')
    expect(action({ target: 'http://' })).toBeUndefined()
    expect(
      parseActionInfo({ Parameters: [{ Name: 'ResetType', AllowableValues: ['On'] }] }),
    ).toEqual(['On'])
  })

  it('of a boot: words in any case, unknown ones unknown', () => {
    expect(
      parseBoot({
        Boot: {
          BootSourceOverrideEnabled: 'once',
          BootSourceOverrideTarget: 'Pxe',
          BootSourceOverrideMode: 'Neither',
        },
      }),
    ).toMatchObject({ enabled: 'Once', target: 'Pxe', mode: undefined })
  })

  it('of a BIOS that wait for the next boot', () => {
    const now = parseBios({ Attributes: { A: 'x', B: 1, C: { odd: true } } })
    const pending = parseBios({ Attributes: { A: 'y', B: 1 } })
    expect(now.attributes).toEqual({ A: 'x', B: 1 })
    expect(pendingChanges(now, pending)).toEqual({ A: 'y' })
  })
})

describe('logs', () => {
  it('in the first form and the latest', () => {
    expect(
      parseLogEntry({
        Id: '4',
        Created: '2020-01-01T00:00:00Z',
        EventTimestamp: '2026-11-21T05:00:00Z',
        Severity: 'critical',
        SensorType: [{ Member: 'Temperature' }],
        EntryCode: [{ Member: 'Assert' }],
        MessageID: 'Base.1.0.Lost',
        Message: 'Lost %1',
        MessageArgs: ['power'],
      }),
    ).toMatchObject({
      created: '2026-11-21T05:00:00Z',
      severity: 'critical',
      entryCode: 'Assert',
      message: { key: 'Lost', args: ['power'] },
    })
    expect(parseLogService({ Id: 'IML', MaxNumberOfRecords: '512' }).recordsMax).toBe(512)
  })
})

describe('tasks', () => {
  it('that complete with a critical status have failed; a word nobody knows is no end', () => {
    expect(parseTask({ TaskState: 'Completed', TaskStatus: 'Critical' }).phase).toBe('failed')
    expect(parseTask({ TaskState: 'Completed', TaskStatus: 'OK' }).phase).toBe('completed')
    expect(parseTask({ TaskState: 'New' }).phase).toBe('running')
    expect(parseTask({ TaskState: 'Asleep' }).phase).toBe('unknown')
    expect(parseTask({}).phase).toBe('unknown')
  })
})

describe('ports and roots', () => {
  it('take the address burnt in before the one in use', () => {
    expect(
      parseEthernetInterface({
        MACAddress: '02-00-00-00-00-02',
        PermanentMACAddress: '02:00:00:00:00:01',
        VLAN: { VLANEnable: true, VLANId: 7 },
        IPv4Addresses: [{ Address: '10.0.0.9' }, {}],
      }),
    ).toMatchObject({ mac: '02:00:00:00:00:01', vlan: 7, ipv4: ['10.0.0.9'] })
    expect(parseEthernetInterface({ MACAddress: 'N/A' }).mac).toBeUndefined()
  })

  it('name what a service can do', () => {
    expect(
      parseServiceRoot({
        Oem: { Hpe: {} },
        Systems: { '@odata.id': '/redfish/v1/Systems' },
        ProtocolFeaturesSupported: { ExpandQuery: { NoLinks: true } },
      }),
    ).toMatchObject({ oem: ['Hpe'], systems: '/redfish/v1/Systems', expandsMembers: true })
  })
})

describe('what is no reading', () => {
  it('is a 0 of a part that measures nothing, and a limit of 0 or -1', () => {
    const offline = { State: 'UnavailableOffline' }
    const [cold, hot, fan] = parseThermal({
      Temperatures: [
        { Name: 'HD Max', ReadingCelsius: 0, Status: offline, UpperThresholdCritical: 72 },
        {
          Name: 'SFP+',
          ReadingCelsius: 0,
          Status: { State: 'Enabled', Health: 'OK' },
          UpperThresholdCritical: -1,
          LowerThresholdCritical: -5,
        },
      ],
      Fans: [{ Name: 'Fan', Reading: 900, UpperThresholdFatal: 0, LowerThresholdFatal: 0 }],
    })
    expect(cold).toMatchObject({ value: undefined, thresholds: { upperCritical: 72 } })
    expect(hot).toMatchObject({
      value: 0,
      thresholds: { upperCritical: undefined, lowerCritical: -5 },
    })
    expect(fan?.thresholds).toMatchObject({ upperFatal: undefined, lowerFatal: undefined })
  })
})
