import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { dialConsole } from './console-socket.ts'
import { nodeTerminal } from './node-terminal.ts'
import type { CliFiles, CliPorts } from './ports.ts'

/** The machine `yard` runs on. */
export const nodePorts = (): CliPorts => ({
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  interactive: process.stdin.isTTY && process.stderr.isTTY,
  ask: askOnTerminal,
  readInput: async () => {
    const pieces: Buffer[] = []
    for await (const piece of process.stdin) pieces.push(Buffer.from(piece))
    return Buffer.concat(pieces).toString('utf8')
  },
  fetch: (request) => fetch(request),
  nowMs: () => Date.now(),
  after(delayMs, work) {
    const timer = setTimeout(work, delayMs)
    return () => clearTimeout(timer)
  },
  terminal: nodeTerminal(),
  dialConsole,
  randomBytes: (count) => new Uint8Array(randomBytes(count)),
  sleep: (spanMs) => new Promise((resolve) => setTimeout(resolve, spanMs)),
  files: nodeFiles,
  run: runProgram,
  pipe: pipeProgram,
})

/** Asks on standard error, so that standard output stays clean for data. */
async function askOnTerminal(question: string, hidden: boolean): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_piece, _encoding, done) => done() })
  const reader = createInterface({
    input: process.stdin,
    output: hidden ? silent : process.stderr,
    terminal: true,
  })
  try {
    return await reader.question('')
  } finally {
    reader.close()
    if (hidden) process.stderr.write('\n')
  }
}

const missing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR')

const nodeFiles: CliFiles = {
  readText: async (path) => {
    try {
      return await readFile(path, 'utf8')
    } catch (error) {
      if (missing(error)) return undefined
      throw error
    }
  },
  writeSecret: async (path, text) => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(path, text, { mode: 0o600 })
    // The mode above counts only for a new file.
    await chmod(path, 0o600)
  },
  remove: (path) => rm(path, { recursive: true, force: true }),
  size: async (path) => {
    try {
      const found = await stat(path)
      return found.isFile() ? found.size : undefined
    } catch (error) {
      if (missing(error)) return undefined
      throw error
    }
  },
  open: (path, first = 0) => createReadStream(path, { start: first }),
  transform: (from, by, to) => pipeline(createReadStream(from), by, createWriteStream(to)),
  scratch: () => mkdtemp(join(tmpdir(), 'yard-')),
}

const runProgram: CliPorts['run'] = (program, args) =>
  new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let text = ''
    child.stderr.on('data', (piece: Buffer) => {
      text += piece.toString('utf8')
    })
    child.on('error', () => resolve(undefined))
    child.on('close', (code) => resolve({ code: code ?? 1, err: text }))
  })

const pipeProgram: CliPorts['pipe'] = (program, args) => {
  const through = new PassThrough()
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stderr.on('data', (piece: Buffer) => {
    text += piece.toString('utf8')
  })
  child.on('error', (error) => through.destroy(error))
  child.stdout.pipe(through, { end: false })
  child.on('close', (code) => {
    if (code === 0) through.end()
    else through.destroy(new Error(`${program}: ${text.trim() || `it ended with ${code}`}`))
  })
  return through
}
