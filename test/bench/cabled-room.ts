import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programPath } from '../needs.ts'

const START_TIMEOUT_MS = 120_000

/** A cable between the two namespaces of a room: `device` at the server's end. */
export interface Cable {
  readonly device: string
  /** The client's end. */
  readonly client: string
  readonly serverAddress: string
  readonly clientAddresses: readonly string[]
  /** Of all these addresses; 24 unless told. */
  readonly prefixLength?: number
}

/** A server's machine and the sleds', cabled together; everything ends with `close`. */
export interface CabledRoom {
  readonly folder: string
  /** Starts a program; its environment is what is given and nothing else. */
  serve(words: readonly string[], env?: Readonly<Record<string, string>>): RoomProgram
  beSleds(words: readonly string[]): RoomProgram
  close(): void
}

export interface RoomProgram {
  readonly pid: number
  /** Waits for a line on either output, and gives what the expression's first group holds. */
  heard(line: RegExp): Promise<string>
  /** Waits until it has ended by itself, and gives all it said. */
  output(): Promise<string>
  /** Asks it to end, and waits until it has. */
  end(): Promise<void>
}

/** Throws with the reason where there is no root, or a program is missing. */
export function openCabledRoom(name: string, cables: readonly Cable[]): CabledRoom {
  if (process.getuid?.() !== 0) throw new Error('needs root: it makes network namespaces')
  for (const program of ['ip', 'python3', 'setpriv']) {
    if (programPath(program) === undefined) throw new Error(`needs ${program}`)
  }
  const [server, sleds] = [`by-${name}-s${process.pid}`, `by-${name}-c${process.pid}`]
  const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' })
  const folder = mkdtempSync(join(tmpdir(), `brickyard-${name}-`))
  const started: RoomProgram[] = []
  const close = (): void => {
    for (const { pid } of started) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended.
      }
    }
    for (const namespace of [server, sleds]) spawnSync('ip', ['netns', 'del', namespace])
    rmSync(folder, { recursive: true, force: true })
  }
  const start = (
    namespace: string,
    words: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): RoomProgram => {
    const program = roomProgram(
      spawn('ip', ['netns', 'exec', namespace, ...words], {
        cwd: '/',
        env: { PATH: process.env['PATH'] ?? '', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
    started.push(program)
    return program
  }
  try {
    for (const namespace of [server, sleds]) {
      ip('netns', 'add', namespace)
      ip('-n', namespace, 'link', 'set', 'lo', 'up')
    }
    for (const cable of cables) {
      const { device, client, serverAddress, clientAddresses, prefixLength = 24 } = cable
      const link = ['-n', server, 'link', 'add', device, 'type', 'veth']
      ip(...link, 'peer', 'name', client, 'netns', sleds)
      ip('-n', server, 'addr', 'add', `${serverAddress}/${prefixLength}`, 'dev', device)
      for (const address of clientAddresses) {
        ip('-n', sleds, 'addr', 'add', `${address}/${prefixLength}`, 'dev', client)
      }
      ip('-n', server, 'link', 'set', device, 'up')
      ip('-n', sleds, 'link', 'set', client, 'up')
    }
    const [first] = cables
    if (first !== undefined) {
      ip('-n', server, 'route', 'add', '255.255.255.255', 'dev', first.device)
      ip('-n', sleds, 'route', 'add', '255.255.255.255', 'dev', first.client)
    }
  } catch (error) {
    close()
    throw error
  }
  return {
    folder,
    serve: (words, env) => start(server, words, env),
    beSleds: (words) => start(sleds, words),
    close,
  }
}

function roomProgram(child: ChildProcess): RoomProgram {
  let said = ''
  const listeners = new Set<() => void>()
  const hear = (piece: Buffer): void => {
    said += piece.toString()
    for (const look of listeners) look()
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  child.once('exit', () => {
    for (const look of listeners) look()
  })
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    pid: child.pid ?? 0,
    heard: (line) =>
      new Promise((resolve, reject) => {
        const settle = (work: () => void): void => {
          clearTimeout(timer)
          listeners.delete(look)
          work()
        }
        const look = (): void => {
          const found = line.exec(said)
          if (found !== null) settle(() => resolve(found[1] ?? found[0]))
          else if (hasEnded()) settle(() => reject(new Error(`ended without ${line}: ${said}`)))
        }
        const timer = setTimeout(
          () => settle(() => reject(new Error(`no ${line} in time: ${said}`))),
          START_TIMEOUT_MS,
        )
        listeners.add(look)
        look()
      }),
    output: () =>
      new Promise((resolve) => {
        // Its pipes may hold more than its end.
        if (hasEnded() && child.stdout?.readableEnded !== false) return resolve(said)
        child.once('close', () => resolve(said))
      }),
    end: () =>
      new Promise((resolve) => {
        if (hasEnded()) return resolve()
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}
