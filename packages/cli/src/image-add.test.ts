import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Image } from '@brickyard/api/schemas'
import { MiB } from '@brickyard/std/units'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hubRig, type HubRig } from '../../../test/console/fixtures/hub-rig.ts'
import { needs } from '../../../test/needs.ts'
import { kindOf } from './image-file.ts'
import { yardRig, type YardRig } from './yard-rig.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Half noise, half nothing, so that it packs like a disk. */
const disk = Buffer.concat([randomBytes(MiB(1)), Buffer.alloc(MiB(1))])

describe('kindOf', () => {
  it('goes by the first bytes, not by the name', () => {
    expect(kindOf(zstdCompressSync(disk))).toBe('zstd')
    expect(kindOf(gzipSync(disk))).toBe('gzip')
    expect(kindOf(Uint8Array.of(0x51, 0x46, 0x49, 0xfb, 0, 0))).toBe('qcow2')
    expect(kindOf(Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0))).toBe('xz')
    expect(kindOf(new Uint8Array(512))).toBe('raw')
    expect(kindOf(new Uint8Array(0))).toBe('raw')
  })
})

let hub: HubRig
let yard: YardRig
beforeAll(async () => {
  hub = await hubRig()
  yard = await yardRig({ BRICKYARD_HUB: hub.url, BRICKYARD_TOKEN: hub.token })
})
afterAll(async () => {
  await yard.close()
  await hub.close()
})

async function add(file: string, bytes: Uint8Array): Promise<Image> {
  const path = `${yard.folder}/${file}`
  await writeFile(path, bytes)
  let text = ''
  const out = (piece: string): void => {
    text += piece
  }
  const { exit, err } = await yard.run(`image add ${path} --firmware uefi -o json`, { out })
  expect([exit, err]).toEqual([0, expect.stringContaining('Sending')])
  return JSON.parse(text) as Image
}

describe('yard image add', () => {
  it('declares and sends a raw disk', async () => {
    expect(await add('plain.img', disk)).toMatchObject({
      name: 'plain',
      state: 'ready',
      format: 'raw',
      firmware: ['uefi'],
      sha256: sha256(disk),
      rawSha256: sha256(disk),
      rawBytes: disk.length,
      minDiskBytes: disk.length,
    })
  })

  it.each([
    ['gzip', 'debian-13.raw.gz', gzipSync(disk)],
    ['zstd', 'debian-13.raw.zst', zstdCompressSync(disk)],
  ])('reads the disk inside a %s file', async (format, file, bytes) => {
    expect(await add(file, bytes)).toMatchObject({
      name: 'debian-13',
      state: 'ready',
      format,
      sha256: sha256(bytes),
      bytes: bytes.length,
      rawSha256: sha256(disk),
      rawBytes: disk.length,
    })
  })

  it('goes on where a broken upload stopped', async () => {
    const bytes = randomBytes(MiB(3))
    await writeFile(`${yard.folder}/broken.raw`, bytes)
    let cut = true
    const ran = await yard.run(`image add ${yard.folder}/broken.raw`, {
      async fetch(request) {
        if (request.method !== 'PUT' || !cut) return fetch(request)
        cut = false
        // One MiB arrives, then the line is dead.
        const part = request.body?.pipeThrough(firstBytes(MiB(1)))
        const broken = new Request(request.url, {
          method: 'PUT',
          headers: request.headers,
          body: part ?? null,
          duplex: 'half',
        })
        await fetch(broken).catch(() => undefined)
        throw new TypeError('fetch failed')
      },
    })
    expect(ran.err).toMatch(/Going on at [\d.]+ [KM]iB of 3\.0 MiB/)
    expect(ran.exit).toBe(0)
  })

  it('says so when a file cannot be unpacked or is not there', async () => {
    const path = `${yard.folder}/torn.zst`
    await writeFile(path, zstdCompressSync(disk).subarray(0, 1000))
    const torn = await yard.run(`image add ${path}`)
    expect(torn.exit).toBe(1)
    expect(torn.err).toMatch(/looks like zstd and cannot be unpacked/)
    expect((await yard.run('image add /no/such/file')).exit).toBe(2)
    expect((await yard.run(`image add ${path} --arch sparc`)).exit).toBe(2)
  })

  it('lists what the hub holds', async () => {
    const { out } = await yard.run('image list')
    expect(out).toMatch(/^IMAGE +STATE +HERE +FORMAT/)
    expect(out).toMatch(/plain +ready +raw +x86_64 +uefi +2\.0 MiB +2\.0 MiB +SHA256/)
  })
})

/** Lets this many bytes through and then breaks the stream. */
function firstBytes(count: number) {
  let left = count
  return new TransformStream<Uint8Array, Uint8Array>({
    async transform(piece, controller) {
      controller.enqueue(piece.subarray(0, left))
      left -= Math.min(left, piece.length)
      if (left > 0) return
      // What was sent has to arrive before the line dies.
      await sleep(100)
      controller.error(new Error('the line is dead'))
    },
  })
}

const withXz = needs({ programs: ['xz'] })
withXz.describe('yard image add of an xz file', () => {
  it('unpacks it with xz', async () => {
    const bytes = execFileSync('xz', ['-c', '-0'], { input: disk, maxBuffer: MiB(8) })
    expect(await add('small.raw.xz', bytes)).toMatchObject({
      name: 'small',
      format: 'xz',
      rawSha256: sha256(disk),
    })
  })
})

const withQemu = needs({ programs: ['qemu-img'] })
withQemu.describe('yard image add of a qcow2 image', () => {
  it('sends it as the raw disk it holds, packed with zstd', async () => {
    const rawPath = `${yard.folder}/source.raw`
    const path = `${yard.folder}/cloud.qcow2`
    await writeFile(rawPath, disk)
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', rawPath, path])
    let text = ''
    const out = (piece: string): void => {
      text += piece
    }
    const ran = await yard.run(`image add ${path} -o json`, { out })
    expect([ran.exit, ran.err]).toEqual([0, expect.stringContaining('Sending')])
    expect(JSON.parse(text)).toMatchObject({
      name: 'cloud',
      state: 'ready',
      format: 'zstd',
      rawSha256: sha256(disk),
      rawBytes: disk.length,
    })
  })
})
