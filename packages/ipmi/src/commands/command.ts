/** A command as both sides name it: network function and number (IPMI 2.0 appendix G). */
export interface Command {
  readonly netFn: number
  readonly command: number
}

/** A command with its request data: what the client machine is asked to send. */
export interface CommandRequest extends Command {
  readonly data: Uint8Array
}
