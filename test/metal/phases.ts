import type { Operation } from '@brickyard/api/schemas'
import type { StepRecord } from '@brickyard/installer/plan'

/** When each phase of one installation ended, in ms after its start; in the order they come. */
export type Phases = ReadonlyMap<string, number>

/** Phases from a floor's or an agent's times of one clock. */
export function phasesOf(
  startMs: number,
  marks: Readonly<Record<string, number | undefined>>,
  steps: readonly StepRecord[],
): Phases {
  const phases = new Map<string, number>()
  const put = (name: string, atMs: number | undefined): void => {
    if (atMs !== undefined) phases.set(name, atMs - startMs)
  }
  put('script fetched', marks['scriptMs'])
  put('installer claimed', marks['claimMs'])
  for (const step of steps) {
    if (step.ok && step.verb !== 'reboot') put(step.verb, step.endedMs)
  }
  put('OS called home', marks['phoneHomeMs'])
  return phases
}

const VERBS = ['inventory', 'wipe', 'write', 'verify', 'seed', 'boot-entry', 'report']

/**
 * Phases from what the hub tells of an operation. `extra` are times that the rig or the journal
 * knows: of the start, of the script, of the claim.
 */
export function phasesOfOperation(
  startMs: number,
  operation: Operation,
  extra: Readonly<Record<string, number | undefined>>,
): Phases {
  const fetched = operation.steps.find(({ name }) => name.startsWith('fetch image'))
  const phases: [string, number | null | undefined][] = [
    ['image at the site', fetched?.endedAtMs],
    ['powered on', extra['startedMs']],
    ['script fetched', extra['scriptMs']],
    ['installer claimed', extra['claimMs']],
    ...operation.steps.flatMap(({ name, state, endedAtMs }): [string, number | null][] => {
      const verb = name.split(' ')[0] ?? ''
      return state === 'done' && VERBS.includes(verb) ? [[verb, endedAtMs]] : []
    }),
    ['OS called home', operation.endedAtMs],
  ]
  return new Map(
    phases.flatMap(([name, atMs]) => (typeof atMs === 'number' ? [[name, atMs - startMs]] : [])),
  )
}

/** One row a phase: seconds each phase took, one column a run, the total last. */
export function phaseTable(runs: ReadonlyMap<string, Phases>): string {
  const names = [...new Set([...runs.values()].flatMap((phases) => [...phases.keys()]))]
  const width = Math.max(...names.map((name) => name.length)) + 2
  const columns = [...runs.keys()]
  const cell = (text: string, column: string): string => text.padStart(Math.max(column.length, 7))
  const lines = [`${'seconds'.padEnd(width)}${columns.join('  ')}`]
  for (const name of names) {
    const cells = columns.map((column) => cell(seconds(durationOf(runs.get(column), name)), column))
    lines.push(`${name.padEnd(width)}${cells.join('  ')}`)
  }
  const totals = columns.map((column) => cell(seconds(totalMs(runs.get(column))), column))
  lines.push(`${'total'.padEnd(width)}${totals.join('  ')}`)
  return lines.join('\n')
}

/** From the start to the last phase. */
export const totalMs = (phases: Phases | undefined): number | undefined =>
  phases === undefined || phases.size === 0 ? undefined : Math.max(...phases.values())

function durationOf(phases: Phases | undefined, name: string): number | undefined {
  const end = phases?.get(name)
  if (phases === undefined || end === undefined) return undefined
  const before = [...phases.values()].filter((at) => at < end)
  return end - Math.max(0, ...before)
}

const seconds = (ms: number | undefined): string =>
  ms === undefined ? '-' : (ms / 1000).toFixed(1)
