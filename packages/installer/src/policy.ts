import { MiB, Minutes, Seconds } from '@brickyard/std/units'
import type { Fault } from './faults.ts'
import type { VerbCall } from './wire.ts'

/** Claims of one operation after which it fails: a sled that keeps coming back is not healed by more. */
export const CLAIMS_MAX = 5

/** From power-on to the claim: a server's self test takes up to 8 minutes, then PXE. */
export const CLAIM_DEADLINE_MS = Minutes(15)

/**
 * A working sled posts progress every 2 s. After this long without a word it is stalled: 30 lost
 * posts, longer than a switch takes to bring a port back with spanning tree.
 */
export const SILENCE_MS = Minutes(1)

/** Slowest whole-disk pass we wait for: half of what an old SATA disk does at its inner rim. */
const PASS_BYTES_PER_MS = MiB(25) / Seconds(1)

/** A full wipe discards, reads, overwrites and reads again in the worst case. */
const FULL_WIPE_PASSES = 3

/** Longest time a verb may take, however much progress it reports. */
export function verbDeadlineMs(call: VerbCall): number {
  switch (call.verb) {
    case 'inventory':
    case 'report':
    case 'reboot':
    case 'poweroff':
      return Minutes(2)
    case 'seed':
    case 'boot-entry':
    // A slow BMC takes a third of a second for an answer by KCS, and has 63 users.
    case 'bmc-user':
      return Minutes(3)
    case 'wait':
      return Seconds(call.seconds) + Minutes(1)
    case 'wipe':
      return call.mode === 'fast'
        ? Minutes(3)
        : Minutes(5) + (FULL_WIPE_PASSES * call.diskBytes) / PASS_BYTES_PER_MS
    case 'write':
    case 'verify':
      return Minutes(5) + call.rawBytes / PASS_BYTES_PER_MS
  }
}

/**
 * How often a verb is tried within one claim when it fails with this fault. What cannot change by
 * trying again (no disk, too small, not understood) is tried once.
 */
export function attemptsMax(fault: Fault): number {
  switch (fault) {
    case 'download':
      return 4
    case 'disk-io':
    case 'not-wiped':
    case 'wrong-hash':
      return 2
    case 'no-disk':
    case 'image-too-big':
    case 'unsupported':
    case 'bad-step':
    case 'silent':
      return 1
  }
}
