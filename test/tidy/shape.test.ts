import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeFiles, codeOnly, repositoryFiles } from './sources.ts'

const TOP_LEVEL = [
  'package.json',
  'pnpm-workspace.yaml',
  'packages',
  'agent',
  'hub',
  'firmware-catalog',
  'test',
  'README.md',
  'pnpm-lock.yaml',
  'LICENSE',
  'tsconfig.json',
]
const LINES_ASK = 300
const LINES_MAX = 500

const files = codeFiles()
const all = repositoryFiles()

describe('shape of the repository', () => {
  it('has exactly the top level that the design names', () => {
    const top = [...new Set(all.map((path) => path.split('/')[0] as string))]
    expect(top.filter((name) => !name.startsWith('.') && !TOP_LEVEL.includes(name))).toEqual([])
    expect(TOP_LEVEL.filter((name) => !top.includes(name))).toEqual([])
  })

  it('has no package without code', () => {
    const manifests = all.filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))
    const empty = manifests.filter(
      (path) => !files.some((file) => file.path.startsWith(path.replace('package.json', 'src/'))),
    )
    expect(empty).toEqual([])
  })

  it(`stops files at ${LINES_MAX} lines`, () => {
    const long = files.filter(({ lines }) => lines.length > LINES_ASK)
    for (const { path, lines } of long) {
      console.info(`${path} has ${lines.length} lines: would two rooms read better?`)
    }
    expect(
      long.filter(({ lines }) => lines.length > LINES_MAX + 1).map(({ path }) => path),
    ).toEqual([])
  })

  it('has no barrels, no default exports and no rooms for everything', () => {
    const broken = files.flatMap(({ path, text }) => {
      const wrong: string[] = []
      if (/^index\.(ts|tsx|mts)$/.test(basename(path))) wrong.push('is a barrel')
      if (/(^|\/)(utils?|helpers?|common|manager|misc)(\.|\/)/.test(path))
        wrong.push('is a room for everything')
      const configuration = /\.config\.m?ts$/.test(path)
      if (!configuration && /(^|\n)export default\b/.test(codeOnly(text)))
        wrong.push('has a default export')
      if (/(^|\n)export \* from/.test(text)) wrong.push('re-exports everything')
      return wrong.map((what) => `${path} ${what}`)
    })
    expect(broken).toEqual([])
  })

  it('names files in kebab-case, components in PascalCase', () => {
    const broken = files.filter(({ path }) => {
      const name = basename(path)
      return path.endsWith('.tsx')
        ? !/^([A-Z][A-Za-z0-9]*|[a-z][a-z0-9-]*)(\.test)?\.tsx$/.test(name)
        : !/^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*\.(ts|mts|mjs)$/.test(name)
    })
    expect(broken.map(({ path }) => path)).toEqual([])
  })

  it('leaves nothing half done', () => {
    const marks =
      /\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|nocheck|expect-error)|\bas any\b|\bas unknown as\b/
    const left = files.flatMap(({ path, lines }) =>
      lines.flatMap((line, i) =>
        marks.test(line) && path !== 'test/tidy/shape.test.ts'
          ? [`${path}:${i + 1} ${line.trim()}`]
          : [],
      ),
    )
    expect(left).toEqual([])
  })

  it('skips no test without a printed reason', () => {
    const skips = /\b(describe|it|test)\.(skip|only|todo|skipIf|runIf)\b|\bctx\.skip\(/
    const left = files.flatMap(({ path, text }) => {
      if (path === 'test/needs.ts' || path === 'test/tidy/shape.test.ts') return []
      if (text.includes('[skipped: ')) return []
      return codeOnly(text)
        .split('\n')
        .flatMap((line, i) => (skips.test(line) ? [`${path}:${i + 1}`] : []))
    })
    expect(left).toEqual([])
  })

  it('names no machine, tool or place of its makers', () => {
    const told = /\/work\/(main|shared|\.library|brief)|registry\.npmjs\.org|deb\.debian\.org/
    const left = files.filter(
      ({ path, text }) => path !== 'test/tidy/shape.test.ts' && told.test(text),
    )
    expect(left.map(({ path }) => path)).toEqual([])
  })
})
