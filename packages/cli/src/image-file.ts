import { createHash } from 'node:crypto'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdCompress, createZstdDecompress } from 'node:zlib'
import type { ImageFormat } from '@brickyard/model/image'
import { err, ok, type Result } from '@brickyard/std/result'
import { EXIT, failure, type CliFailure } from './exit-codes.ts'
import type { CliPorts } from './ports.ts'

/** What the hub must be told about an image's bytes, read from the file itself. */
export interface ImageFile {
  /** The file to send: the one given, or what it was converted to. */
  readonly path: string
  readonly format: ImageFormat
  readonly bytes: number
  readonly sha256: string
  readonly rawBytes: number
  readonly rawSha256: string
}

type FileKind = ImageFormat | 'qcow2'

/** First bytes of the formats; everything else is taken for a raw disk. */
const MAGIC: readonly (readonly [kind: FileKind, magic: string])[] = [
  ['zstd', '28b52ffd'],
  ['gzip', '1f8b'],
  ['xz', 'fd377a585a00'],
  ['qcow2', '514649fb'],
]
const MAGIC_BYTES_MAX = 6

/** What a file is, by its first bytes: its name may say anything. */
export function kindOf(first: Uint8Array): FileKind {
  const hex = Buffer.from(first.subarray(0, MAGIC_BYTES_MAX)).toString('hex')
  return MAGIC.find(([, magic]) => hex.startsWith(magic))?.[0] ?? 'raw'
}

async function firstBytes(source: Readable): Promise<Uint8Array> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of source as AsyncIterable<Buffer>) {
    pieces.push(piece)
    length += piece.length
    if (length >= MAGIC_BYTES_MAX) break
  }
  return Buffer.concat(pieces)
}

interface Sum {
  readonly sha256: string
  readonly bytes: number
}

async function sumOf(source: AsyncIterable<Buffer>): Promise<Sum> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of source) {
    hash.update(piece)
    bytes += piece.length
  }
  return { sha256: hash.digest('hex'), bytes }
}

/** Reads the disk inside a compressed file. xz is unpacked by the program of that name. */
async function rawSum(ports: CliPorts, path: string, format: ImageFormat): Promise<Sum> {
  if (format === 'raw') return sumOf(ports.files.open(path))
  if (format === 'xz') return sumOf(ports.pipe('xz', ['-dc', path]))
  const unpack = format === 'gzip' ? createGunzip() : createZstdDecompress()
  const raw = new PassThrough()
  const [sum] = await Promise.all([sumOf(raw), pipeline(ports.files.open(path), unpack, raw)])
  return sum
}

/**
 * Reads an image file twice, once as it is and once unpacked. A qcow2 is first converted to a raw
 * disk in `scratch` and packed with zstd, because sleds are written from a stream.
 */
export async function readImageFile(
  ports: CliPorts,
  path: string,
  scratch: string,
): Promise<Result<ImageFile, CliFailure>> {
  if ((await ports.files.size(path)) === undefined) {
    return err(failure(EXIT.usage, `There is no file ${path}.`))
  }
  const kind = kindOf(await firstBytes(ports.files.open(path)))
  try {
    if (kind === 'qcow2') return await convert(ports, path, scratch)
    const [packed, raw] = [await sumOf(ports.files.open(path)), await rawSum(ports, path, kind)]
    return ok({ path, format: kind, ...packed, rawSha256: raw.sha256, rawBytes: raw.bytes })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return err(failure(EXIT.failed, `${path} looks like ${kind} and cannot be unpacked: ${why}`))
  }
}

async function convert(
  ports: CliPorts,
  path: string,
  scratch: string,
): Promise<Result<ImageFile, CliFailure>> {
  const rawPath = `${scratch}/disk.raw`
  const run = await ports.run('qemu-img', ['convert', '-O', 'raw', path, rawPath])
  if (run === undefined) {
    const advice = 'qemu-img converts it and is not on this machine (Debian package qemu-utils).'
    return err(failure(EXIT.failed, `${path} is a qcow2 image; ${advice}`))
  }
  if (run.code !== 0) return err(failure(EXIT.failed, `qemu-img: ${run.err.trim()}`))
  const packedPath = `${rawPath}.zst`
  await ports.files.transform(rawPath, createZstdCompress(), packedPath)
  const raw = await sumOf(ports.files.open(rawPath))
  const packed = await sumOf(ports.files.open(packedPath))
  return ok({
    path: packedPath,
    format: 'zstd',
    ...packed,
    rawSha256: raw.sha256,
    rawBytes: raw.bytes,
  })
}
