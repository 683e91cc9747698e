import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GiB } from '@brickyard/std/units'
import { programPath } from '../needs.ts'
import { probeAccelerator } from './accelerator.ts'
import { Checks } from './checks.ts'
import { runFloor } from './floor.ts'
import { type Phases, phaseTable, totalMs } from './phases.ts'
import { prepareFiles } from './prepared-files.ts'
import { firmwareIsThere, QemuSled, type SledHardware } from './qemu-sled.ts'
import { layNetwork } from './rig-network.ts'

/**
 * The metal suite: virtual servers with real firmware, real PXE and real disks, in a network
 * namespace of their own. `main.ts` starts itself again inside that namespace.
 */
const INSIDE = '--inside'

const PROGRAMS = ['qemu-system-x86_64', 'dnsmasq', 'radvd', 'mmdebstrap', 'sgdisk', 'zstd', 'ip']

const SLEDS: readonly SledHardware[] = [
  {
    name: 'bios-1',
    firmware: 'bios',
    mac: '52:54:00:98:00:01',
    uuid: '6a0e1c52-0001-4000-8000-000000000001',
    serial: 'RIG-BIOS-1',
    tap: 'tap0',
    diskBytes: GiB(2),
  },
  {
    name: 'uefi-1',
    firmware: 'uefi',
    mac: '52:54:00:98:00:02',
    uuid: '6a0e1c52-0001-4000-8000-000000000002',
    serial: 'RIG-UEFI-1',
    tap: 'tap1',
    diskBytes: GiB(2),
  },
]

function enterNamespace(): number {
  const reasons = PROGRAMS.filter((name) => programPath(name) === undefined).map(
    (name) => `${name} is missing`,
  )
  if (process.getuid?.() !== 0) reasons.push('needs root')
  if (!firmwareIsThere()) reasons.push('UEFI firmware is missing (Debian package ovmf)')
  if (reasons.length > 0) {
    console.log(`metal suite not run: ${reasons.join('; ')}`)
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
  try {
    const files = prepareFiles()
    const accelerator = await probeAccelerator(files.vmlinuz)
    console.log(`virtual sleds run by ${accelerator}`)
    layNetwork(SLEDS.map(({ tap }) => tap))
    const floor = new Map<string, Phases>()
    for (const hardware of SLEDS) {
      const sled = new QemuSled(hardware, folder, accelerator)
      await checks.part(`floor on ${hardware.name}`, async () => {
        const phases = await runFloor({ files, sled, folder, tuned: true })
        floor.set(`floor ${hardware.name}`, phases)
        const total = ((totalMs(phases) ?? 0) / 1000).toFixed(1)
        checks.claim(`floor on ${hardware.name}: the written disk boots`, true, `${total} s`)
      })
    }
    console.log(phaseTable(floor))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(checks.summary())
  return checks.failed === 0 ? 0 : 1
}

process.exitCode = process.argv.includes(INSIDE) ? await inside() : enterNamespace()
