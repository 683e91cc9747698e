import { err, ok, type Result } from '@brickyard/std/result'

/** One module file of a kernel package and what its `.modinfo` says. */
export interface KernelModule {
  /** Name as the kernel knows it, with underscores. */
  readonly name: string
  readonly info: readonly string[]
}

/** File name to module name: `crct10dif-pclmul.ko` is `crct10dif_pclmul`. */
export const moduleName = (file: string): string =>
  file.replace(/^.*\//, '').replace(/\.ko$/, '').replaceAll('-', '_')

const values = (module: KernelModule, key: string): string[] =>
  module.info.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1))

/** Modules that must be loaded before this one; soft dependencies count where the kernel has them. */
function directNeeds(module: KernelModule, all: ReadonlyMap<string, KernelModule>): string[] {
  const hard = values(module, 'depends').flatMap((list) => list.split(',').filter(Boolean))
  const soft = values(module, 'softdep')
    .filter((text) => text.startsWith('pre: '))
    .flatMap((text) => text.slice('pre: '.length).split(' '))
    .map((name) => name.replaceAll('-', '_'))
    .filter((name) => all.has(name))
  return [...hard.map((name) => name.replaceAll('-', '_')), ...soft]
}

/** For every module wanted, and all they need: what to load before it, in order. */
export function moduleClosure(
  wanted: readonly string[],
  all: ReadonlyMap<string, KernelModule>,
): Result<Map<string, readonly string[]>> {
  const needs = new Map<string, readonly string[]>()
  const visit = (name: string, path: readonly string[]): Result<readonly string[]> => {
    const known = needs.get(name)
    if (known !== undefined) return ok(known)
    const module = all.get(name)
    if (module === undefined) {
      return err(
        `the kernel has no module ${name} (wanted by ${path.join(' -> ') || 'the recipe'})`,
      )
    }
    if (path.includes(name)) return err(`modules need each other: ${[...path, name].join(' -> ')}`)
    const before: string[] = []
    for (const need of directNeeds(module, all)) {
      const deeper = visit(need, [...path, name])
      if (!deeper.ok) return deeper
      for (const one of [...deeper.value, need]) if (!before.includes(one)) before.push(one)
    }
    needs.set(name, before)
    return ok(before)
  }
  for (const name of wanted) {
    const result = visit(name, [])
    if (!result.ok) return result
  }
  return ok(new Map([...needs].sort(([a], [b]) => (a < b ? -1 : 1))))
}

/**
 * The sled's tables as sh: `module_for ALIAS` and `module_needs NAME`. A shell `case` over aliases
 * grouped by vendor takes a few tens of patterns per device, where a modprobe would read and match
 * the whole list each time.
 */
export function moduleTables(
  needs: ReadonlyMap<string, readonly string[]>,
  all: ReadonlyMap<string, KernelModule>,
): string {
  const groups = new Map<string, string[]>()
  for (const name of needs.keys()) {
    const module = all.get(name)
    for (const alias of module === undefined ? [] : values(module, 'alias')) {
      if (!/^(pci|virtio|scsi):[A-Za-z0-9*:-]+$/.test(alias)) continue
      const vendor = /^(pci:v[0-9A-F]{8}|[a-z]+:)/.exec(alias)?.[0] ?? ''
      const group = groups.get(vendor) ?? []
      group.push(`${alias}) echo ${name} ;;`)
      groups.set(vendor, group)
    }
  }
  // Vendors first: a class of devices (any AHCI controller) is the answer of last resort.
  const order = [...groups.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
  const cases = order.map((vendor) => {
    const lines = (groups.get(vendor) ?? []).sort().map((line) => `      ${line}`)
    const more = vendor.length > 'pci:'.length + 2 ? ['      *) module_for_class "$1" ;;'] : []
    return [`    ${vendor}*) case $1 in`, ...lines, ...more, '    esac ;;'].join('\n')
  })
  const isClass = (text: string): boolean => text.trimStart().startsWith('pci:*)')
  const needLines = [...needs]
    .filter(([, before]) => before.length > 0)
    .map(([name, before]) => `    ${name}) echo ${before.join(' ')} ;;`)
  return [
    '# shellcheck shell=sh',
    'module_for() {',
    '  case $1 in',
    ...cases.filter((text) => !isClass(text)),
    '    *) module_for_class "$1" ;;',
    '  esac',
    '}',
    'module_for_class() {',
    '  case $1 in',
    ...cases.filter(isClass),
    '  esac',
    '}',
    'module_needs() {',
    '  case $1 in',
    ...needLines,
    '  esac',
    '}',
    '',
  ].join('\n')
}
