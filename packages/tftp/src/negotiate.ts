import { Seconds } from '@brickyard/std/units'
import type { TftpOptions } from './packet.ts'

/** How a transfer runs, once both ends agree. */
export interface Transfer {
  readonly blockBytes: number
  /** Blocks in flight before an ACK is due (RFC 7440). */
  readonly windowBlocks: number
  /** First wait for an ACK. */
  readonly timeoutMs: number
}

export interface Negotiated {
  readonly transfer: Transfer
  /** What goes into the OACK; empty means the transfer starts with block 1 at once. */
  readonly accepted: TftpOptions
}

/** RFC 1350: what holds without options. */
export const BLOCK_BYTES_DEFAULT = 512
/** RFC 2348 §2. */
const BLOCK_BYTES_MIN = 8
/** Ethernet's 1500 less IP, UDP and TFTP headers: a fragmented boot loader is a lost boot loader. */
export const BLOCK_BYTES_MAX = 1468
/** 64 blocks are 94 kB, which a client's receive buffer of the usual 200 kB holds. */
export const WINDOW_BLOCKS_MAX = 64
const TIMEOUT_MS_DEFAULT = Seconds(1)
/** RFC 2349 §2 allows up to 255 s; no boot client means more than this. */
const TIMEOUT_SECONDS_MAX = 60

/**
 * Answers the options of a read request (RFC 2347, 2348, 2349, 7440) for a file of `fileBytes`.
 * An option that is unknown or makes no sense is left out, which RFC 2347 §2 calls declining it.
 */
export function negotiate(asked: TftpOptions, fileBytes: number): Negotiated {
  const accepted = new Map<string, string>()
  const take = (name: string, min: number, max: number, most: number): number | undefined => {
    const value = wholeNumber(asked.get(name))
    if (value === undefined || value < min || value > max) return undefined
    const granted = Math.min(value, most)
    accepted.set(name, String(granted))
    return granted
  }
  const blockBytes = take('blksize', BLOCK_BYTES_MIN, 65_464, BLOCK_BYTES_MAX)
  // RFC 2349 §2: the value must come back unchanged or the option not at all.
  const timeoutSeconds = take('timeout', 1, TIMEOUT_SECONDS_MAX, TIMEOUT_SECONDS_MAX)
  const windowBlocks = take('windowsize', 1, 65_535, WINDOW_BLOCKS_MAX)
  if (asked.has('tsize')) accepted.set('tsize', String(fileBytes))
  return {
    transfer: {
      blockBytes: blockBytes ?? BLOCK_BYTES_DEFAULT,
      windowBlocks: windowBlocks ?? 1,
      timeoutMs: timeoutSeconds === undefined ? TIMEOUT_MS_DEFAULT : Seconds(timeoutSeconds),
    },
    accepted,
  }
}

/** A decimal number of at most nine digits; undefined for anything else. */
export const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined
