/**
 * Why a verb failed, as a word the plan can decide on; the sentence for people goes beside it.
 *
 * - `no-disk`: no disk, or not the one named
 * - `image-too-big`: the image does not fit the disk
 * - `wrong-hash`: bytes arrived or were read back that are not the image's
 * - `download`: the agent could not be reached or broke off
 * - `disk-io`: the disk refused a read or a write
 * - `not-wiped`: bytes other than zero were read back after a wipe
 * - `unsupported`: the sled or its firmware cannot do this
 * - `bad-step`: the verb or its arguments were not understood
 * - `silent`: the sled was not heard of in time
 */
export const FAULTS = [
  'no-disk',
  'image-too-big',
  'wrong-hash',
  'download',
  'disk-io',
  'not-wiped',
  'unsupported',
  'bad-step',
  'silent',
] as const
export type Fault = (typeof FAULTS)[number]

/** The fault a word names; an unknown word counts as `bad-step`, which is never retried for ever. */
export const parseFault = (word: string): Fault => FAULTS.find((f) => f === word) ?? 'bad-step'
