import { readFileSync, readdirSync } from 'node:fs'

/** Of /proc/PID/stat's times, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** Processor time so far and most memory ever of a process and its children. */
export function spent(pid: number): { cpuSeconds: number; mostBytes: number } {
  const total = { cpuSeconds: 0, mostBytes: 0 }
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = statOf(name)
    if (stat === undefined || (Number(name) !== pid && stat.parent !== pid)) continue
    total.cpuSeconds += stat.ticks / TICKS_PER_SECOND
    total.mostBytes += stat.mostBytes
  }
  return total
}

function statOf(pid: string): { parent: number; ticks: number; mostBytes: number } | undefined {
  try {
    // The name, in brackets, may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    const most = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return {
      parent: Number(fields[1]),
      // Its own times, and those of its children that have ended.
      ticks: fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0),
      mostBytes: Number(most?.[1] ?? 0) * 1024,
    }
  } catch {
    // It ended while we looked.
    return undefined
  }
}
