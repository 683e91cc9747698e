import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuiltInstaller, buildInstaller } from '@brickyard/installer/build-installer'
import {
  formatPackageList,
  parsePackageList,
  type RecordedPackage,
} from '@brickyard/installer/package-list'
import { expect, it } from 'vitest'
import { needs } from '../needs.ts'

/** A build unpacks a kernel of 400 MB and compresses at the highest level. */
const BUILD_LIMIT_MS = 300_000

const { describe } = needs({ programs: ['apt-get', 'apt-cache', 'dpkg-deb'], root: true })

const cache = process.env['BRICKYARD_CACHE'] ?? join(homedir(), '.cache/brickyard')

function build(packages?: readonly RecordedPackage[]): BuiltInstaller {
  const built = buildInstaller({
    architecture: 'x86_64',
    cacheFolder: join(cache, 'debs'),
    packages,
    sledFolder: fileURLToPath(new URL('../../packages/installer/sled', import.meta.url)),
  })
  if (!built.ok) throw new Error(built.error)
  return built.value
}

describe('the installer built from Debian packages', () => {
  it(
    'is the same, byte for byte, when built again from the recorded list',
    () => {
      const first = build()
      const recorded = parsePackageList(formatPackageList(first.packages))
      if (!recorded.ok) throw new Error(recorded.error)
      const second = build(recorded.value)
      expect(Buffer.compare(first.initrd, second.initrd)).toBe(0)
      expect(Buffer.compare(first.vmlinuz, second.vmlinuz)).toBe(0)
      // Every megabyte is loaded at each installation; ipmitool and its libraries are four of nine.
      expect(first.initrd.length).toBeLessThan(10 * 1024 * 1024)
    },
    2 * BUILD_LIMIT_MS,
  )
})
