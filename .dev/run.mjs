// Makes a fresh clone runnable on a machine that has only npm and Node 20: installs what the lock
// file names, with the pinned pnpm, once per lock file; then runs the script given as arguments on
// the pinned Node 24. (A shell's `setup && node main.ts` would not do: it remembers where it found
// the old `node`.) Plain JavaScript, because it runs before the pinned Node exists.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The pinned package manager; the lock file is written by it. */
const PNPM = 'pnpm@12.21.0'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stampFile = join(root, 'node_modules', '.brickyard-setup')
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'pnpm-lock.yaml')))
  .update(readFileSync(join(root, 'pnpm-workspace.yaml')))
  .update(`${process.platform}-${process.arch}`)
  .digest('hex')

const held = existsSync(stampFile) ? readFileSync(stampFile, 'utf8').trim() : ''
if (held !== wanted) {
  console.log(`brickyard: installing dependencies with ${PNPM} (once per lock file) …`)
  const run = spawnSync(
    'npx',
    ['--yes', PNPM, 'install', '--frozen-lockfile', '--reporter=append-only'],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  if (run.status !== 0) {
    console.error(
      `brickyard: setup failed: '${PNPM} install' ended with ${run.status ?? run.error?.message}. ` +
        'It needs the npm registry; see the lines above.',
    )
    process.exit(1)
  }
  writeFileSync(stampFile, `${wanted}\n`)
}

const [script, ...args] = process.argv.slice(2)
if (script !== undefined) {
  const node = join(root, 'node_modules', '.bin', 'node')
  const bin = join(root, 'node_modules', '.bin')
  const child = spawn(node, [script, ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}` },
  })
  // Ctrl-C reaches the child by itself (same terminal); a plain kill must be passed on.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
