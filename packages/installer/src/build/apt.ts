import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '@brickyard/std/result'
import type { RecordedPackage } from './package-list.ts'

/** What apt holds for newest: version, hash and direct dependencies of one package. */
export function newestPackage(
  name: string,
  debianArch: string,
): Result<RecordedPackage & { readonly depends: readonly string[] }> {
  const shown = run('apt-cache', ['show', '--no-all-versions', `${name}:${debianArch}`])
  if (!shown.ok) return shown
  const field = (key: string): string =>
    shown.value
      .split('\n')
      .find((line) => line.startsWith(`${key}: `))
      ?.slice(key.length + 2) ?? ''
  const [version, sha256] = [field('Version'), field('SHA256')]
  if (version === '' || sha256 === '') return err(`apt knows no download of ${name}:${debianArch}`)
  const depends = field('Depends')
    .split(',')
    .map((one) => one.trim().replace(/[ (:].*$/, ''))
  return ok({ name, version, sha256, depends })
}

/** The path of a package's .deb in the cache, downloaded if need be, its hash checked. */
export function fetchPackage(
  wanted: RecordedPackage,
  debianArch: string,
  cacheFolder: string,
): Result<string> {
  const path = join(cacheFolder, `${wanted.sha256}.deb`)
  if (existsSync(path)) return ok(path)
  mkdirSync(cacheFolder, { recursive: true })
  const folder = mkdtempSync(join(cacheFolder, 'download-'))
  try {
    const spec = `${wanted.name}:${debianArch}=${wanted.version}`
    // apt's own download user cannot write into a private folder; as root it says so and goes on.
    const got = run('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', spec], folder)
    if (!got.ok) return got
    const [file] = readdirSync(folder)
    if (file === undefined) return err(`apt-get downloaded nothing for ${spec}`)
    const found = createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex')
    if (found !== wanted.sha256) return err(`${spec} has SHA-256 ${found}, wanted ${wanted.sha256}`)
    renameSync(join(folder, file), path)
    return ok(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Unpacks the files of a .deb into a folder. */
export function unpackPackage(debPath: string, folder: string): Result<string> {
  return run('dpkg-deb', ['-x', debPath, folder])
}

const OUTPUT_BYTES_MAX = 16 * 1024 * 1024

function run(program: string, args: readonly string[], cwd?: string): Result<string> {
  try {
    const output = execFileSync(program, args, {
      cwd,
      encoding: 'utf8',
      maxBuffer: OUTPUT_BYTES_MAX,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    })
    return ok(output)
  } catch (error) {
    const said =
      error instanceof Error ? error.message.trim().split('\n').slice(0, 4).join('; ') : ''
    return err(`${program} ${args.join(' ')}: ${said}`)
  }
}
