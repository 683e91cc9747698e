import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const repository = join(here, '..', '..')
const stampFile = join(here, 'dist', '.built-from')

/** Everything the bundle is made of: the console and the packages whose code goes into it. */
const SOURCES = [
  'hub/console/src',
  'hub/console/public',
  'hub/console/index.html',
  'hub/console/build.ts',
  'hub/console/package.json',
  'hub/console/vite.config.ts',
  'packages/api/src',
  'packages/cli/src/command-table.ts',
  'packages/model/src',
  'packages/open19/src',
  'packages/std/src',
  'pnpm-lock.yaml',
]

function filesOf(path: string): string[] {
  if (!existsSync(path)) return []
  const entries = readdirSync(path, { recursive: true, withFileTypes: true })
  return entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name))
}

function sourceHash(): string {
  const hash = createHash('sha256')
  const files = SOURCES.map((source) => join(repository, source)).flatMap((path) =>
    /\.[a-z]+$/.test(path) ? [path] : filesOf(path),
  )
  for (const file of files.sort()) {
    if (file.endsWith('.test.ts')) continue
    hash.update(relative(repository, file)).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

/**
 * Builds the console into `dist` when what it is made of has changed since the last build, and
 * answers the folder to serve. A build takes about a second; looking takes some milliseconds.
 */
export async function buildConsole(): Promise<{
  readonly folder: string
  readonly built: boolean
}> {
  const folder = join(here, 'dist')
  const wanted = sourceHash()
  const held = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : ''
  if (held === wanted && existsSync(join(folder, 'index.html'))) return { folder, built: false }
  // Loaded only here: a start that finds the bundle ready does not pay for the bundler.
  const { build } = await import('vite')
  // Vite takes what it finds here for the kind of build: a test's NODE_ENV must not reach what is served.
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  try {
    await build({ root: here, configFile: join(here, 'vite.config.ts'), logLevel: 'warn' })
  } finally {
    if (before === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = before
  }
  writeFileSync(stampFile, wanted)
  return { folder, built: true }
}

if (import.meta.main) {
  const { folder, built } = await buildConsole()
  console.log(`${built ? 'built' : 'unchanged'}: ${relative(process.cwd(), folder)}`)
}
