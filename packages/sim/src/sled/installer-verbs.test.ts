import { readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { HttpResponse } from '@brickyard/runtime/http'
import { encodeResult } from '@brickyard/installer/wire'
import { encodeLines, parseLines } from '@brickyard/installer/wire-lines'
import { err, ok, type Result } from '@brickyard/std/result'
import { MiB } from '@brickyard/std/units'
import * as z from 'zod'
import { inventoryOf, type SledHardware } from './hardware.ts'
import { runStepText } from './run-installer.ts'
import { LINUX_TYPE, writePartitionTable } from './partition-table.ts'
import { SledDisk } from './sled-disk.ts'
import type { BmcDoor, HeldHead, VerbContext } from './verbs/verb-context.ts'

const diskSchema = z.object({
  path: z.string(),
  bytes: z.number(),
  sectorBytes: z.number(),
  transport: z.enum(['nvme', 'sata', 'virtio', 'other']),
  rotational: z.boolean(),
  model: z.string(),
  serial: z.string(),
  fill: z.enum(['canary', 'zero', 'image', 'gpt']),
  discard: z.enum(['none', 'zeroes', 'nothing']),
})
const machineSchema = z.object({
  architecture: z.enum(['x86_64', 'aarch64']),
  firmware: z.enum(['bios', 'uefi']),
  secureBoot: z.enum(['on', 'off']),
  maker: z.string(),
  model: z.string(),
  serial: z.string(),
  uuid: z.string(),
  boardSerial: z.string(),
  biosVendor: z.string(),
  biosVersion: z.string(),
  biosDate: z.string(),
  cpuModel: z.string(),
  cpuCount: z.number(),
  memoryBytes: z.number(),
  clockSeconds: z.number(),
})
const vectorSchema = z.object({
  name: z.string(),
  machine: z.string(),
  disks: z.array(diskSchema),
  image: z
    .object({
      rawBytes: z.number(),
      format: z.string(),
      servedBase64: z.string(),
      arrives: z.enum(['whole', 'truncated', 'corrupt', 'missing']),
    })
    .optional(),
  held: z.boolean().optional(),
  bmc: z
    .object({
      users: z.array(z.string()),
      password: z.string().optional(),
      tools: z.enum(['missing', 'foreign']).optional(),
    })
    .optional(),
  step: z.record(z.string(), z.string()),
  expect: z.object({
    lines: z.record(z.string(), z.string()),
    reasonHas: z.string().optional(),
    bmcUsers: z.array(z.string()).optional(),
    disk: z
      .array(
        z.object({ from: z.number(), to: z.number(), is: z.enum(['zero', 'canary', 'image']) }),
      )
      .optional(),
  }),
})
type Vector = z.infer<typeof vectorSchema>

const file = fileURLToPath(import.meta.resolve('@brickyard/installer/vectors/verbs'))
const { vectors, machines } = z
  .object({ vectors: z.array(vectorSchema), machines: z.record(z.string(), machineSchema) })
  .parse(JSON.parse(readFileSync(file, 'utf8')))

const CANARY = Buffer.from('BRICKYARD-CANARY')
const pattern = (is: 'zero' | 'canary' | 'image', from: number, to: number): Buffer => {
  const bytes = Buffer.alloc(to - from)
  if (is === 'canary') for (let i = from; i < to; i++) bytes[i - from] = CANARY[i % 16] as number
  if (is === 'image')
    for (let i = from; i < to; i++) bytes[i - from] = (i * 7 + (i >> 8) * 13) & 255
  return bytes
}

function diskOf(spec: Vector['disks'][number], vector: Vector): SledDisk {
  const disk = new SledDisk(spec, spec.discard)
  if (spec.fill === 'canary' || spec.fill === 'image') {
    disk.write(0, pattern('canary', 0, spec.bytes))
  }
  if (spec.fill === 'image') disk.write(0, pattern('image', 0, vector.image?.rawBytes ?? 0))
  if (spec.fill === 'gpt') {
    const root = { number: 1, typeGuid: LINUX_TYPE, guid: new Uint8Array(16).fill(1) }
    const partitions = [{ ...root, firstSector: 2048, lastSector: 4095, name: 'root' }]
    writePartitionTable(disk, { diskGuid: new Uint8Array(16), partitions })
  }
  return disk
}

function imageAnswer(vector: Vector): Result<HttpResponse, string> {
  if (vector.image === undefined) return err('no image')
  const { arrives, servedBase64 } = vector.image
  const served = Buffer.from(servedBase64, 'base64')
  if (arrives === 'corrupt') served[served.length - 1] = (served.at(-1) ?? 0) ^ 0xff
  async function* body(): AsyncGenerator<Uint8Array> {
    if (arrives === 'truncated') {
      yield served.subarray(0, served.length / 2)
      throw new Error('ECONNRESET')
    }
    yield served
  }
  return ok({ status: arrives === 'missing' ? 404 : 200, headers: {}, body: body() })
}

/** As after a write: the head in memory, and zero on the disk. */
function holdHead(vector: Vector, [disk]: SledDisk[]): HeldHead {
  const bytes = disk?.read(0, Math.min(MiB(1), vector.image?.rawBytes ?? MiB(1)))
  disk?.zero(0, MiB(1))
  return { bytes }
}

/** A BMC whose users are in a list, from slot 2 on. */
const doorOf = (users: string[]): BmcDoor => ({
  names: () => users,
  put: (slot, name) => void users.splice(slot - 2, 1, name),
})

function contextOf(vector: Vector, disks: SledDisk[], bmcDoor: BmcDoor | undefined): VerbContext {
  const { firmware, clockSeconds, ...machine } = machines[vector.machine] as z.infer<
    typeof machineSchema
  >
  const hardware: SledHardware = { ...machine, firmwareMode: firmware, macs: [], disks }
  const nics = [{ name: 'eth0', mac: '52:54:00:98:00:01', driver: 'e1000e', link: 'up' as const }]
  return {
    inventory: { ...inventoryOf(hardware), nics },
    disks,
    held: vector.held === true ? holdHead(vector, disks) : { bytes: undefined },
    clockSetSeconds: clockSeconds,
    fetchImage: async () => imageAnswer(vector),
    fetchSeed: async (name) => (name === 'no-such-file' ? err('404') : ok(`# ${name}\n`)),
    fetchBmcPassword: async () => {
      const password = vector.bmc?.password
      return password === undefined ? err('404') : ok(password)
    },
    fetchTools: async () => {
      const tools = vector.bmc?.tools
      return tools === 'missing' ? err('404') : ok(tools ?? 'ours')
    },
    toolsSha256: 'ours',
    bmcDoor,
    spend: async () => undefined,
    progress: () => undefined,
    atPowerLoss: () => () => undefined,
    sleep: async () => undefined,
  }
}

describe('the simulated sled answers the installer’s vectors', () => {
  const hasXz = spawnSync('xz', ['--version']).error === undefined
  for (const vector of vectors) {
    const skip = vector.image?.format === 'xz' && !hasXz
    const name = skip
      ? `${vector.name} [skipped: xz is missing (Debian package xz-utils)]`
      : vector.name
    it.skipIf(skip)(name, async () => {
      const disks = vector.disks.map((spec) => diskOf(spec, vector))
      const users = [...(vector.bmc?.users ?? [])]
      const door = vector.bmc === undefined ? undefined : doorOf(users)
      const result = await runStepText(encodeLines(vector.step), contextOf(vector, disks, door))
      expect(users).toEqual(vector.expect.bmcUsers ?? vector.bmc?.users ?? [])
      const lines = parseLines(encodeResult(result))
      if (!lines.ok) throw new Error(lines.error)
      expect(Object.fromEntries(lines.value)).toMatchObject(vector.expect.lines)
      expect(lines.value.get('reason') ?? '').toContain(vector.expect.reasonHas ?? '')
      for (const { from, to, is } of vector.expect.disk ?? []) {
        const same = Buffer.from((disks[0] as SledDisk).read(from, to)).equals(
          pattern(is, from, to),
        )
        expect(same, `bytes ${from} to ${to} are ${is}`).toBe(true)
      }
    })
  }
})
