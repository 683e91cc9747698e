import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { zstdDecompressSync } from 'node:zlib'
import { type BuiltInstaller, buildInstaller } from '@brickyard/installer/build-installer'
import {
  formatPackageList,
  parsePackageList,
  type RecordedPackage,
} from '@brickyard/installer/package-list'
import { MiB } from '@brickyard/std/units'
import { expect, it } from 'vitest'
import { needs } from '../needs.ts'

/** A build unpacks a kernel of 400 MB and compresses at the highest level. */
const BUILD_LIMIT_MS = 300_000

const { describe } = needs({
  programs: ['apt-get', 'apt-cache', 'dpkg-deb', 'cpio', 'chroot'],
  root: true,
})

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

let newest: BuiltInstaller | undefined
/** One build serves all: it takes a minute. */
const newestBuild = (): BuiltInstaller => (newest ??= build())

/** What a sled has in memory once it has taken its tools: the initrd's own programs unpack them. */
function withTools<T>({ initrd, tools }: BuiltInstaller, work: (root: string) => T): T {
  const root = mkdtempSync(join(tmpdir(), 'brickyard-initrd-'))
  try {
    execFileSync('cpio', ['-i', '-d', '--quiet'], { cwd: root, input: zstdDecompressSync(initrd) })
    expect(existsSync(join(root, 'usr/bin/ipmitool'))).toBe(false)
    writeFileSync(join(root, 'tools'), tools)
    const unpack = '/usr/bin/zstd -q -d -c /tools | /bin/busybox cpio -i -d -u'
    execFileSync('chroot', [root, '/bin/sh', '-c', unpack], { stdio: 'pipe' })
    return work(root)
  } finally {
    rmSync(root, { recursive: true })
  }
}

describe('the installer built from Debian packages', () => {
  it(
    'is the same, byte for byte, when built again from the recorded list',
    () => {
      const first = newestBuild()
      const recorded = parsePackageList(formatPackageList(first.packages))
      if (!recorded.ok) throw new Error(recorded.error)
      const second = build(recorded.value)
      expect(Buffer.compare(first.initrd, second.initrd)).toBe(0)
      expect(Buffer.compare(first.tools, second.tools)).toBe(0)
      expect(Buffer.compare(first.vmlinuz, second.vmlinuz)).toBe(0)
      // Every megabyte is loaded at each installation.
      expect(first.initrd.length).toBeLessThan(MiB(5.5))
    },
    2 * BUILD_LIMIT_MS,
  )

  it(
    'knows its tools by their hash, and they run with what the initrd has',
    () => {
      const built = newestBuild()
      withTools(built, (root) => {
        const known = readFileSync(join(root, 'brickyard/tools.sha256'), 'utf8').trim()
        expect(known).toBe(createHash('sha256').update(built.tools).digest('hex'))
        const said = execFileSync('chroot', [root, '/usr/bin/ipmitool', '-V'], { encoding: 'utf8' })
        expect(said).toMatch(/^ipmitool version 1\./)
      })
    },
    BUILD_LIMIT_MS,
  )
})
