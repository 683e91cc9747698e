import type { ClientFailure } from '@brickyard/api/client'
import type { LineEvents, LineSocket } from '@brickyard/api/console-line'
import type { Readable, Transform } from 'node:stream'

/** Everything of the world that `yard` touches; `main.ts` brings the real one, tests their own. */
export interface CliPorts {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Data for programs and pipes. */
  readonly out: (text: string) => void
  /** Messages for people. */
  readonly err: (text: string) => void
  /** True when a person can be asked on the terminal. */
  readonly interactive: boolean
  /** Asks on the terminal; `hidden` shows nothing of what is typed. */
  readonly ask: (question: string, hidden: boolean) => Promise<string>
  /** All of standard input, for a password that a program pipes in. */
  readonly readInput: () => Promise<string>
  readonly fetch: (request: Request) => Promise<Response> | Response
  readonly nowMs: () => number
  /** Runs `work` later; the answer takes that back. */
  readonly after: (delayMs: number, work: () => void) => () => void
  readonly terminal: CliTerminal
  /** Opens the WebSocket of a console; why the hub refuses is told before the close. */
  readonly dialConsole: (
    url: string,
    token: string,
    events: LineEvents,
    refused: (failure: ClientFailure) => void,
  ) => LineSocket
  /** For keys: nobody may guess them. */
  readonly randomBytes: (count: number) => Uint8Array
  readonly sleep: (spanMs: number) => Promise<void>
  readonly files: CliFiles
  /** Runs a program to its end; `undefined` when the machine does not have it. */
  readonly run: (
    program: string,
    args: readonly string[],
  ) => Promise<{ readonly code: number; readonly err: string } | undefined>
  /** Decompressed bytes of a file through a program, e.g. `xz -dc FILE`. */
  readonly pipe: (program: string, args: readonly string[]) => Readable
}

/** The terminal, or the pipes in its place, as bytes. */
export interface CliTerminal {
  /** True when keys are pressed there. */
  readonly isTerminal: boolean
  /**
   * Hands over what comes in, `undefined` at its end, the next only when `take` has settled. `raw`:
   * each key as it is pressed, with nobody else looking at it. The answer ends it.
   */
  readonly open: (
    raw: boolean,
    take: (bytes: Uint8Array | undefined) => Promise<void>,
  ) => () => void
  readonly write: (bytes: Uint8Array, written: () => void) => void
}

export interface CliFiles {
  /** Text of a file, or undefined when there is none. */
  readonly readText: (path: string) => Promise<string | undefined>
  /** Writes a file only its owner may read, with its folders. */
  readonly writeSecret: (path: string, text: string) => Promise<void>
  readonly remove: (path: string) => Promise<void>
  readonly size: (path: string) => Promise<number | undefined>
  /** Bytes from `first` on. */
  readonly open: (path: string, first?: number) => Readable
  /** Streams a file through `by` into another. */
  readonly transform: (from: string, by: Transform, to: string) => Promise<void>
  /** A folder of its own that the caller removes. */
  readonly scratch: () => Promise<string>
}
