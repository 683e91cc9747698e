import { spawnSync } from 'node:child_process'
import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { StepResult } from '@brickyard/installer/wire'
import type { ImageFormat } from '@brickyard/model/image'
import { err, ok, type Result } from '@brickyard/std/result'
import { fail } from './verb-context.ts'

/** Unpacks at once: nothing that awaits the real event loop may be used here. */
export function unpackImage(
  format: ImageFormat,
  bytes: Buffer,
  rawBytes: number,
  torn: boolean,
): Result<Uint8Array, StepResult> {
  // One byte more than allowed tells "too long" from "as long as said".
  const maxOutputLength = rawBytes + 1
  const raw = (): Uint8Array => {
    switch (format) {
      case 'raw':
        return bytes
      case 'zstd': {
        const flush = torn ? { finishFlush: constants.ZSTD_e_flush } : {}
        return zstdDecompressSync(bytes, { maxOutputLength, ...flush })
      }
      case 'gzip': {
        const flush = torn ? { finishFlush: constants.Z_SYNC_FLUSH } : {}
        return gunzipSync(bytes, { maxOutputLength, ...flush })
      }
      case 'xz': {
        // Node has no xz; the program is what the real installer uses too.
        const run = spawnSync('xz', ['-dc'], { input: bytes, maxBuffer: maxOutputLength })
        if (run.error !== undefined) throw run.error
        return run.stdout
      }
    }
  }
  try {
    const unpacked = raw()
    if (unpacked.length === rawBytes || torn) return ok(unpacked)
    return err(fail('wrong-hash', `the image is ${unpacked.length} bytes long, wanted ${rawBytes}`))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const tooLong =
      error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    return tooLong
      ? err(fail('wrong-hash', `the image is more than ${rawBytes} bytes long`))
      : err(fail('disk-io', `the image could not be unpacked: ${why}`))
  }
}
