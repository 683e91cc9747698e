import { err, ok, type Result } from '@brickyard/std/result'

/** One Debian package of a build, exactly. */
export interface RecordedPackage {
  readonly name: string
  readonly version: string
  /** SHA-256 of the .deb, 64 lower-case hex digits. */
  readonly sha256: string
}

/** Writes a list as `name version sha256` lines, sorted by name. */
export const formatPackageList = (packages: readonly RecordedPackage[]): string =>
  [...packages]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, version, sha256 }) => `${name} ${version} ${sha256}\n`)
    .join('')

/** Reads a recorded list; the error names the line. */
export function parsePackageList(text: string): Result<RecordedPackage[]> {
  const packages: RecordedPackage[] = []
  for (const [n, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const [, name, version, sha256] = LINE_PATTERN.exec(line) ?? []
    if (name === undefined || version === undefined || sha256 === undefined) {
      return err(`line ${n + 1} is '${line.slice(0, 80)}'; expected name, version and SHA-256`)
    }
    packages.push({ name, version, sha256 })
  }
  return ok(packages)
}

/** Names and versions as Debian policy 5.6.1 and 5.6.12 allow them. */
const LINE_PATTERN = /^([a-z0-9][a-z0-9+.-]+) ([A-Za-z0-9.+:~-]+) ([0-9a-f]{64})$/
