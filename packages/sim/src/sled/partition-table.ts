import { crc32 } from 'node:zlib'
import type { SledDisk } from './sled-disk.ts'

/**
 * GUID partition tables (UEFI 2.10 §5.3), as far as the simulated installer and firmware need them:
 * read, add a partition at the end of the disk, write with the backup where it belongs.
 */
export interface PartitionTable {
  readonly diskGuid: Uint8Array
  readonly partitions: readonly Partition[]
}

export interface Partition {
  /** Place in the table, counted from 1 as device names do. */
  readonly number: number
  readonly typeGuid: Uint8Array
  readonly guid: Uint8Array
  readonly firstSector: number
  readonly lastSector: number
  readonly name: string
}

const SIGNATURE = 'EFI PART'
const HEADER_BYTES = 92
const ENTRY_BYTES = 128
const ENTRIES = 128
const NAME_BYTES = 72
/** Sectors of a table besides its header. */
const entrySectors = (sectorBytes: number): number => (ENTRIES * ENTRY_BYTES) / sectorBytes

/** Basic data, EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, in the order of the wire. */
export const BASIC_DATA_TYPE = Uint8Array.from(
  Buffer.from('a2a0d0ebe5b9334487c068b6b72699c7', 'hex'),
)
/** Linux file system, 0FC63DAF-8483-4772-8E79-3D69D8477DE4. */
export const LINUX_TYPE = Uint8Array.from(Buffer.from('af3dc60f838472478e793d69d8477de4', 'hex'))

/** Reads the primary table; undefined when there is none, or it is damaged. */
export function readPartitionTable(disk: SledDisk): PartitionTable | undefined {
  const { sectorBytes } = disk.facts
  const header = Buffer.from(disk.read(sectorBytes, sectorBytes + HEADER_BYTES))
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, 8) !== SIGNATURE)
    return undefined
  const sum = header.readUInt32LE(16)
  header.writeUInt32LE(0, 16)
  if (crc32(header) !== sum) return undefined
  const at = Number(header.readBigUInt64LE(72)) * sectorBytes
  const entries = Buffer.from(disk.read(at, at + ENTRIES * ENTRY_BYTES))
  if (crc32(entries) !== header.readUInt32LE(88)) return undefined
  const partitions: Partition[] = []
  for (let n = 0; n < ENTRIES; n++) {
    const entry = entries.subarray(n * ENTRY_BYTES, (n + 1) * ENTRY_BYTES)
    if (entry.subarray(0, 16).every((byte) => byte === 0)) continue
    partitions.push({
      number: n + 1,
      typeGuid: Uint8Array.from(entry.subarray(0, 16)),
      guid: Uint8Array.from(entry.subarray(16, 32)),
      firstSector: Number(entry.readBigUInt64LE(32)),
      lastSector: Number(entry.readBigUInt64LE(40)),
      name: entry.toString('utf16le', 56, 56 + NAME_BYTES).replace(/\0.*$/s, ''),
    })
  }
  return { diskGuid: Uint8Array.from(header.subarray(56, 72)), partitions }
}

/** Writes protective MBR, primary table and, at the disk's end, the backup. False when the disk refuses. */
export function writePartitionTable(disk: SledDisk, table: PartitionTable): boolean {
  const { sectorBytes, bytes } = disk.facts
  const last = bytes / sectorBytes - 1
  const entries = encodeEntries(table.partitions)
  const span = entrySectors(sectorBytes)
  const header = (at: number, other: number, entriesAt: number): Buffer => {
    const block = Buffer.alloc(HEADER_BYTES)
    block.write(SIGNATURE, 0, 'latin1')
    block.writeUInt32LE(0x00010000, 8)
    block.writeUInt32LE(HEADER_BYTES, 12)
    block.writeBigUInt64LE(BigInt(at), 24)
    block.writeBigUInt64LE(BigInt(other), 32)
    block.writeBigUInt64LE(BigInt(2 + span), 40)
    block.writeBigUInt64LE(BigInt(last - span - 1), 48)
    block.set(table.diskGuid, 56)
    block.writeBigUInt64LE(BigInt(entriesAt), 72)
    block.writeUInt32LE(ENTRIES, 80)
    block.writeUInt32LE(ENTRY_BYTES, 84)
    block.writeUInt32LE(crc32(entries), 88)
    block.writeUInt32LE(crc32(block), 16)
    return block
  }
  return (
    disk.write(0, protectiveMbr(disk, last)) &&
    disk.write(sectorBytes, header(1, last, 2)) &&
    disk.write(2 * sectorBytes, entries) &&
    disk.write((last - span) * sectorBytes, entries) &&
    disk.write(last * sectorBytes, header(last, 1, last - span))
  )
}

/** True when the sector that firmware starts from carries its signature. */
export const hasBootSignature = (disk: SledDisk): boolean => {
  const tail = disk.read(510, 512)
  return tail[0] === 0x55 && tail[1] === 0xaa
}

/** Keeps the boot code that is there and sets the one entry of type 0xEE (UEFI 2.10 §5.2.3). */
function protectiveMbr(disk: SledDisk, lastSector: number): Uint8Array {
  const block = Buffer.from(disk.read(0, 512))
  block.fill(0, 446, 510)
  block.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], 446)
  block.writeUInt32LE(1, 454)
  block.writeUInt32LE(Math.min(lastSector, 0xffffffff), 458)
  block.writeUInt16LE(0xaa55, 510)
  return block
}

function encodeEntries(partitions: readonly Partition[]): Buffer {
  const entries = Buffer.alloc(ENTRIES * ENTRY_BYTES)
  for (const partition of partitions) {
    const at = (partition.number - 1) * ENTRY_BYTES
    entries.set(partition.typeGuid, at)
    entries.set(partition.guid, at + 16)
    entries.writeBigUInt64LE(BigInt(partition.firstSector), at + 32)
    entries.writeBigUInt64LE(BigInt(partition.lastSector), at + 40)
    entries.write(partition.name.slice(0, NAME_BYTES / 2), at + 56, 'utf16le')
  }
  return entries
}
