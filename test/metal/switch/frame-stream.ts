/** Frames as QEMU's `-netdev stream` sends them: each behind its length in four bytes, big-endian. */
const LENGTH_BYTES = 4
/** More than any frame; what says to be longer is no such stream. */
const FRAME_BYTES_MAX = 65_536

export function framed(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES + frame.length)
  new DataView(bytes.buffer).setUint32(0, frame.length)
  bytes.set(frame, LENGTH_BYTES)
  return bytes
}

/** Cuts a stream into its frames; undefined once it is none. */
export class FrameStream {
  #held = new Uint8Array()

  take(bytes: Uint8Array): Uint8Array[] | undefined {
    const all = new Uint8Array(this.#held.length + bytes.length)
    all.set(this.#held)
    all.set(bytes, this.#held.length)
    const view = new DataView(all.buffer)
    const frames: Uint8Array[] = []
    let at = 0
    while (all.length - at >= LENGTH_BYTES) {
      const length = view.getUint32(at)
      if (length > FRAME_BYTES_MAX) return undefined
      if (all.length - at - LENGTH_BYTES < length) break
      frames.push(all.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length))
      at += LENGTH_BYTES + length
    }
    this.#held = all.slice(at)
    return frames
  }
}
