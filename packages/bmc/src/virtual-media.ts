import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** What is in a sled's virtual drive. */
export interface VirtualMediumState {
  /** URL of the medium; undefined: the drive is empty. */
  readonly url: string | undefined
  readonly writeProtected: boolean | undefined
}

/** The virtual CD drive of a sled, by its BMC. */
export interface VirtualMediaControl {
  read(): Promise<Result<VirtualMediumState, BmcFault>>
  /** Puts the image at `url` (HTTP or HTTPS) in, in place of what was there, and reads it back. */
  insert(url: string): Promise<Result<void, BmcFault>>
  /** Takes it out and reads back; an empty drive is a success. */
  eject(): Promise<Result<void, BmcFault>>
}
