export interface ProcessRun {
  readonly command: string
  readonly args: readonly string[]
  readonly input?: Uint8Array
  readonly timeoutMs: number
  readonly outputBytesMax: number
}

export interface ProcessEnd {
  /** Exit code, or null when it was killed (timeout, signal) or could not be started. */
  readonly code: number | null
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** Why it could not be started or was ended, when it was. */
  readonly trouble?: string
}

/** Foreign programs as a port. No shell is involved; secrets go in by `input`, never by `args`. */
export interface Process {
  run(run: ProcessRun): Promise<ProcessEnd>
}
