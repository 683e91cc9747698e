import { createHash } from 'node:crypto'
import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { ImageFormat } from '@brickyard/model/image'
import type { RawCheck } from '../blobs/raw-check.ts'

const unpackers: Readonly<Record<ImageFormat, (() => Transform) | undefined>> = {
  raw: undefined,
  gzip: createGunzip,
  zstd: createZstdDecompress,
  // Node has no xz: the sled's own check after writing catches a wrong one.
  xz: undefined,
}

/** Unpacks with Node's own zlib, off the main thread. */
export const nodeRawCheck: RawCheck = async (packed, format, bytesMax) => {
  const unpack = unpackers[format]
  if (unpack === undefined) return undefined
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(Readable.from(packed), unpack(), async (raw: AsyncIterable<Buffer>) => {
    for await (const piece of raw) {
      bytes += piece.length
      if (bytes > bytesMax) throw new Error(`it unpacks to more than ${bytesMax} bytes`)
      hash.update(piece)
    }
  })
  return { sha256: hash.digest('hex'), bytes }
}
