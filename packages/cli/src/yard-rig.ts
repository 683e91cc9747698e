import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExitCode } from './exit-codes.ts'
import { nodePorts } from './node-ports.ts'
import type { CliPorts } from './ports.ts'
import { runYard } from './program.ts'

/** `yard` in this process, for tests: real files and requests, its own folder for the session. */
export interface YardRig {
  readonly folder: string
  run(words: string, ports?: Partial<CliPorts>): Promise<Ran>
  close(): Promise<void>
}

export interface Ran {
  readonly exit: ExitCode
  /** Standard output and error, with what differs from run to run replaced by its name. */
  readonly out: string
  readonly err: string
}

const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, 'TIME-OF-THIS-RUN....'],
  [/dep-[0-9a-f]{16}/g, 'dep-ID'],
  [/act-[0-9a-f]{16}/g, 'act-ID'],
  [/request [0-9a-f]{16}/g, 'request ID'],
  [/\b[0-9a-f]{64}\b/g, 'SHA256'],
  [/by1\.[^\s"]+/g, 'by1.TOKEN'],
  [/http:\/\/127\.0\.0\.1:\d+/g, 'HUB'],
]

export async function yardRig(env: Readonly<Record<string, string>> = {}): Promise<YardRig> {
  const folder = await mkdtemp(join(tmpdir(), 'yard-test-'))
  const steady = (text: string): string =>
    VARYING.reduce((all, [pattern, name]) => all.replace(pattern, name), text).replaceAll(
      folder,
      'FOLDER',
    )
  return {
    folder,
    async run(words, ports = {}) {
      let out = ''
      let err = ''
      const exit = await runYard(words.split(' '), {
        ...nodePorts(),
        env: { XDG_CONFIG_HOME: folder, ...env },
        interactive: false,
        out: (text) => {
          out += text
        },
        err: (text) => {
          err += text
        },
        ...ports,
      })
      return { exit, out: steady(out), err: steady(err) }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
