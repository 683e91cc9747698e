import { MiB } from '@brickyard/std/units'
import { BASIC_DATA_TYPE, readPartitionTable, writePartitionTable } from './partition-table.ts'
import type { SledDisk } from './sled-disk.ts'

/**
 * The seed of the simulated sled: a partition at the end of the disk, in the place where the real
 * installer puts it. Its content is a list of files of our own and no FAT: nothing but the
 * simulated operating system reads it.
 */
const SEED_MIB = 8
const MAGIC = 'brickyard-sim-seed '

/** Adds or replaces the seed's partition; gives its number, or undefined when the disk refuses. */
export function writeSeed(
  disk: SledDisk,
  label: string,
  files: ReadonlyMap<string, string>,
): number | undefined {
  const table = readPartitionTable(disk)
  if (table === undefined) return undefined
  const { sectorBytes, bytes } = disk.facts
  const sectorsPerMib = MiB(1) / sectorBytes
  // 1 MiB is left free at the end: the backup table needs 33 sectors.
  const firstSector = (Math.floor(bytes / MiB(1)) - SEED_MIB - 1) * sectorsPerMib
  const lastSector = firstSector + SEED_MIB * sectorsPerMib - 1
  const held = table.partitions.find((partition) => partition.firstSector === firstSector)
  const number = held?.number ?? Math.max(0, ...table.partitions.map((p) => p.number)) + 1
  const seed = {
    number,
    typeGuid: BASIC_DATA_TYPE,
    guid: guidFor(number),
    firstSector,
    lastSector,
    name: label,
  }
  const others = table.partitions.filter((partition) => partition.number !== number)
  const content = Buffer.from(`${MAGIC}${JSON.stringify([...files])}\n`, 'utf8')
  const written =
    writePartitionTable(disk, { ...table, partitions: [...others, seed] }) &&
    disk.zero(firstSector * sectorBytes, (lastSector + 1) * sectorBytes) &&
    disk.write(firstSector * sectorBytes, content)
  return written ? number : undefined
}

/** The files of the partition labelled `label`; undefined without one. */
export function readSeed(disk: SledDisk, label: string): ReadonlyMap<string, string> | undefined {
  const partition = readPartitionTable(disk)?.partitions.find(({ name }) => name === label)
  if (partition === undefined) return undefined
  const at = partition.firstSector * disk.facts.sectorBytes
  const text = Buffer.from(disk.read(at, at + MiB(1))).toString('utf8')
  if (!text.startsWith(MAGIC)) return undefined
  const line = text.slice(MAGIC.length, text.indexOf('\n'))
  return new Map(JSON.parse(line) as [string, string][])
}

const guidFor = (number: number): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, i) => number + i)
