import { KiB, MiB } from '@brickyard/std/units'

/**
 * What a browser or `yard` and the hub say to each other on a sled's console, over the WebSocket of
 * `GET /v1/sites/{site}/sleds/{sled}/console`. Binary messages are bytes of the serial port: down
 * what it printed, up what is typed. Text messages are JSON. Nothing here needs zod.
 */
export const CONSOLE_PROTOCOL = 'brickyard.console.1'

/** Output that may be on its way to a reader; it grants more as it has shown what came. */
export const CONSOLE_WINDOW_BYTES = KiB(128)
/** The most that a reader may ask of what was printed before it came. */
export const CONSOLE_TAIL_BYTES_MAX = MiB(1)
export const CONSOLE_TAIL_BYTES_DEFAULT = KiB(64)
/** Both sides say that they live; who is silent for longer is gone. A hidden tab is slow. */
export const CONSOLE_ALIVE_MS = 25_000
export const CONSOLE_SILENCE_MS = 150_000

/** Close codes of our own (RFC 6455 §7.4.2). */
export const CONSOLE_CLOSE = { broken: 4400, sessionEnded: 4401, silent: 4408 } as const

/** How it stands with the way to the serial port. */
export type ConsoleState =
  | 'opening'
  | 'open'
  | 'reconnecting'
  /** Somebody else has the console at the BMC; `take-over` ends that. */
  | 'elsewhere'
  | 'failed'
  /** The site does not reach the hub: what is shown is as of then. */
  | 'site-away'

export type ConsoleToReader =
  | {
      /** The next byte is this one of the ring; `lost` bytes between it and the last are gone. */
      readonly kind: 'at'
      readonly ring: string
      readonly offset: number
      readonly lost: number
    }
  | {
      readonly kind: 'state'
      readonly state: ConsoleState
      readonly reason: string | null
      readonly atMs: number
    }
  | {
      readonly kind: 'people'
      readonly readers: readonly string[]
      readonly writer: string | null
      readonly you: 'reader' | 'writer'
    }
  /** Bytes that this connection may have typed in all by now; only a writer's leave for the sled. */
  | { readonly kind: 'may-type'; readonly upTo: number }
  | { readonly kind: 'refused'; readonly what: string; readonly reason: string }
  | { readonly kind: 'alive' }

export type ConsoleFromReader =
  | { readonly kind: 'credit'; readonly bytes: number }
  /** Wants to write; `take` from whoever does now. */
  | { readonly kind: 'write'; readonly take: boolean }
  | { readonly kind: 'release' }
  | { readonly kind: 'break' }
  /** Ends a console that somebody else holds at the BMC. */
  | { readonly kind: 'take-over' }
  | { readonly kind: 'alive' }
