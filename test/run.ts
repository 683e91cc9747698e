/**
 * `npm test`: runs every check that needs no root and ends with one line, `N passed, N failed,
 * N skipped`. `--root` runs the tests that make their own network namespaces.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Count {
  passed: number
  failed: number
  skipped: number
}

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
const rootTests = process.argv.includes('--root')
const total: Count = { passed: 0, failed: 0, skipped: 0 }
const reasons = new Map<string, number>()

function check(name: string, command: string, args: readonly string[]): void {
  console.log(`\n== ${name}`)
  const run = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (run.status === 0) total.passed += 1
  else {
    total.failed += 1
    console.log(`== ${name} FAILED (${run.status ?? run.error?.message ?? run.signal})`)
  }
}

interface VitestReport {
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { status: string; fullName: string }[]
  }[]
}

function units(): void {
  console.log(rootTests ? '\n== root tests' : '\n== tests')
  const folder = mkdtempSync(join(tmpdir(), 'brickyard-test-'))
  const report = join(folder, 'report.json')
  const selection = rootTests
    ? ['.root.test.ts']
    : process.env['BRICKYARD_ROOT_FOLLOWS'] === '1'
      ? ['--exclude', '**/*.root.test.ts']
      : []
  const run = spawnSync(
    bin('vitest'),
    [
      'run',
      '--config',
      'test/vitest.config.ts',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...selection,
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...(rootTests ? { BRICKYARD_ROOT_TESTS: '1' } : {}) },
    },
  )
  if (!existsSync(report)) {
    total.failed += 1
    console.log(`== vitest wrote no report (${run.status ?? run.error?.message ?? run.signal})`)
  } else {
    const results = JSON.parse(readFileSync(report, 'utf8')) as VitestReport
    const failedBefore = total.failed
    for (const file of results.testResults) addFile(file)
    // An error outside any test (an unhandled rejection) fails the run as well.
    if (run.status !== 0 && total.failed === failedBefore) total.failed += 1
  }
  rmSync(folder, { recursive: true, force: true })
}

function addFile(file: VitestReport['testResults'][number]): void {
  if (file.assertionResults.length === 0 && file.status === 'failed') total.failed += 1
  for (const { status, fullName } of file.assertionResults) {
    if (status === 'passed') total.passed += 1
    else if (status === 'failed') total.failed += 1
    else {
      total.skipped += 1
      const why = /\[skipped: (.*?)\]/.exec(fullName)?.[1] ?? `no reason given: ${fullName}`
      reasons.set(why, (reasons.get(why) ?? 0) + 1)
    }
  }
}

if (!rootTests) {
  check('format', bin('oxfmt'), ['--check', '.'])
  check('lint', bin('oxlint'), ['--type-aware', '--deny-warnings'])
  check('types', bin('tsc'), ['-p', 'tsconfig.json'])
  if (existsSync(join(root, 'hub/console/tsconfig.json'))) {
    check('types of the console', bin('tsc'), ['-p', 'hub/console/tsconfig.json'])
  }
}
units()

if (reasons.size > 0) {
  console.log('\nSkipped:')
  for (const [why, count] of reasons) console.log(`  ${count} × ${why}`)
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed === 0 ? 0 : 1
