import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** What an open console tells. */
export interface ConsoleListener {
  /** Bytes the sled wrote to its serial port. */
  onData(bytes: Uint8Array): void
  /**
   * The BMC fell silent or dropped the console and it is being opened anew: bytes may be missing
   * here. `back` follows, or `onClosed`.
   */
  onInterrupted(state: 'lost' | 'back'): void
  /** The console is over for good: closed by us, taken by somebody else, or given up. */
  onClosed(why: string): void
}

/** A serial console that is open. */
export interface ConsoleSession {
  /**
   * Types bytes; they go out in order, each once. False when more than `CONSOLE_TYPED_BYTES_MAX` are
   * waiting already: nothing of `bytes` was taken.
   */
  write(bytes: Uint8Array): boolean
  /** A serial break (the magic key of Linux consoles). */
  sendBreak(): void
  close(): Promise<void>
}

/** Typed bytes that may wait for a slow BMC; a person types less, a paste of more is refused. */
export const CONSOLE_TYPED_BYTES_MAX = 4096

/** The serial console of a sled, by its BMC. One at a time: most BMCs have no second one. */
export interface ConsoleControl {
  /** `takeOver` ends a console somebody else holds; without it such a console is refused. */
  open(
    listener: ConsoleListener,
    options: { readonly takeOver: boolean },
  ): Promise<Result<ConsoleSession, BmcFault>>
}
