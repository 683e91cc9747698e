import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where what is slow to build is kept between runs. */
export const cacheFolder = (): string =>
  process.env['BRICKYARD_CACHE'] ?? join(homedir(), '.cache/brickyard')

export const repositoryPath = (path: string): string =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Every file below a folder but tests. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => join(entry.parentPath, entry.name))

/** One short hash over the content of files: a change of any builds anew. */
export function hashOf(paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of [...paths].sort()) hash.update(readFileSync(path))
  return hash.digest('hex').slice(0, 16)
}
