import { spawn } from 'node:child_process'
import type { Process, ProcessEnd } from '../process.ts'

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
}
