/**
 * Resident memory of the bundled agent with 48 sleds: declared, switched on over their BMCs,
 * netbooted and inspected together over real sockets, then polled. Beside it a Node that does
 * nothing (the floor under any program in it), and dnsmasq after it gave the same 48 sleds their
 * addresses, which is the least part of the work.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { efiProgram } from '@brickyard/sim/efi-program'
import { AGENT_UID, handOver } from '../interop/inherited-sockets.ts'
import { installAgent } from '../interop/packaged-agent.ts'
import { programPath } from '../needs.ts'
import { STORM_SLEDS } from './boot-storm-rack.ts'
import { type CabledRoom, openCabledRoom, type RoomProgram } from './cabled-room.ts'
import { BMC_PASSWORD, memoryRack } from './memory-rack.ts'
import { type BenchRow, smallerIsBetter } from './row.ts'
import { stormDnsmasq } from './storm-dnsmasq.ts'

const DEVICES = { provisioning: 'rack0', management: 'bmcs0' }
/** One round of power readings after the last sled was inspected. */
const REST_MS = 35_000
/** Kernel and initrd have the sizes of Debian's: what matters is that they are streamed. */
const KERNEL_BYTES = 8 * 2 ** 20
const INITRD_BYTES = 32 * 2 ** 20

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

export async function run(): Promise<readonly BenchRow[]> {
  const rack = memoryRack(DEVICES)
  const [provisioning, management] = rack.networks
  const room = openCabledRoom('memory', [
    {
      device: DEVICES.provisioning,
      client: 'eth0',
      serverAddress: provisioning?.agentAddress ?? '',
      clientAddresses: rack.sleds.flatMap(({ address }) => address ?? []),
    },
    {
      device: DEVICES.management,
      client: 'eth1',
      serverAddress: management?.agentAddress ?? '',
      clientAddresses: rack.sleds.flatMap(({ bmc }) => bmc?.address ?? []),
    },
  ])
  try {
    const ours = await agentBytes(room, rack)
    const floor = await nodeBytes(room)
    const peer = await dnsmasqBytes(room)
    const row = (metric: string, value: number, peerBytes: number | null, peerName: string) =>
      smallerIsBetter({
        bench: 'memory',
        metric,
        unit: 'MB',
        ours: megabytes(value),
        peer: peerBytes === null ? null : megabytes(peerBytes),
        peerName,
      })
    const after = `resident, ${STORM_SLEDS} sleds inspected and polled`
    return [
      row(after, ours.restBytes, floor, 'bare node'),
      row(
        after,
        ours.restBytes,
        peer,
        peer === null ? 'dnsmasq is missing (Debian package dnsmasq-base)' : 'dnsmasq, DHCP alone',
      ),
      row(
        `most ever, ${STORM_SLEDS} sleds netbooting together`,
        ours.mostBytes,
        floor,
        'bare node',
      ),
    ]
  } finally {
    room.close()
  }
}

const megabytes = (bytes: number): number => bytes / 1e6

/** A figure of /proc/PID/status, which is in KiB. */
function memoryOf(pid: number, figure: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${figure}:\\s+(\\d+) kB$`, 'm').exec(
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  )
  if (found === null) throw new Error(`process ${pid} has no ${figure}`)
  return Number(found[1]) * 1024
}

async function agentBytes(
  room: CabledRoom,
  rack: ReturnType<typeof memoryRack>,
): Promise<{ restBytes: number; mostBytes: number }> {
  const file = (name: string, content: number | Uint8Array): string => {
    const path = join(room.folder, name)
    writeFileSync(path, typeof content === 'number' ? Buffer.alloc(content, name) : content)
    return path
  }
  const loader = file('loader', efiProgram(256 * 1024))
  const installed = await installAgent(room.folder, {
    rack,
    loader: '',
    more: {
      loaders: { 'undionly.kpxe': loader, 'snponly.efi': loader },
      installers: {
        x86_64: { kernel: file('vmlinuz', KERNEL_BYTES), initrd: file('initrd', INITRD_BYTES) },
      },
      // All at once, which an appliance would not do.
      limits: { inspectionsMax: STORM_SLEDS },
    },
  })
  const asAgent = (devices: readonly string[], command: readonly string[]): RoomProgram =>
    room.serve(handOver({ devices, uid: AGENT_UID, command }), installed.environment)

  const settings = installed.command.slice(0, -1)
  const seal = `for sled in ${rack.sleds.map(({ name }) => name).join(' ')}; do
    echo ${BMC_PASSWORD} | ${settings.join(' ')} credential set $sled || exit 1
  done; echo sealed`
  await asAgent([], ['/bin/sh', '-c', seal]).heard(/^sealed$/m)
  const sleds = room.beSleds([process.execPath, here('memory-sleds.ts')])
  await sleds.heard(/^waiting$/m)
  const agent = asAgent(Object.values(DEVICES), installed.command)
  await sleds.heard(/^inspected$/m)
  await sleep(REST_MS)
  const metrics = room.serve(['curl', '-s', 'http://127.0.0.1:7480/metrics'])
  const ready = Number(await metrics.heard(/state="ready"\} (\d+)/))
  if (ready !== STORM_SLEDS) throw new Error(`${ready} of ${STORM_SLEDS} sleds are ready`)
  const bytes = {
    restBytes: memoryOf(agent.pid, 'VmRSS'),
    mostBytes: memoryOf(agent.pid, 'VmHWM'),
  }
  await Promise.all([agent.end(), sleds.end()])
  return bytes
}

async function nodeBytes(room: CabledRoom): Promise<number> {
  const idle = "console.log('idle'); setInterval(() => undefined, 1e6)"
  const node = room.serve([process.execPath, '-e', idle])
  await node.heard(/^idle$/m)
  const bytes = memoryOf(node.pid, 'VmRSS')
  await node.end()
  return bytes
}

async function dnsmasqBytes(room: CabledRoom): Promise<number | null> {
  const program = programPath('dnsmasq')
  if (program === undefined) return null
  const words = stormDnsmasq(DEVICES.provisioning, join(room.folder, 'leases'))
  const dnsmasq = room.serve([program, ...words])
  await dnsmasq.heard(/sockets bound exclusively/)
  const clients = room.beSleds([
    process.execPath,
    here('boot-storm-clients.ts'),
    String(STORM_SLEDS),
  ])
  const served = await clients.heard(/"served":(\d+)/)
  if (Number(served) !== STORM_SLEDS) throw new Error(`dnsmasq served ${served} sleds`)
  const bytes = memoryOf(dnsmasq.pid, 'VmRSS')
  await Promise.all([dnsmasq.end(), clients.end()])
  return bytes
}
