import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Clock ticks in a second on every Linux there is (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100

/** CPU milliseconds of this process, user and system. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** CPU milliseconds of all children that have ended (proc(5): cutime and cstime), in steps of 10 ms. */
export function childrenCpuMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  const ticks = Number(fields[13]) + Number(fields[14])
  return (ticks / TICKS_PER_SECOND) * 1000
}

/** Peak memory of one run of a program, in MiB, as far as a look every millisecond sees it. */
export const peakMemoryMiB = (program: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore' })
    let peakKiB = 0
    const looking = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
        peakKiB = Math.max(peakKiB, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
      } catch {
        // It has just ended.
      }
    }, 1)
    child.once('close', () => {
      clearInterval(looking)
      resolve(peakKiB / 1024)
    })
  })
