import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { nodeProcess } from './process.ts'

const start = (command: string, ...args: string[]) =>
  nodeProcess.start({ command, args, outputBytesMax: 100 })
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('a program that stays', () => {
  it('says how it ended, and its last words alone', async () => {
    const end = await start('sh', '-c', 'seq 1000; echo no >&2; exit 3').ended
    expect(end).toMatchObject({ code: 3 })
    expect(text(end.stderr)).toBe('no\n')
    expect(text(end.stdout)).toMatch(/998\n999\n1000\n$/)
    expect(end.stdout.length).toBe(100)
  })

  it('ends when told', async () => {
    const running = start('sleep', '60')
    running.stop()
    running.stop()
    expect(await running.ended).toMatchObject({ code: null, trouble: 'sleep was ended by SIGTERM' })
  })

  it('that is missing says so', async () => {
    const end = await start('no-such-program').ended
    expect(end.code).toBe(127)
    expect(text(end.stderr)).toContain('no-such-program')
  })

  it('ends with who started it, also when that one is killed', async () => {
    const program = `
      import { nodeProcess } from '${new URL('process.ts', import.meta.url).href}'
      nodeProcess.start({ command: 'sh', args: ['-c', 'echo $$ >&2; exec sleep 61'], outputBytesMax: 9 })
      console.log(process.pid)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(parent.stdout, 'data')
    const children = (): string => {
      try {
        return execFileSync('ps', ['-o', 'args=', '--ppid', `${parent.pid}`], { encoding: 'utf8' })
      } catch {
        return ''
      }
    }
    while (!children().includes('sleep 61')) await sleep(20)
    const pid = execFileSync('ps', ['-o', 'pid=', '--ppid', `${parent.pid}`], { encoding: 'utf8' })
    parent.kill('SIGKILL')
    const isThere = (): boolean => {
      try {
        return process.kill(Number(pid), 0)
      } catch {
        return false
      }
    }
    // Whoever takes over orphans collects it in its own time; a zombie runs no more.
    const state = (): string =>
      isThere()
        ? execFileSync('sh', ['-c', `ps -o stat= -p ${Number(pid)} || true`], { encoding: 'utf8' })
        : ''
    while (/^[^Z]/.test(state())) await sleep(20)
    expect(state()).toMatch(/^(Z|$)/)
  })
})
