import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
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
  programs: ['apt-get', 'apt-cache', 'dpkg-deb', 'cpio', 'chroot', 'unshare'],
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

const run = promisify(execFile)

/** The initrd's own sh, with the parts of its loop, says what it has to say; the agent is this process. */
async function inInitrd({ initrd, tools }: BuiltInstaller, program: string): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'brickyard-initrd-'))
  const agent = createServer((request, response) => {
    response.writeHead(request.url === '/installer/tools' ? 200 : 404).end(tools)
  })
  try {
    await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve))
    execFileSync('cpio', ['-i', '-d', '--quiet'], { cwd: root, input: zstdDecompressSync(initrd) })
    const parts = ['paths', 'wire', 'http', 'tools'].map((part) => `. /brickyard/${part}.sh`)
    const script = ['mkdir -p "$RUN"', ...parts, program].join('; ')
    // Busybox finds its applets by /proc, in a mount namespace that ends with it.
    const mounted = 'mount -t proc proc "$0/proc" && exec chroot "$0" /bin/sh -c "$1"'
    const { port } = agent.address() as AddressInfo
    const env = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HERE: '/brickyard',
      RUN: '/run/brickyard',
      AGENT_HOST: '127.0.0.1',
      AGENT_PORT: String(port),
    }
    const { stdout } = await run('unshare', ['--mount', 'sh', '-c', mounted, root, script], { env })
    return stdout
  } finally {
    agent.close()
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
    'has no tools, takes those of its build from the agent, and runs them',
    async () => {
      const built = newestBuild()
      const program = 'type ipmitool; take_tools; ipmitool -V; take_tools; echo "again $?"'
      const said = await inInitrd(built, program)
      expect(said).toMatch(/^ipmitool: not found\nipmitool version 1\..*\nagain 0\n$/)
      const others = { ...built, tools: new TextEncoder().encode('of another build') }
      expect(await inInitrd(others, program)).toMatch(
        /^ipmitool: not found\nok=0\nfault=wrong-hash\n/,
      )
    },
    BUILD_LIMIT_MS,
  )
})
