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

export interface ProcessStart {
  readonly command: string
  readonly args: readonly string[]
  /** Of each of its two outputs this many bytes are kept, the last ones. */
  readonly outputBytesMax: number
}

/** A program that runs until it is stopped, or ends by itself. */
export interface RunningProcess {
  /** Settles when it is over, also when it could not be started; never rejects. */
  readonly ended: Promise<ProcessEnd>
  /** Asks it to end; one that does not within 3 s is killed. */
  stop(): void
}

/** Foreign programs as a port. No shell is involved; secrets go in by `input`, never by `args`. */
export interface Process {
  run(run: ProcessRun): Promise<ProcessEnd>
  /** Starts a program that is to stay. It ends with us, also when we are killed. */
  start(start: ProcessStart): RunningProcess
}
