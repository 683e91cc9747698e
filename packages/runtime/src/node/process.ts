import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { Process, ProcessEnd } from '../process.ts'

/** After a polite request to end. */
const KILL_AFTER_MS = 3000

export const nodeProcess: Process = {
  run: ({ command, args, input, timeoutMs, outputBytesMax }) =>
    new Promise<ProcessEnd>((resolve) => {
      const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
      const stdout: Buffer[] = []
      const stderr: Buffer[] = []
      let bytes = 0
      let trouble: string | undefined
      const end = (code: number | null): void => {
        clearTimeout(timer)
        resolve({
          code,
          stdout: new Uint8Array(Buffer.concat(stdout)),
          stderr: new Uint8Array(Buffer.concat(stderr)),
          ...(trouble === undefined ? {} : { trouble }),
        })
      }
      const timer = setTimeout(() => {
        trouble = `${command} was ended after ${timeoutMs} ms`
        child.kill('SIGKILL')
      }, timeoutMs)
      const collect = (into: Buffer[]) => (piece: Buffer) => {
        bytes += piece.length
        if (bytes <= outputBytesMax) into.push(piece)
        else if (trouble === undefined) {
          trouble = `${command} printed more than ${outputBytesMax} bytes`
          child.kill('SIGKILL')
        }
      }
      child.stdout.on('data', collect(stdout))
      child.stderr.on('data', collect(stderr))
      child.on('error', (error) => {
        trouble = `${command} could not be started: ${error.message}`
        end(null)
      })
      child.on('close', (code) => end(trouble === undefined ? code : null))
      child.stdin.on('error', () => undefined)
      child.stdin.end(input)
    }),
  start({ command, args, outputBytesMax }) {
    // The kernel passes our own end on to it: nobody else would, when we are killed.
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', command, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stdout = keepTail(child.stdout, outputBytesMax)
    const stderr = keepTail(child.stderr, outputBytesMax)
    let timer: NodeJS.Timeout | undefined
    const ended = new Promise<ProcessEnd>((resolve) => {
      child.once('error', (error) => {
        const trouble = `${command} could not be started: ${error.message}`
        resolve({ code: null, stdout: stdout(), stderr: stderr(), trouble })
      })
      child.once('close', (code, signal) => {
        clearTimeout(timer)
        const trouble = signal === null ? undefined : `${command} was ended by ${signal}`
        const end = { code, stdout: stdout(), stderr: stderr() }
        resolve(trouble === undefined ? end : { ...end, trouble })
      })
    })
    return {
      ended,
      stop() {
        if (timer !== undefined) return
        child.kill('SIGTERM')
        timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
        timer.unref()
      },
    }
  },
}

/** Reads a stream to its end and keeps its last bytes. */
function keepTail(stream: Readable, bytesMax: number): () => Uint8Array {
  let tail = Buffer.alloc(0)
  stream.on('data', (piece: Buffer) => {
    tail = Buffer.concat([tail, piece])
    if (tail.length > bytesMax) tail = tail.subarray(tail.length - bytesMax)
  })
  return () => new Uint8Array(tail)
}
