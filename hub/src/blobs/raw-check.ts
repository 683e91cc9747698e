import type { ImageFormat } from '@brickyard/model/image'

/** What an image unpacks to. */
export interface RawFacts {
  readonly sha256: string
  readonly bytes: number
}

/**
 * Unpacks an image to see what is inside, giving up beyond `bytesMax`. Answers undefined for a format
 * that cannot be unpacked here; rejects when the bytes are no such format.
 */
export type RawCheck = (
  packed: AsyncIterable<Uint8Array>,
  format: ImageFormat,
  bytesMax: number,
) => Promise<RawFacts | undefined>
