import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from '@brickyard/model/image'
import { MiB } from '@brickyard/std/units'

/** What the hub is told of a folder's disk.zst, which holds disk.raw. */
export function imageFacts(
  folder: string,
  facts: Pick<Image, 'name' | 'arch' | 'firmware'>,
): Image {
  const rawImage = join(folder, 'disk.raw')
  const zstd = join(folder, 'disk.zst')
  const rawBytes = statSync(rawImage).size
  return {
    ...facts,
    sha256: sha256File(zstd),
    bytes: statSync(zstd).size,
    kind: 'disk',
    format: 'zstd',
    secureBoot: true,
    seed: 'nocloud',
    rawSha256: sha256File(rawImage),
    rawBytes,
    minDiskBytes: rawBytes + MiB(64),
    sectorBytes: 512,
  }
}

/** Of a file of some hundred MB; the suite has nothing else to do meanwhile. */
const sha256File = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex')
