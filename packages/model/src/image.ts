import type { Architecture, FirmwareMode } from './architecture.ts'

/** Compression of an image's bytes as served. qcow2 is converted to raw when it is imported. */
export type ImageFormat = 'raw' | 'zstd' | 'gzip' | 'xz'
export const IMAGE_FORMATS = ['raw', 'zstd', 'gzip', 'xz'] as const

/** An OS image, named by the SHA-256 of its bytes as served. */
export interface Image {
  /** SHA-256 of the bytes as served (compressed), 64 lower-case hex digits. The image's identity. */
  readonly sha256: string
  readonly bytes: number
  readonly name: string
  readonly kind: 'disk' | 'netboot'
  readonly format: ImageFormat
  readonly arch: Architecture
  /** Firmware modes the image can boot under. */
  readonly firmware: readonly FirmwareMode[]
  readonly secureBoot: boolean
  readonly seed: 'nocloud' | 'none'
  /** SHA-256 and length of the decompressed disk. */
  readonly rawSha256: string
  readonly rawBytes: number
  readonly minDiskBytes: number
  readonly sectorBytes: 512 | 4096
}
