import type { JsonObject } from './loose-json.ts'
import { parseAccount, parseAccountService } from './resources/account.ts'
import { parseBios } from './resources/bios.ts'
import { parseChassis } from './resources/chassis.ts'
import { parseComponentIntegrity } from './resources/component-integrity.ts'
import { parseEnvironmentMetrics } from './resources/environment-metrics.ts'
import { parseEvent, parseEventService } from './resources/event.ts'
import { parseEthernetInterface } from './resources/ethernet-interface.ts'
import { parseLogEntry, parseLogService } from './resources/log.ts'
import { parseNetworkAdapter } from './resources/network-adapter.ts'
import { parsePowerSubsystem, parsePowerSupply } from './resources/power-subsystem.ts'
import { parsePower } from './resources/power.ts'
import { parseSecureBoot } from './resources/secure-boot.ts'
import { parseSensor } from './resources/sensor.ts'
import { parseManager } from './resources/service-manager.ts'
import { parseServiceRoot } from './resources/service-root.ts'
import { parseDrive, parseStorage } from './resources/storage.ts'
import { parseSystem } from './resources/system.ts'
import { parseTask } from './resources/task.ts'
import {
  parseFan,
  parseThermalMetrics,
  parseThermalSubsystem,
} from './resources/thermal-subsystem.ts'
import { parseThermal } from './resources/thermal.ts'
import { parseSoftwareInventory, parseUpdateService } from './resources/update-service.ts'
import { parseVirtualMedia } from './resources/virtual-media.ts'

/** Every parser under the schema name of what it reads: for tests that hold all of them to a rule. */
export const PARSERS: Readonly<Record<string, (body: JsonObject) => unknown>> = {
  AccountService: parseAccountService,
  Bios: parseBios,
  Event: parseEvent,
  EventService: parseEventService,
  Chassis: parseChassis,
  ComponentIntegrity: parseComponentIntegrity,
  ComputerSystem: parseSystem,
  Drive: parseDrive,
  EnvironmentMetrics: parseEnvironmentMetrics,
  EthernetInterface: parseEthernetInterface,
  Fan: parseFan,
  LogEntry: parseLogEntry,
  LogService: parseLogService,
  Manager: parseManager,
  ManagerAccount: parseAccount,
  NetworkAdapter: parseNetworkAdapter,
  Power: parsePower,
  PowerSubsystem: parsePowerSubsystem,
  PowerSupply: parsePowerSupply,
  SecureBoot: parseSecureBoot,
  Sensor: parseSensor,
  ServiceRoot: parseServiceRoot,
  SoftwareInventory: parseSoftwareInventory,
  Storage: parseStorage,
  Task: parseTask,
  Thermal: parseThermal,
  ThermalMetrics: parseThermalMetrics,
  ThermalSubsystem: parseThermalSubsystem,
  UpdateService: parseUpdateService,
  VirtualMedia: parseVirtualMedia,
}
