/**
 * `npm run bench [-- NAME …] [--json]`: every figure beside a peer's, measured in the same run.
 * `provision` (QEMU, root, many minutes) and `bmc` (a few minutes) run only when they are named.
 */
import type { BenchRow } from './row.ts'

interface Bench {
  readonly name: string
  readonly byDefault: boolean
  readonly run: () => Promise<readonly BenchRow[]>
}

const BENCHES: readonly Bench[] = [
  {
    name: 'power-status',
    byDefault: true,
    run: async () => (await import('./power-status.ts')).run(),
  },
  { name: 'bmc', byDefault: false, run: async () => (await import('./bmc.ts')).run() },
  { name: 'boot-storm', byDefault: true, run: async () => (await import('./boot-storm.ts')).run() },
  { name: 'dhcp', byDefault: true, run: async () => (await import('./dhcp.ts')).run() },
  { name: 'cold-start', byDefault: true, run: async () => (await import('./cold-start.ts')).run() },
  { name: 'memory', byDefault: true, run: async () => (await import('./memory.ts')).run() },
  { name: 'tftp', byDefault: true, run: async () => (await import('./tftp.ts')).run() },
  { name: 'http', byDefault: true, run: async () => (await import('./http.ts')).run() },
  { name: 'provision', byDefault: false, run: async () => (await import('./provision.ts')).run() },
]

const json = process.argv.includes('--json')
const named = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const unknown = named.filter((name) => !BENCHES.some((bench) => bench.name === name))
if (unknown.length > 0) {
  console.error(
    `no bench '${unknown[0]}'; there are: ${BENCHES.map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}

const rows: BenchRow[] = []
let failed = 0
for (const bench of BENCHES) {
  if (named.length > 0 ? !named.includes(bench.name) : !bench.byDefault) continue
  try {
    for (const row of await bench.run()) {
      rows.push(row)
      if (json) console.log(JSON.stringify(row))
    }
  } catch (error) {
    failed += 1
    console.error(
      `bench ${bench.name} failed: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
if (!json) {
  const figure = (n: number | null): string =>
    n === null ? '-' : n >= 100 ? n.toFixed(0) : n.toPrecision(3)
  console.log('| bench | metric | ours | peer | ratio |\n|---|---|---|---|---|')
  for (const { bench, metric, unit, ours, peer, peerName, ratio } of rows) {
    const other = peer === null ? (peerName ?? '-') : `${figure(peer)} ${unit} (${peerName})`
    console.log(`| ${bench} | ${metric} | ${figure(ours)} ${unit} | ${other} | ${figure(ratio)} |`)
  }
}
process.exitCode = failed === 0 ? 0 : 1
