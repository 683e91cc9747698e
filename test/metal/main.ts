import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programPath } from '../needs.ts'
import { probeAccelerator } from './accelerator.ts'
import { Checks } from './checks.ts'
import { measure } from './measure.ts'
import { layPathBridges } from './path-network.ts'
import { prepareOwnLoader } from './own-loader.ts'
import { prepareFiles } from './prepared-files.ts'
import { firmwareIsThere } from './qemu-sled.ts'
import { OWN_LOADER_PART, partsAsked } from './parts.ts'
import { openRig } from './rig.ts'
import { layNetwork } from './rig-network.ts'
import { LATE_SLEDS, RIG_SLEDS } from './rig-sleds.ts'
import { runSuite } from './suite.ts'

/**
 * The metal suite: virtual servers with real firmware, real PXE and real disks, in a network
 * namespace of their own. `main.ts` starts itself again inside that namespace. `--only NAME,NAME`
 * runs single parts of it (parts.ts).
 */
const INSIDE = '--inside'
/** Times alone, for `npm run bench -- provision`. */
const MEASURE = '--measure'

const EXIT_STOPPED = 130

const PROGRAMS = [
  'qemu-system-x86_64',
  'qemu-system-aarch64',
  'dnsmasq',
  'radvd',
  'chromium',
  'mmdebstrap',
  'sgdisk',
  'mcopy',
  'mkfs.vfat',
  'zstd',
  'openssl',
  'ip',
  'python3',
]

function enterNamespace(): number {
  const reasons = PROGRAMS.filter((name) => programPath(name) === undefined).map(
    (name) => `${name} is missing`,
  )
  if (process.getuid?.() !== 0) reasons.push('needs root')
  if (!firmwareIsThere())
    reasons.push('UEFI firmware is missing (Debian packages ovmf, qemu-efi-aarch64)')
  try {
    partsAsked(process.argv)
  } catch (error) {
    reasons.push((error as Error).message)
  }
  if (reasons.length > 0) {
    console.log(`metal suite not run: ${reasons.join('; ')}`)
    console.log('0 passed, 1 failed')
    return 1
  }
  // Out here, where Debian's packages can be fetched; inside they are found in the cache.
  try {
    prepareFiles()
    const words = process.argv
    if (!words.includes(MEASURE) && partsAsked(words).has(OWN_LOADER_PART.name)) prepareOwnLoader()
  } catch (error) {
    console.log(`metal suite not run: ${error instanceof Error ? error.message : String(error)}`)
    console.log('0 passed, 1 failed')
    return 1
  }
  // Its own process namespace too: whatever the rig started ends with it.
  const isolate = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc']
  const run = spawnSync(
    'unshare',
    [...isolate, process.execPath, process.argv[1] ?? '', INSIDE, ...process.argv.slice(2)],
    { stdio: 'inherit' },
  )
  return run.status ?? 1
}

async function inside(): Promise<number> {
  const checks = new Checks()
  const folder = mkdtempSync(join(tmpdir(), 'brickyard-metal-'))
  // The first process of a namespace hears only signals it asked for; with it everything ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      rmSync(folder, { recursive: true, force: true })
      process.exit(EXIT_STOPPED)
    })
  }
  try {
    const files = prepareFiles()
    const accelerator = await probeAccelerator(files.vmlinuz)
    console.log(`virtual sleds run by ${accelerator}`)
    layPathBridges()
    layNetwork([...RIG_SLEDS, ...LATE_SLEDS])
    const rig = await openRig(folder, files, accelerator)
    try {
      if (process.argv.includes(MEASURE)) {
        await measure(rig, (measured) => console.log(JSON.stringify(measured)))
      } else await runSuite(rig, checks, partsAsked(process.argv))
    } finally {
      await rig.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(checks.summary())
  return checks.failed === 0 ? 0 : 1
}

process.exitCode = process.argv.includes(INSIDE) ? await inside() : enterNamespace()
