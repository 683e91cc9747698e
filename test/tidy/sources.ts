import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Source {
  /** Path from the top of the repository. */
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
}

/** Every file that git knows or would take, with the ignored ones left out. */
export function repositoryFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return [...new Set(listed.split('\0'))].filter(
    (path) => path !== '' && existsSync(join(ROOT, path)),
  )
}

/** Our own code: TypeScript and JavaScript outside generated files. */
export function codeFiles(): Source[] {
  return repositoryFiles()
    .filter((path) => /\.(ts|tsx|mts|mjs)$/.test(path))
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8')
      return { path, text, lines: text.split('\n') }
    })
}

export const isTest = (path: string): boolean =>
  /\.test\.tsx?$/.test(path) || path.startsWith('test/')

/** The code with comments and the insides of plain strings blanked, so that a rule sees only code. */
export const codeOnly = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[^:'"`\\])\/\/[^\n]*/g, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, (string) =>
      string.length > 2 ? `'${'_'.repeat(string.length - 2)}'` : string,
    )

export interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

/** Static and dynamic imports and re-exports of a file. */
export function importsOf(text: string): Import[] {
  const found: Import[] = []
  const pattern =
    /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g
  for (const match of text.matchAll(pattern)) {
    const specifier = match[3] ?? match[4]
    if (specifier !== undefined) found.push({ specifier, typeOnly: match[2] !== undefined })
  }
  return found
}
