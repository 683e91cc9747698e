import { createHash } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import type { Image } from '@brickyard/model/image'
import { KiB, MiB } from '@brickyard/std/units'
import { seededRandom } from '../seeded-random.ts'
import {
  LINUX_TYPE,
  readPartitionTable,
  writePartitionTable,
  hasBootSignature,
} from './partition-table.ts'
import { SledDisk } from './sled-disk.ts'

/**
 * A small disk image that the simulated firmware can boot: a partition table, a marker where an
 * operating system would be, and noise that does not compress, so that its transfer takes time.
 */
export interface SyntheticImage {
  readonly image: Image
  /** The bytes as served (zstd). */
  readonly served: Uint8Array
}

const MARKER_SECTOR = 2048
const MARKER = 'brickyard-sim-os '

export function syntheticImage(
  name: string,
  options: { readonly noiseBytes?: number; readonly rawBytes?: number } = {},
): SyntheticImage {
  const { noiseBytes = MiB(8), rawBytes = MiB(16) } = options
  const disk = new SledDisk({
    path: '/dev/image',
    bytes: rawBytes,
    sectorBytes: 512,
    transport: 'other',
    rotational: false,
    model: '',
    serial: '',
  })
  const random = seededRandom(name)
  const lastSector = rawBytes / 512 - 64
  writePartitionTable(disk, {
    diskGuid: random.bytes(16),
    partitions: [
      {
        number: 1,
        typeGuid: LINUX_TYPE,
        guid: random.bytes(16),
        firstSector: MARKER_SECTOR,
        lastSector,
        name: 'root',
      },
    ],
  })
  disk.write(MARKER_SECTOR * 512, Buffer.from(`${MARKER}${name}\n`, 'utf8'))
  const noiseAt = MARKER_SECTOR * 512 + KiB(4)
  disk.write(noiseAt, random.bytes(Math.min(noiseBytes, rawBytes - noiseAt - KiB(64))))
  const raw = disk.read(0, rawBytes)
  const served = new Uint8Array(zstdCompressSync(raw))
  return {
    served,
    image: {
      sha256: sha256(served),
      bytes: served.length,
      name,
      kind: 'disk',
      format: 'zstd',
      arch: 'x86_64',
      firmware: ['bios', 'uefi'],
      secureBoot: false,
      seed: 'nocloud',
      rawSha256: sha256(raw),
      rawBytes,
      minDiskBytes: rawBytes + MiB(16),
      sectorBytes: 512,
    },
  }
}

/** Name of the operating system on a disk, as the firmware's loader would find it; undefined for none. */
export function installedSystem(disk: SledDisk): string | undefined {
  if (!hasBootSignature(disk)) return undefined
  const root = readPartitionTable(disk)?.partitions[0]
  if (root === undefined) return undefined
  const at = root.firstSector * disk.facts.sectorBytes
  const text = Buffer.from(disk.read(at, at + 512)).toString('utf8')
  return text.startsWith(MARKER) ? text.slice(MARKER.length, text.indexOf('\n')) : undefined
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
