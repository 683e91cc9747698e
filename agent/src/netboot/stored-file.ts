import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Files } from '@brickyard/runtime/files'
import { Minutes } from '@brickyard/std/units'

/** A file that TFTP serves: in memory, or brought there while somebody reads it. */
export type TftpFile = Uint8Array | StoredFile

/**
 * A file too long to be kept for the few boots that read it by TFTP, which needs it at hand block by
 * block. However many read it at a time, it is in memory once.
 */
export interface StoredFile {
  readonly bytes: number
  /** The content, for as long as the taker keeps it; undefined when it cannot be read. */
  take(): Promise<Uint8Array | undefined>
  /** Once for each `take`, whatever it gave. */
  give(): void
}

/** Sleds of a rack come one after the other; what the last one read is still here for the next. */
const LINGER_MS = Minutes(1)

export function storedFile(
  parts: { readonly files: Files; readonly clock: Clock },
  path: string,
  bytes: number,
): StoredFile {
  let content: Promise<Uint8Array | undefined> | undefined
  let takers = 0
  let lingering: Timer | undefined

  /** A file that cannot be read, or is not as long as it was at the start, may be so for the next. */
  async function read(): Promise<Uint8Array | undefined> {
    const found = await parts.files.read(path).catch(() => undefined)
    if (found?.length === bytes) return found
    content = undefined
    return undefined
  }

  return {
    bytes,
    take() {
      takers += 1
      lingering?.cancel()
      content ??= read()
      return content
    },
    give() {
      takers -= 1
      if (takers > 0) return
      lingering = parts.clock.after(LINGER_MS, () => {
        content = undefined
      })
    },
  }
}
