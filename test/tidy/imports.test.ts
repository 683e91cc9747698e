import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeFiles, importsOf, isTest } from './sources.ts'

/** DESIGN.md §6: a package imports only what its line says. `types` after a name: type imports only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  std: [],
  model: ['std'],
  runtime: ['std'],
  dhcp: ['std', 'model'],
  tftp: ['std', 'model'],
  netboot: ['std', 'model'],
  ipmi: ['std', 'model'],
  redfish: ['std', 'model', 'runtime:types'],
  open19: ['std', 'model', 'runtime:types', 'redfish'],
  bmc: ['std', 'model', 'runtime:types', 'ipmi', 'redfish'],
  pdu: ['std', 'model', 'runtime:types'],
  firmware: ['std', 'model'],
  placement: ['std', 'model'],
  procedures: ['std', 'model'],
  protocol: ['std', 'model'],
  api: ['std', 'model'],
  installer: ['std', 'model'],
  cli: ['std', 'model', 'api'],
}
const ABOVE_SIM = [...Object.keys(MAY_IMPORT), 'sim']

/** Codecs: no port, no zod, no Node built-in but deterministic node:crypto. */
const CODECS = ['std', 'model', 'dhcp', 'tftp', 'netboot', 'ipmi']

const ourPackage = (specifier: string): string | undefined =>
  /^@brickyard\/([a-z0-9-]+)/.exec(specifier)?.[1]

/** The unit a file belongs to: a package, the agent, the hub, the console, the tests. */
function unitOf(path: string): string {
  const inPackage = /^packages\/([^/]+)\//.exec(path)
  if (inPackage) return inPackage[1] as string
  if (path.startsWith('hub/console/')) return 'console'
  return path.split('/')[0] as string
}

const files = codeFiles()

describe('import direction', () => {
  it('holds in every package', () => {
    const broken = files.flatMap(({ path, text }) => {
      const unit = unitOf(path)
      const allowed = MAY_IMPORT[unit]
      if (allowed === undefined || isTest(path)) return []
      return importsOf(text).flatMap(({ specifier, typeOnly }) => {
        const other = ourPackage(specifier)
        if (other === undefined || other === unit || allowed.includes(other)) return []
        // Functions over a port's types (sleep, readBody, migrate) hold no port themselves.
        if (allowed.includes(`${other}:types`) && (typeOnly || !specifier.includes('/node/')))
          return []
        return [`${path} imports ${specifier}`]
      })
    })
    expect(broken).toEqual([])
  })

  it('keeps agent and hub apart, and sim and demo out of production', () => {
    const broken = files.flatMap(({ path, text }) => {
      const unit = unitOf(path)
      if (isTest(path)) return []
      return importsOf(text).flatMap(({ specifier }) => {
        const other = ourPackage(specifier)
        const wrong =
          (unit === 'agent' && other === 'hub') ||
          (unit === 'hub' && other === 'agent') ||
          (other === 'sim' && unit !== 'demo' && unit !== 'sim') ||
          (other === 'demo' && unit !== 'demo') ||
          (unit === 'sim' && other !== undefined && !ABOVE_SIM.includes(other))
        return wrong ? [`${path} imports ${specifier}`] : []
      })
    })
    expect(broken).toEqual([])
  })

  it('never reaches into another package by a relative path', () => {
    const broken = files.flatMap(({ path, text }) =>
      importsOf(text).flatMap(({ specifier }) => {
        if (!specifier.startsWith('.')) return []
        const target = normalize(join(dirname(path), specifier))
        const same = unitOf(target) === unitOf(path) || target.startsWith('test/')
        return same ? [] : [`${path} imports ${specifier}`]
      }),
    )
    expect(broken).toEqual([])
  })

  it('leaves codecs without ports, zod and Node built-ins but node:crypto', () => {
    const broken = files.flatMap(({ path, text }) => {
      if (!CODECS.includes(unitOf(path)) || isTest(path)) return []
      return importsOf(text).flatMap(({ specifier }) => {
        const fine = specifier.startsWith('.') || ourPackage(specifier) !== undefined
        return fine || specifier === 'node:crypto' ? [] : [`${path} imports ${specifier}`]
      })
    })
    expect(broken).toEqual([])
  })

  it('lets the console import only types and zod-free entries', () => {
    const zodFree = ['permissions', 'client', 'console-line', 'console-wire'].map(
      (name) => `@brickyard/api/${name}`,
    )
    for (const specifier of zodFree) {
      const path = specifier.replace('@brickyard/api/', 'packages/api/src/') + '.ts'
      const entry = files.find((file) => file.path === path)
      const values = importsOf(entry?.text ?? '').filter(({ typeOnly }) => !typeOnly)
      const zodded = values.filter(({ specifier: other }) => {
        const beside = other.replace(/^\.\/(.*)\.ts$/, '@brickyard/api/$1')
        return ourPackage(other) !== 'std' && !zodFree.includes(beside)
      })
      expect(zodded).toEqual([])
    }
    const broken = files.flatMap(({ path, text }) => {
      if (unitOf(path) !== 'console' || isTest(path)) return []
      return importsOf(text).flatMap(({ specifier, typeOnly }) => {
        const other = ourPackage(specifier)
        const zodded = other === 'api' || other === 'protocol'
        return zodded && !typeOnly && !zodFree.includes(specifier)
          ? [`${path} imports ${specifier}`]
          : []
      })
    })
    expect(broken).toEqual([])
  })
})
