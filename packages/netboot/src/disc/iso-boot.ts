import { assert } from '@brickyard/std/assert'
import { SECTOR_BYTES, text } from './iso-sectors.ts'

/** What firmware starts, by El Torito without emulation. */
export interface IsoBoot {
  /** `bios`: a boot program that is told where it lies. `uefi`: a FAT file system with a loader. */
  readonly kind: 'bios' | 'uefi'
  /** The path of that file; its content must be here. */
  readonly path: string
  /** The first 432 bytes of a BIOS's disk that load the boot program from a USB stick (isohybrid). */
  readonly stickCode?: Uint8Array | undefined
}

/** Where the file lies that firmware starts, and how long the whole disc is. */
export interface BootPlace {
  /** First sector of the file. */
  readonly at: number
  readonly bytes: number
  /** Sectors of the disc. */
  readonly sectors: number
}

/** El Torito counts in these, and so does a partition table. */
const VIRTUAL_SECTOR_BYTES = 512
const PER_SECTOR = SECTOR_BYTES / VIRTUAL_SECTOR_BYTES
/** A BIOS loads this much of the boot program; it loads the rest itself. */
const BIOS_LOADS = 4
const PLATFORM = { bios: 0, uefi: 0xef } as const
const BOOTABLE = 0x88

/** El Torito §2.0, figure 7: the volume descriptor that says where the catalogue is. */
export function bootRecord(catalogueAt: number): Uint8Array {
  const bytes = new Uint8Array(SECTOR_BYTES)
  text(bytes, 1, 'CD001')
  bytes.set([1], 6)
  text(bytes, 7, 'EL TORITO SPECIFICATION')
  new DataView(bytes.buffer).setUint32(71, catalogueAt, true)
  return bytes
}

/** El Torito §2.1 and §2.2: one entry, without emulation. */
export function bootCatalogue({ kind }: IsoBoot, { at, bytes: length }: BootPlace): Uint8Array {
  const bytes = new Uint8Array(64)
  const view = new DataView(bytes.buffer)
  bytes.set([1, PLATFORM[kind]])
  text(bytes, 4, 'BRICKYARD')
  bytes.set([0x55, 0xaa], 30)
  let sum = 0
  for (let word = 0; word < 32; word += 2) sum += view.getUint16(word, true)
  view.setUint16(28, -sum & 0xffff, true)
  bytes.set([BOOTABLE], 32)
  const sectors = kind === 'bios' ? BIOS_LOADS : Math.ceil(length / VIRTUAL_SECTOR_BYTES)
  assert(sectors < 0x10000, 'iso: the boot file is too long')
  view.setUint16(38, sectors, true)
  view.setUint32(40, at, true)
  return bytes
}

/** Tells a boot program where it and the volume lie: 56 bytes from its 8th (isolinux's boot info table). */
export function patchBootInfo(
  program: Uint8Array,
  volumeAt: number,
  { at }: Pick<BootPlace, 'at'>,
): Uint8Array {
  const bytes = program.slice()
  const view = new DataView(bytes.buffer)
  let sum = 0
  const words = new DataView(program.buffer, program.byteOffset, program.length)
  for (let word = 64; word + 4 <= program.length; word += 4) sum += words.getUint32(word, true)
  bytes.fill(0, 8, 64)
  view.setUint32(8, volumeAt, true)
  view.setUint32(12, at, true)
  view.setUint32(16, program.length, true)
  view.setUint32(20, sum >>> 0, true)
  return bytes
}

/** The places in the 512 bytes that a disk begins with. */
const STICK_CODE_BYTES = 432
const PARTITION_AT = 446
const ESP = 0xef
/** "Hidden" to every system: the partition is the whole disc. */
const HIDDEN = 0x17

/**
 * The sectors before the volume, which a CD leaves empty. On a USB stick they are the disk's first: a
 * partition of the loader's file system for UEFI, or isolinux's code for a BIOS.
 */
export function systemArea({ kind, stickCode }: IsoBoot, place: BootPlace): Uint8Array {
  const area = new Uint8Array(16 * SECTOR_BYTES)
  const view = new DataView(area.buffer)
  const partition = (flags: number, type: number, first: number, sectors: number): void => {
    area.set([flags, 0xfe, 0xff, 0xff, type, 0xfe, 0xff, 0xff], PARTITION_AT)
    view.setUint32(PARTITION_AT + 8, first, true)
    view.setUint32(PARTITION_AT + 12, sectors, true)
    area.set([0x55, 0xaa], 510)
  }
  if (kind === 'uefi') {
    const sectors = Math.ceil(place.bytes / VIRTUAL_SECTOR_BYTES)
    partition(0, ESP, place.at * PER_SECTOR, sectors)
  } else if (stickCode !== undefined) {
    area.set(stickCode.subarray(0, STICK_CODE_BYTES))
    view.setUint32(STICK_CODE_BYTES, place.at * PER_SECTOR, true)
    partition(0x80, HIDDEN, 0, place.sectors * PER_SECTOR)
  }
  return area
}
