import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Bmc } from '@brickyard/bmc/bmc'
import { ownCpuMs } from './child-cost.ts'

/** How often a site asks (the agent's own rates). */
const POWER_EVERY_MS = 15_000
const SENSORS_EVERY_MS = 60_000
/** `BRICKYARD_BENCH_POLL_SECONDS=600` makes it the ten minutes of the acceptance. */
const SECONDS = Number(process.env['BRICKYARD_BENCH_POLL_SECONDS'] ?? '90')
const MEMORY_EVERY_MS = 1000
/** By then every sensor list has been read once and every buffer has grown. */
const SETTLED_MS = 60_000

export interface Polled {
  readonly seconds: number
  readonly cpuPercent: number
  readonly peakMiB: number
  readonly grownMiB: number
  readonly failed: number
  readonly slowestMs: number
}

/** Polls power and sensors of every client at a site's rates, each from a moment of its own on. */
export async function pollFleet(clients: readonly Bmc[]): Promise<Polled> {
  const endMs = performance.now() + SECONDS * 1000
  let failed = 0
  let slowestMs = 0
  const poll = async (everyMs: number, nth: number, work: () => Promise<{ ok: boolean }>) => {
    await pause((everyMs * nth) / clients.length)
    for (;;) {
      const begunMs = performance.now()
      if (begunMs >= endMs) return
      if (!(await work()).ok) failed += 1
      const tookMs = performance.now() - begunMs
      slowestMs = Math.max(slowestMs, tookMs)
      await pause(Math.max(0, Math.min(everyMs - tookMs, endMs - performance.now())))
    }
  }
  const memory: { readonly atMs: number; readonly bytes: number }[] = []
  const begunMs = performance.now()
  const looking = setInterval(
    () => memory.push({ atMs: performance.now() - begunMs, bytes: process.memoryUsage().rss }),
    MEMORY_EVERY_MS,
  )
  const begunCpuMs = ownCpuMs()
  await Promise.all(
    clients.flatMap((client, nth) => [
      poll(POWER_EVERY_MS, nth, () => client.power.read()),
      poll(SENSORS_EVERY_MS, nth, async () => (await client.sensors?.read()) ?? { ok: false }),
    ]),
  )
  clearInterval(looking)
  const tookMs = performance.now() - begunMs
  const settled = memory.filter(({ atMs }) => atMs >= SETTLED_MS).map(({ bytes }) => bytes)
  const MiB = 1024 * 1024
  return {
    seconds: SECONDS,
    cpuPercent: ((ownCpuMs() - begunCpuMs) / tookMs) * 100,
    peakMiB: Math.max(...memory.map(({ bytes }) => bytes)) / MiB,
    grownMiB: ((settled.at(-1) ?? 0) - (settled[0] ?? 0)) / MiB,
    failed,
    slowestMs,
  }
}
