import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { needs } from '../../../test/needs.ts'
import file from '../vectors/verbs.json' with { type: 'json' }
import { MiB } from '@brickyard/std/units'
import { cpioArchive, REGULAR_FILE } from './build/cpio.ts'
import { encodeLines, type Fields, parseLines } from './wire-lines.ts'

const { vectors, machines } = file
type Vector = (typeof vectors)[number]
type Disk = Vector['disks'][number]
type Image = NonNullable<Vector['image']>
type Machine = (typeof machines)['bios']

const SLED_FOLDER = fileURLToPath(new URL('../sled', import.meta.url))

/** Verbs that need a real block device or kernel modules; the metal suite runs them. */
const isForMetal = (vector: Vector): boolean =>
  vector.step.verb === 'seed' && vector.disks.some((disk) => disk.fill === 'gpt')

const { describe } = needs({ programs: ['busybox', 'zstd'] })

describe('the verbs in sh over busybox, by the vectors', () => {
  let folder = ''
  let server: Server
  let image: Image | undefined
  let bmc: Vector['bmc']
  let tools: Uint8Array

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'brickyard-verbs-'))
    server = createServer((request, response) => {
      const isImage = request.url?.startsWith('/installer/image/') === true
      const isGood = request.headers.authorization === 'Bearer secret-1'
      const { password } = bmc ?? {}
      if (isGood && request.url === '/installer/bmc-password' && password !== undefined) {
        response.writeHead(200, { 'content-length': password.length }).end(password)
        return
      }
      if (isGood && request.url === '/installer/tools' && bmc?.tools !== 'missing') {
        const served = bmc?.tools === 'foreign' ? Buffer.from('of another build') : tools
        response.writeHead(200, { 'content-length': served.length }).end(served)
        return
      }
      if (!isGood || !isImage || image === undefined || image.arrives === 'missing') {
        response.writeHead(isGood ? 404 : 403).end()
        return
      }
      const bytes = Buffer.from(image.servedBase64, 'base64')
      response.writeHead(200, { 'content-length': bytes.length })
      const last = bytes.length - 1
      if (image.arrives === 'corrupt') bytes.writeUInt8(bytes.readUInt8(last) ^ 0xff, last)
      if (image.arrives !== 'truncated') response.end(bytes)
      else response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })

  afterEach(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })

  it.each(vectors.filter((vector) => !isForMetal(vector)))('$name', async (vector) => {
    image = vector.image
    bmc = vector.bmc
    vector.disks.forEach((disk) => layDisk(folder, disk, image))
    if ('held' in vector) holdHead(folder, vector)
    layMachine(folder, machines[vector.machine as keyof typeof machines], vector.disks)
    layBmc(folder, vector.bmc?.users)
    tools = layTools(folder)
    const result = await runVerb(folder, vector, (server.address() as AddressInfo).port)
    for (const [key, value] of Object.entries(vector.expect.lines)) {
      expect([key, result.get(key)]).toEqual([key, value])
    }
    if (vector.expect.reasonHas !== undefined) {
      expect(result.get('reason')).toContain(vector.expect.reasonHas)
    }
    const before = vector.bmc?.users ?? []
    const users = before.map((_, n) => readFileSync(join(folder, `bmc/${n + 2}`), 'utf8').trim())
    expect(users).toEqual(vector.expect.bmcUsers ?? before)
    const [disk] = vector.disks
    for (const region of vector.expect.disk ?? []) {
      const bytes = readFileSync(join(folder, disk?.path ?? '')).subarray(region.from, region.to)
      const wanted = content(region.is, region.from, region.to, image)
      expect([region, sha256(bytes)]).toEqual([region, sha256(wanted)])
    }
  })
})

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Bytes `from` up to `to` of a disk filled with one thing. */
function content(kind: string, from: number, to: number, image: Image | undefined): Uint8Array {
  const bytes = Buffer.alloc(to - from)
  if (kind === 'canary') return bytes.fill(file.canary)
  if (kind !== 'image') return bytes
  for (let i = 0; i < bytes.length && from + i < (image?.rawBytes ?? 0); i++) {
    bytes[i] = ((from + i) * 7 + ((from + i) >> 8) * 13) & 255
  }
  return bytes
}

function layDisk(folder: string, disk: Disk, image: Image | undefined): void {
  const path = join(folder, disk.path)
  mkdirSync(dirname(path), { recursive: true })
  const fd = openSync(path, 'w')
  ftruncateSync(fd, disk.bytes)
  if (disk.fill === 'canary' || disk.fill === 'image') {
    writeSync(fd, content('canary', 0, disk.bytes, undefined))
  }
  if (disk.fill === 'image')
    writeSync(fd, content('image', 0, image?.rawBytes ?? 0, image), 0, null, 0)
  closeSync(fd)
}

/** As after a write: the head in memory, and zero on the disk. */
function holdHead(folder: string, { disks, image }: Vector): void {
  const path = join(folder, disks[0]?.path ?? '')
  const head = readFileSync(path).subarray(0, Math.min(MiB(1), image?.rawBytes ?? MiB(1)))
  mkdirSync(join(folder, 'run'), { recursive: true })
  writeFileSync(join(folder, 'run/head'), head)
  const fd = openSync(path, 'r+')
  writeSync(fd, new Uint8Array(MiB(1)), 0, null, 0)
  closeSync(fd)
}

/** A folder that looks like /sys and /proc of the vector's machine. */
function layMachine(folder: string, machine: Machine, disks: readonly Disk[]): void {
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  mkdirSync(join(folder, 'sys/block'), { recursive: true })
  const dmi = {
    sys_vendor: machine.maker,
    product_name: machine.model,
    product_serial: machine.serial,
    product_uuid: machine.uuid.toUpperCase(),
    board_serial: machine.boardSerial,
    bios_vendor: machine.biosVendor,
    bios_version: machine.biosVersion,
    bios_date: machine.biosDate,
  }
  for (const [name, text] of Object.entries(dmi)) put(`sys/class/dmi/id/${name}`, `${text}\n`)
  if (machine.firmware === 'uefi') {
    const variable = 'SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c'
    const value = machine.secureBoot === 'on' ? '\u0001' : '\0'
    put(`sys/firmware/efi/efivars/${variable}`, `\u0006\0\0\0${value}`)
  }
  const processor = (n: number): string =>
    `processor\t: ${n}\nmodel name\t: ${machine.cpuModel}\n\n`
  put('proc/cpuinfo', Array.from({ length: machine.cpuCount }, (_, n) => processor(n)).join(''))
  put('proc/meminfo', `MemTotal:     ${machine.memoryBytes / 1024} kB\nMemFree: 1 kB\n`)
  put('proc/uptime', '12.34 20.00\n')
  symlinkSync('/proc/self', join(folder, 'proc/self'))
  for (const disk of disks) {
    const name = disk.path.replace('/dev/', '')
    const device = `sys/devices/${disk.transport === 'sata' ? 'pci0/ata1' : 'pci0'}/${name}`
    put(`${device}/model`, `${disk.model}   \n`)
    if (disk.transport === 'nvme') put(`${device}/serial`, `${disk.serial}\n`)
    else put(`${device}/vpd_pg80`, `\0\u0040\0\u0008  ${disk.serial}`)
    put(`sys/block/${name}/size`, `${disk.bytes / 512}\n`)
    put(`sys/block/${name}/removable`, '0\n')
    put(`sys/block/${name}/queue/logical_block_size`, `${disk.sectorBytes}\n`)
    put(`sys/block/${name}/queue/rotational`, disk.rotational ? '1\n' : '0\n')
    symlinkSync(join(folder, device), join(folder, `sys/block/${name}/device`))
  }
  put('sys/block/loop0/size', '8\n')
  for (const nic of machine.nics) {
    put(`sys/class/net/${nic.name}/address`, `${nic.mac}\n`)
    put(`sys/class/net/${nic.name}/carrier`, nic.link === 'up' ? '1\n' : '0\n')
    mkdirSync(join(folder, `sys/class/net/${nic.name}/device`))
    symlinkSync(`/drivers/${nic.driver}`, join(folder, `sys/class/net/${nic.name}/device/driver`))
  }
  put('sys/class/net/lo/address', '00:00:00:00:00:00\n')
  put('run/session', 'secret-1\n')
  put('run/clock-was', '0\n')
  put('run/clock-set', `${machine.clockSeconds}\n`)
  put('run/log', '')
}

/**
 * Says and does what ipmitool 1.8.19 does of these commands, with one file a user. A user that was
 * not given its password, its rights and its life, in this order, is no administrator afterwards.
 */
const FAKE_IPMITOOL = `#!/bin/sh
cd "$0.d" || exit 1
case "$*" in
'-c user list 1')
  for n in [0-9] [0-9][0-9]; do
    [ ! -e "$n" ] || echo "$n,$(cat "$n"),true,true,true,$(cat "$n.rights")"
  done ;;
'user set name '*) echo "$5" >"$4" ;;
'user set password '*' 16') [ -n "$(cat "$4")" ] && echo "$5" >"$4.password" ;;
'channel setaccess 1 '*' callin=on ipmi=on link=on privilege=4') [ -e "$4.password" ] && echo RIGHTS >"$4.rights" ;;
'user enable '*) [ "$(cat "$3.rights")" = RIGHTS ] && echo ADMINISTRATOR >"$3.rights" ;;
'user test '*' 16 '*) [ "$(cat "$3.password")" = "$5" ] ;;
*) exit 1 ;;
esac
`

/** The way to a BMC with these users from slot 2 on; the anonymous one comes first. */
function layBmc(folder: string, users: readonly string[] | undefined): void {
  if (users === undefined) return
  const place = join(folder, 'bmc')
  mkdirSync(place)
  mkdirSync(join(folder, 'usr/bin'), { recursive: true })
  symlinkSync(place, join(folder, 'usr/bin/ipmitool.d'))
  for (const [n, name] of ['', ...users].entries()) {
    writeFileSync(join(place, String(n + 1)), `${name}\n`)
    writeFileSync(join(place, `${n + 1}.rights`), 'Unknown (0x00)\n')
  }
}

/** The tools as the agent has them; what is left of them in the initrd is their hash. */
function layTools(folder: string): Uint8Array {
  const bytes = new TextEncoder().encode(FAKE_IPMITOOL)
  const program = { path: 'usr/bin/ipmitool', mode: REGULAR_FILE | 0o755, bytes }
  const tools = zstdCompressSync(cpioArchive([program]))
  writeFileSync(join(folder, 'tools.sha256'), `${sha256(tools)}\n`)
  return tools
}

const DISCARDS: Readonly<Record<string, string>> = {
  none: '',
  nothing: '/bin/true',
  zeroes: 'discard-to-zero',
}

async function runVerb(folder: string, vector: Vector, port: number): Promise<Fields> {
  writeFileSync(join(folder, 'run/step'), encodeLines(vector.step))
  const zeroer = join(folder, 'discard-to-zero')
  const script = '#!/bin/sh\ndd if=/dev/zero of="$1" bs=1M count=16 conv=notrunc status=none\n'
  writeFileSync(zeroer, script, { mode: 0o755 })
  const discard = DISCARDS[vector.disks[0]?.discard ?? 'none'] ?? ''
  const parts = [
    'paths',
    'wire',
    'http',
    'disk',
    'head',
    'progress',
    'modules',
    'efi',
    'tools',
    'run-verb',
  ]
  const program = `${parts.map((part) => `. "$HERE/${part}.sh"`).join('; ')}; run_verb`
  const child = spawn('busybox', ['sh', '-u', '-c', program], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HERE: SLED_FOLDER,
      SYS: join(folder, 'sys'),
      PROC: join(folder, 'proc'),
      RUN: join(folder, 'run'),
      DISK_ROOT: folder,
      MODULES: join(folder, 'modules'),
      AGENT_HOST: '127.0.0.1',
      AGENT_PORT: String(port),
      BMC_DEVICE: join(folder, vector.bmc === undefined ? 'none' : 'bmc'),
      BMC_WAIT_SECONDS: '0',
      IPMITOOL: join(folder, 'usr/bin/ipmitool'),
      TOOLS_ROOT: folder,
      TOOLS_SHA256: join(folder, 'tools.sha256'),
      DISCARD: discard === 'discard-to-zero' ? zeroer : discard,
    },
  })
  await new Promise((resolve) => child.on('exit', resolve))
  const parsed = parseLines(readFileSync(join(folder, 'run/result'), 'utf8'))
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
