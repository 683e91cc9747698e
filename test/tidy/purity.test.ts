import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeFiles, codeOnly, importsOf, isTest } from './sources.ts'

/** Files of these names decide and do nothing else (DESIGN.md §6). */
const PURE_NAME =
  /^(plan|choose|filter|score|explain|lifecycle|check)(-[a-z0-9-]+)?\.ts$|-(machine|lifecycle|plan|check)\.ts$/
const IMPURE = /\basync\b|\bawait\b|\bDate\b|\bMath\.random\b|\bperformance\.now\b|\bsetTimeout\b/

/** Where the real event loop may be used: the ports' real versions, composition roots, tools, tests. */
const MAY_TOUCH_THE_LOOP = [
  /^packages\/runtime\/src\/node\//,
  /^packages\/(cli|demo)\//,
  /^packages\/sim\/src\/(virtual-clock|real-[a-z-]+)\.ts$/,
  /^packages\/installer\/src\/build\//,
  /^agent\/src\/main(-[a-z-]+)?\.ts$/,
  /^agent\/src\/commands\//,
  /^agent\/packaging\//,
  /^hub\/src\/(main|write-openapi)(-[a-z-]+)?\.ts$/,
  /^hub\/src\/node\//,
  /^agent\/src\/node\//,
  /^hub\/console\//,
  /^firmware-catalog\/tools\//,
  /^\.dev\//,
]
/** Synchronous uses that block the simulation's one thread and so keep its order. */
const SYNCHRONOUS: Readonly<Record<string, string>> = {
  'packages/sim/src/crashing-store.ts': 'better-sqlite3',
  'packages/sim/src/sled/verbs/unpack-image.ts': 'node:child_process',
}
const LOOP_IMPORTS =
  /^(node:)?(fs|fs\/promises|timers|timers\/promises|child_process|net|tls|http|https|dgram|worker_threads)$|^(jose|@peculiar\/x509|@node-rs\/argon2|undici(\/.*)?|better-sqlite3)$/
const LOOP_CALLS =
  /\b(setTimeout|setInterval|setImmediate)\(|\bDate\.now\(|\bperformance\.now\(|\bMath\.random\(|\bcrypto\.subtle\b|\bwebcrypto\b|\brandomBytes\(|\brandomUUID\(|(?:await|return|=|\()\s*fetch\(|\bnew Date\(\)/

const files = codeFiles().filter(({ path }) => !isTest(path))

describe('purity', () => {
  it('keeps deciding files free of time, chance and waiting', () => {
    const broken = files.flatMap(({ path, text }) => {
      if (!PURE_NAME.test(basename(path)) || !/^(packages|agent|hub\/src)/.test(path)) return []
      if (path.includes('/node/')) return []
      const at = codeOnly(text)
        .split('\n')
        .findIndex((line) => IMPURE.test(line))
      return at < 0 ? [] : [`${path}:${at + 1}`]
    })
    expect(broken).toEqual([])
  })

  it('lets no simulated code wait for the real event loop (DESIGN.md §2.10)', () => {
    const broken = files.flatMap(({ path, text }) => {
      if (!/^(packages|agent|hub)\//.test(path)) return []
      if (MAY_TOUCH_THE_LOOP.some((pattern) => pattern.test(path))) return []
      const imports = importsOf(text)
        .filter(({ specifier, typeOnly }) => LOOP_IMPORTS.test(specifier) && !typeOnly)
        .filter(({ specifier }) => SYNCHRONOUS[path] !== specifier)
        .map(({ specifier }) => `${path} imports ${specifier}`)
      const calls = codeOnly(text)
        .split('\n')
        .flatMap((line, i) => (LOOP_CALLS.test(line) ? [`${path}:${i + 1}`] : []))
      return [...imports, ...calls]
    })
    expect(broken).toEqual([])
  })
})
