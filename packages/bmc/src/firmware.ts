import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** One piece of firmware as the BMC lists it. */
export interface FirmwareComponent {
  /** Names it for this BMC as it is now; some BMCs choose new ids with each version. */
  readonly id: string
  readonly name: string
  /** The maker's text, to be compared by the maker's own scheme. */
  readonly version: string | undefined
  readonly updateable: boolean | undefined
}

/** An image that we have: its length is known, and it can be read again for a second attempt. */
export interface FirmwareImage {
  /** As its maker named it: some BMCs tell by the ending what it is. */
  readonly name: string
  readonly bytes: number
  open(): AsyncIterable<Uint8Array>
}

export interface FirmwareUpdate {
  /** Id of the component; undefined leaves the choice to the BMC. */
  readonly component: string | undefined
  /** The version in the image, where it is known: some updates are only safe in steps. */
  readonly version?: string | undefined
  /** Where the BMC fetches the image (HTTP or HTTPS), or the image itself, to be sent. */
  readonly image: { readonly url: string } | FirmwareImage
}

/** How far an update is: the image on its way to the BMC, then the BMC at work on it. */
export type UpdateProgress =
  | { readonly step: 'sending'; readonly bytes: number; readonly bytesTotal: number }
  | { readonly step: 'installing'; readonly percent: number | undefined; readonly state: string }

/**
 * What became of an update.
 * - `applied`: another version than before reads back. Whether it is the right one is the caller's.
 * - `staged`: the BMC took it; it runs after a reboot of the host, and must be read then.
 * - `unchanged`: the BMC reports success and the old version reads back: it was not applied.
 * - `nothing-to-do`: the BMC says there is nothing newer in the image.
 * - `failed`: the BMC says so, and the old version reads back.
 * - `unknown`: the task vanished or outlasted us, and the old version (or none) reads back.
 */
export interface UpdateReport {
  readonly end: 'applied' | 'staged' | 'unchanged' | 'nothing-to-do' | 'failed' | 'unknown'
  readonly versionBefore: string | undefined
  readonly versionAfter: string | undefined
  /** What the BMC said of it, in words; empty when it said nothing. */
  readonly said: string
  /**
   * What has to happen before anything else of the sled is updated. Parts behind a BMC that updated
   * itself cannot be reached by it until the host was started anew; what is staged runs only then.
   */
  readonly needs: 'nothing' | 'host-start'
}

/** Firmware of a sled, by its BMC. */
export interface FirmwareControl {
  read(): Promise<Result<readonly FirmwareComponent[], BmcFault>>
  /**
   * Begins an update and stays until its end, which may take an hour. Only what reads back counts;
   * a fault says that the update was not begun, or that nothing could be read afterwards. Nobody may
   * start the host anew while it runs: that ends the update of many a part, and of some the part.
   */
  update(
    wanted: FirmwareUpdate,
    onProgress?: (progress: UpdateProgress) => void,
  ): Promise<Result<UpdateReport, BmcFault>>
}
