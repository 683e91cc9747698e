import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { END_OF_FIELDS, putField, takeField } from './fru-field.ts'
import { checksum } from './message.ts'

/** Areas count their offsets and lengths in eights (FRU 1.0 §8). */
const UNIT_BYTES = 8
const HEADER_BYTES = 8
const FORMAT_VERSION = 0x01
const ENGLISH = 25
/** Fields beyond the predefined ones are the maker's; more than this is damage, not information. */
const FIELDS_MAX = 32

/** Longest inventory worth reading: header, chassis, board and product areas never come near it. */
export const FRU_BYTES_MAX = 4096

export interface FruChassis {
  /** SMBIOS chassis type, e.g. 0x17 rack mount. */
  readonly type: number
  readonly partNumber: string
  readonly serial: string
}

export interface FruBoard {
  readonly manufacturer: string
  readonly product: string
  readonly serial: string
  readonly partNumber: string
}

export interface FruProduct {
  readonly manufacturer: string
  readonly product: string
  readonly partNumber: string
  readonly version: string
  readonly serial: string
  readonly assetTag: string
}

/**
 * What a FRU inventory says. Texts are as written by the maker, trimmed: an empty text or a
 * placeholder (`To be filled by O.E.M.`, `0123456789`) is for the caller to distrust.
 */
export interface Fru {
  readonly chassis: FruChassis | undefined
  readonly board: FruBoard | undefined
  readonly product: FruProduct | undefined
  /** Areas that were there but could not be read, with the reason. */
  readonly damaged: readonly string[]
}

/** Where an area lies, from the common header (FRU 1.0 §8). Zero offsets are absent areas. */
export interface FruLayout {
  readonly chassis: number
  readonly board: number
  readonly product: number
}

/** Reads the common header: byte offsets of the areas. */
export function decodeFruHeader(bytes: Uint8Array): Result<FruLayout> {
  if (bytes.length < HEADER_BYTES) return err(`FRU header of ${bytes.length} bytes, not 8`)
  if (((bytes[0] as number) & 0x0f) !== FORMAT_VERSION) return err(`FRU format ${bytes[0]}, not 1`)
  if (checksum(bytes, 0, HEADER_BYTES) !== 0) return err('FRU header checksum is wrong')
  const offset = (at: number): number => (bytes[at] as number) * UNIT_BYTES
  return ok({ chassis: offset(2), board: offset(3), product: offset(4) })
}

/**
 * How far an inventory reaches, as far as the bytes read so far tell: where its last area ends, or,
 * while an area's own length is not there yet, just behind it. Lets a reader stop early.
 */
export function fruExtent(bytes: Uint8Array): number {
  if (bytes.length < HEADER_BYTES) return HEADER_BYTES
  const layout = decodeFruHeader(bytes)
  if (!layout.ok) return HEADER_BYTES
  const ends = Object.values(layout.value).map((at: number) =>
    at === 0 ? 0 : at + Math.max(2, (bytes[at + 1] ?? 0) * UNIT_BYTES),
  )
  return Math.max(HEADER_BYTES, ...ends)
}

/** The checked content of one area: its bytes from version to checksum. */
function area(bytes: Uint8Array, at: number): Result<ByteReader> {
  if (at + 2 > bytes.length) return err('starts behind the end')
  const length = (bytes[at + 1] as number) * UNIT_BYTES
  if (length === 0 || at + length > bytes.length) return err(`length ${length} does not fit`)
  if (((bytes[at] as number) & 0x0f) !== FORMAT_VERSION) return err(`format ${bytes[at]}, not 1`)
  if (checksum(bytes, at, at + length) !== 0) return err('checksum is wrong')
  return ok(new ByteReader(bytes, at + 2, at + length - 1))
}

function fields(reader: ByteReader): readonly string[] {
  const found: string[] = []
  while (found.length < FIELDS_MAX) {
    const text = takeField(reader)
    if (text === undefined) break
    found.push(text)
  }
  return found
}

function chassisArea(reader: ByteReader): FruChassis {
  const type = reader.u8()
  const [partNumber = '', serial = ''] = fields(reader)
  return { type, partNumber, serial }
}

function boardArea(reader: ByteReader): FruBoard {
  // Language, then the manufacturing date in minutes since 1996: neither is used.
  reader.skip(4)
  const [manufacturer = '', product = '', serial = '', partNumber = ''] = fields(reader)
  return { manufacturer, product, serial, partNumber }
}

function productArea(reader: ByteReader): FruProduct {
  reader.skip(1)
  const [manufacturer = '', product = '', partNumber = '', version = '', serial = '', tag = ''] =
    fields(reader)
  return { manufacturer, product, partNumber, version, serial, assetTag: tag }
}

/** Reads a whole inventory (FRU 1.0 §8 to §12). One damaged area does not hide the others. */
export function decodeFru(bytes: Uint8Array): Result<Fru> {
  const layout = decodeFruHeader(bytes)
  if (!layout.ok) return layout
  const damaged: string[] = []
  const read = <T>(name: keyof FruLayout, take: (reader: ByteReader) => T): T | undefined => {
    const at = layout.value[name]
    if (at === 0) return undefined
    const reader = area(bytes, at)
    if (reader.ok) return take(reader.value)
    damaged.push(`${name} area: ${reader.error}`)
    return undefined
  }
  const chassis = read('chassis', chassisArea)
  const board = read('board', boardArea)
  const product = read('product', productArea)
  return ok({ chassis, board, product, damaged })
}

/** Pads an area to eights and closes it with its length and checksum. */
function closeArea(writer: ByteWriter): Uint8Array {
  writer.u8(END_OF_FIELDS)
  while ((writer.length + 1) % UNIT_BYTES !== 0) writer.u8(0)
  writer.patchU8(1, (writer.length + 1) / UNIT_BYTES)
  return writer.u8(checksum(writer.done())).done()
}

const openArea = (): ByteWriter => new ByteWriter(128).u8(FORMAT_VERSION).u8(0)

function encodeChassis(chassis: FruChassis): Uint8Array {
  const writer = openArea().u8(chassis.type)
  for (const text of [chassis.partNumber, chassis.serial]) putField(writer, text)
  return closeArea(writer)
}

function encodeBoard(board: FruBoard): Uint8Array {
  const writer = openArea().u8(ENGLISH).zeroes(3)
  const texts = [board.manufacturer, board.product, board.serial, board.partNumber, '']
  for (const text of texts) putField(writer, text)
  return closeArea(writer)
}

function encodeProduct(p: FruProduct): Uint8Array {
  const writer = openArea().u8(ENGLISH)
  const texts = [p.manufacturer, p.product, p.partNumber, p.version, p.serial, p.assetTag, '']
  for (const text of texts) putField(writer, text)
  return closeArea(writer)
}

/** Writes an inventory, for the BMC side. Texts are at most 63 characters of latin1. */
export function encodeFru(fru: Omit<Fru, 'damaged'>): Uint8Array {
  const areas = [
    fru.chassis === undefined ? new Uint8Array(0) : encodeChassis(fru.chassis),
    fru.board === undefined ? new Uint8Array(0) : encodeBoard(fru.board),
    fru.product === undefined ? new Uint8Array(0) : encodeProduct(fru.product),
  ]
  const header = new ByteWriter(HEADER_BYTES).u8(FORMAT_VERSION).u8(0)
  let at = HEADER_BYTES
  for (const bytes of areas) {
    header.u8(bytes.length === 0 ? 0 : at / UNIT_BYTES)
    at += bytes.length
  }
  const whole = new ByteWriter(at)
  header.zeroes(2)
  whole.put(header.u8(checksum(header.done())).done())
  for (const bytes of areas) whole.put(bytes)
  return whole.done()
}
