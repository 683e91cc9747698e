import { type Architecture, ARCHITECTURES, type FirmwareMode } from '@brickyard/model/architecture'
import { err, ok, type Result } from '@brickyard/std/result'
import { encodeLines, type Fields } from './wire-lines.ts'

/** What the installer saw of the sled it runs on. Texts are as the firmware gives them, '' unknown. */
export interface Inventory {
  readonly architecture: Architecture
  readonly firmwareMode: FirmwareMode
  /** Whether the firmware checked signatures in this boot. */
  readonly secureBoot: 'on' | 'off' | 'unknown'
  readonly maker: string
  readonly model: string
  readonly serial: string
  readonly uuid: string
  readonly boardSerial: string
  readonly biosVendor: string
  readonly biosVersion: string
  readonly biosDate: string
  readonly cpuModel: string
  readonly cpuCount: number
  readonly memoryBytes: number
  readonly disks: readonly DiskFacts[]
  readonly nics: readonly NicFacts[]
}

export interface DiskFacts {
  /** Device path in this boot of the installer, e.g. `/dev/nvme0n1`. */
  readonly path: string
  readonly bytes: number
  readonly sectorBytes: number
  readonly transport: 'nvme' | 'sata' | 'virtio' | 'other'
  readonly rotational: boolean
  readonly model: string
  readonly serial: string
}

export interface NicFacts {
  readonly name: string
  readonly mac: string
  readonly driver: string
  readonly link: 'up' | 'down'
}

/** More disks or NICs than this are cut off by the sled and refused here. */
export const DISKS_MAX = 64
export const NICS_MAX = 64

const SECURE_BOOT = ['on', 'off'] as const
const TRANSPORTS = ['nvme', 'sata', 'virtio', 'other'] as const

/** Writes an inventory as the data lines of an `inventory` result. */
export function encodeInventory(inventory: Inventory): string {
  const { disks, nics } = inventory
  const lines: Record<string, string | number> = {
    architecture: inventory.architecture,
    firmware: inventory.firmwareMode,
    'secure-boot': inventory.secureBoot,
    maker: inventory.maker,
    model: inventory.model,
    serial: inventory.serial,
    uuid: inventory.uuid,
    'board-serial': inventory.boardSerial,
    'bios-vendor': inventory.biosVendor,
    'bios-version': inventory.biosVersion,
    'bios-date': inventory.biosDate,
    'cpu-model': inventory.cpuModel,
    'cpu-count': inventory.cpuCount,
    'memory-bytes': inventory.memoryBytes,
    'disk.count': disks.length,
  }
  for (const [n, disk] of disks.entries()) {
    lines[`disk.${n}.path`] = disk.path
    lines[`disk.${n}.bytes`] = disk.bytes
    lines[`disk.${n}.sector-bytes`] = disk.sectorBytes
    lines[`disk.${n}.transport`] = disk.transport
    lines[`disk.${n}.rotational`] = disk.rotational ? 1 : 0
    lines[`disk.${n}.model`] = disk.model
    lines[`disk.${n}.serial`] = disk.serial
  }
  lines['nic.count'] = nics.length
  for (const [n, nic] of nics.entries()) {
    lines[`nic.${n}.name`] = nic.name
    lines[`nic.${n}.mac`] = nic.mac
    lines[`nic.${n}.driver`] = nic.driver
    lines[`nic.${n}.link`] = nic.link
  }
  return encodeLines(lines)
}

/** Reads the data of an `inventory` result. Texts may be missing; numbers and lists must be right. */
export function parseInventory(fields: Fields): Result<Inventory> {
  const text = (key: string): string => fields.get(key) ?? ''
  const architecture = ARCHITECTURES.find((a) => a === text('architecture'))
  const firmwareMode = text('firmware')
  if (architecture === undefined) return err(`architecture is '${text('architecture')}'`)
  if (firmwareMode !== 'bios' && firmwareMode !== 'uefi') {
    return err(`firmware is '${firmwareMode}'; expected bios or uefi`)
  }
  const cpuCount = countField(fields, 'cpu-count')
  const memoryBytes = countField(fields, 'memory-bytes')
  if (!cpuCount.ok) return cpuCount
  if (!memoryBytes.ok) return memoryBytes
  const disks = parseList(fields, 'disk', DISKS_MAX, parseDisk)
  if (!disks.ok) return disks
  const nics = parseList(fields, 'nic', NICS_MAX, parseNic)
  if (!nics.ok) return nics
  return ok({
    architecture,
    firmwareMode,
    secureBoot: SECURE_BOOT.find((state) => state === text('secure-boot')) ?? 'unknown',
    maker: text('maker'),
    model: text('model'),
    serial: text('serial'),
    uuid: text('uuid'),
    boardSerial: text('board-serial'),
    biosVendor: text('bios-vendor'),
    biosVersion: text('bios-version'),
    biosDate: text('bios-date'),
    cpuModel: text('cpu-model'),
    cpuCount: cpuCount.value,
    memoryBytes: memoryBytes.value,
    disks: disks.value,
    nics: nics.value,
  })
}

/** A whole number of at least 0 that a double holds exactly. */
export function countField(fields: Fields, key: string): Result<number> {
  const text = fields.get(key) ?? ''
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value)
    ? ok(value)
    : err(`${key} is '${text}'; expected a whole number`)
}

function parseList<T>(
  fields: Fields,
  stem: string,
  countMax: number,
  parseOne: (fields: Fields, stem: string) => Result<T>,
): Result<T[]> {
  const count = countField(fields, `${stem}.count`)
  if (!count.ok) return count
  if (count.value > countMax) return err(`${stem}.count is ${count.value}; at most ${countMax}`)
  const list: T[] = []
  for (let n = 0; n < count.value; n++) {
    const one = parseOne(fields, `${stem}.${n}`)
    if (!one.ok) return one
    list.push(one.value)
  }
  return ok(list)
}

function parseDisk(fields: Fields, stem: string): Result<DiskFacts> {
  const path = fields.get(`${stem}.path`) ?? ''
  if (!/^\/[A-Za-z0-9_./-]{1,200}$/.test(path)) return err(`${stem}.path is '${path}'`)
  const bytes = countField(fields, `${stem}.bytes`)
  if (!bytes.ok) return bytes
  const sectorBytes = countField(fields, `${stem}.sector-bytes`)
  if (!sectorBytes.ok) return sectorBytes
  const transportText = fields.get(`${stem}.transport`)
  return ok({
    path,
    bytes: bytes.value,
    sectorBytes: sectorBytes.value,
    transport: TRANSPORTS.find((t) => t === transportText) ?? 'other',
    rotational: fields.get(`${stem}.rotational`) === '1',
    model: fields.get(`${stem}.model`) ?? '',
    serial: fields.get(`${stem}.serial`) ?? '',
  })
}

function parseNic(fields: Fields, stem: string): Result<NicFacts> {
  const mac = fields.get(`${stem}.mac`) ?? ''
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)) return err(`${stem}.mac is '${mac}'`)
  return ok({
    name: fields.get(`${stem}.name`) ?? '',
    mac,
    driver: fields.get(`${stem}.driver`) ?? '',
    link: fields.get(`${stem}.link`) === 'up' ? 'up' : 'down',
  })
}
