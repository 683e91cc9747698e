import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'

const KILL_AFTER_MS = 15_000
const TAIL_LINES = 25

/** A program of ours as it runs on a machine: its own process, its words in a file. */
export class LoggedProcess {
  readonly name: string
  readonly logPath: string
  /** Its exit code, or null when it was killed. */
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess

  /** Appends to the log file, so that one file tells of every life of a program. */
  constructor(name: string, logPath: string, [program = '', ...args]: readonly string[]) {
    this.name = name
    this.logPath = logPath
    const log = openSync(logPath, 'a')
    this.#child = spawn(program, args, { stdio: ['ignore', log, log] })
    closeSync(log)
    this.ended = new Promise((resolve) => this.#child.once('exit', resolve))
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Asks it to stop; one that does not is killed. */
  async stop(): Promise<void> {
    const late = setTimeout(() => this.#child.kill('SIGKILL'), KILL_AFTER_MS)
    this.#child.kill('SIGTERM')
    await this.ended
    clearTimeout(late)
  }

  /** Nothing in it hears of this. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }
}

/** The last lines of a file, or why there are none. */
export function tailOf(path: string, lines = TAIL_LINES): string {
  try {
    return readFileSync(path, 'latin1').trimEnd().split(/\r?\n/).slice(-lines).join('\n')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
