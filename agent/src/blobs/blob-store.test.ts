import { createHash } from 'node:crypto'
import type { Image } from '@brickyard/model/image'
import type { HttpClient } from '@brickyard/runtime/http'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { memoryFiles } from '@brickyard/sim/memory-files'
import { recordingLog } from '@brickyard/sim/recording-log'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { ok } from '@brickyard/std/result'
import { describe, expect, it } from 'vitest'
import { latestEvents } from '../store/journal.ts'
import { openSiteStore } from '../store/site-store.ts'
import { createBlobStore } from './blob-store.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function imageOf(bytes: Uint8Array): Image {
  return {
    sha256: sha256(bytes),
    bytes: bytes.length,
    name: `image-${bytes[0]}`,
    kind: 'disk',
    format: 'raw',
    arch: 'x86_64',
    firmware: ['uefi'],
    secureBoot: false,
    seed: 'none',
    rawSha256: sha256(bytes),
    rawBytes: bytes.length,
    minDiskBytes: bytes.length,
    sectorBytes: 512,
  }
}

/** A hub that serves what it is given, broken off at `breakAt` and counted. */
function rig(options: { bytesMax?: number } = {}) {
  const clock = virtualClock()
  const store = openNodeStore({ path: ':memory:', durable: false })
  const site = openSiteStore({ store, clock, random: seededRandom('blobs') })
  const files = memoryFiles()
  const held = new Map<string, Uint8Array>()
  const asked: string[] = []
  const state = { breakAt: Infinity, inUse: new Set<string>() }
  const http: HttpClient = {
    async request({ url, headers }) {
      const bytes = held.get(url.split('/').at(-1) as string)
      const from = Number(/bytes=(\d+)-/.exec(headers?.['range'] ?? '')?.[1] ?? 0)
      asked.push(`${from}`)
      if (bytes === undefined) return ok({ status: 404, headers: {}, body: pieces([]) })
      const end = Math.min(bytes.length, state.breakAt)
      const body = pieces([bytes.slice(from, from + 10), bytes.slice(from + 10, end)])
      return ok({ status: from > 0 ? 206 : 200, headers: {}, body })
    },
  }
  const parts = {
    site,
    files,
    http,
    clock,
    log: recordingLog(),
    folder: '/blobs',
    bytesMax: options.bytesMax ?? 10_000,
    source: (sha: string) => ({ url: `https://hub/blobs/${sha}`, tls: {} }),
    local: new Map<string, string>(),
    inUse: () => state.inUse,
    onProgress: () => undefined,
  }
  return { parts, blobs: createBlobStore(parts), held, asked, state, files, clock, site }
}

async function* pieces(all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all
}
const bytesOf = (first: number, length = 100): Uint8Array =>
  Uint8Array.from({ length }, (_, n) => (first + n) % 256)

describe('blob store', () => {
  it('fetches once, serves by range, and knows it again after a restart', async () => {
    const { blobs, held, asked, parts, site } = rig()
    const bytes = bytesOf(1)
    const image = imageOf(bytes)
    held.set(image.sha256, bytes)
    const both = await Promise.all([blobs.fetch(image), blobs.fetch(image)])
    expect([both.map(({ ok: good }) => good), asked]).toEqual([[true, true], ['0']])
    const asset = await blobs.open(image.sha256)
    if (!asset.ok) throw new Error(asset.error)
    const served: Uint8Array[] = []
    for await (const piece of asset.value.stream(10, 20)) served.push(piece)
    expect(Buffer.concat(served)).toEqual(Buffer.from(bytes.slice(10, 20)))
    expect(site.read((sql) => latestEvents(sql, 1))[0]?.kind).toBe('image.fetched')
    const again = createBlobStore(parts)
    await again.start()
    expect(again.has(image.sha256)).toBe(true)
  })

  it('goes on where a transfer broke off', async () => {
    const { blobs, held, asked, state } = rig()
    const bytes = bytesOf(2)
    const image = imageOf(bytes)
    held.set(image.sha256, bytes)
    state.breakAt = 60
    const broken = await blobs.fetch(image)
    expect(broken).toMatchObject({ ok: false, error: { final: false } })
    state.breakAt = Infinity
    expect((await blobs.fetch(image)).ok).toBe(true)
    expect(asked).toEqual(['0', '60'])
  })

  it('keeps nothing of bytes with a wrong hash, and gives up after the second time', async () => {
    const { blobs, held, files, site } = rig()
    const image = imageOf(bytesOf(3))
    held.set(image.sha256, bytesOf(4))
    expect(await blobs.fetch(image)).toMatchObject({ ok: false, error: { final: false } })
    expect(await blobs.fetch(image)).toMatchObject({ ok: false, error: { final: true } })
    expect([blobs.has(image.sha256), await files.list('/blobs')]).toEqual([false, []])
    expect(site.read((sql) => latestEvents(sql, 5)).map(({ kind }) => kind)).toEqual([
      'image.refused',
      'image.refused',
    ])
  })

  it('removes the longest unused to make room, never one in use', async () => {
    const { blobs, held, state, clock } = rig({ bytesMax: 250 })
    const images = [5, 6, 7, 8].map((first) => {
      const bytes = bytesOf(first)
      held.set(sha256(bytes), bytes)
      return imageOf(bytes)
    })
    const has = () => images.map(({ sha256: sha }) => blobs.has(sha))
    for (const image of images.slice(0, 2)) {
      await blobs.fetch(image)
      await clock.advance(1000)
    }
    state.inUse.add((images[0] as Image).sha256)
    expect((await blobs.fetch(images[2] as Image)).ok).toBe(true)
    expect(has()).toEqual([true, false, true, false])
    state.inUse.add((images[2] as Image).sha256)
    const refused = await blobs.fetch(images[3] as Image)
    expect(refused).toMatchObject({ ok: false, error: { final: false } })
    expect(!refused.ok && refused.error.message).toContain('images in use fill them')
    expect(has()).toEqual([true, false, true, false])
  })

  it('says that the disk is full, and fetches once there is room', async () => {
    const { blobs, held, files } = rig()
    const bytes = bytesOf(9)
    const image = imageOf(bytes)
    held.set(image.sha256, bytes)
    files.setCapacity(50)
    const full = await blobs.fetch(image)
    expect(!full.ok && full.error.message).toContain('ENOSPC')
    files.setCapacity(undefined)
    expect((await blobs.fetch(image)).ok).toBe(true)
  })

  it('serves a local file from where it is, once its hash is what the document says', async () => {
    const { parts, files } = rig()
    const [good, bad] = [bytesOf(10), bytesOf(11)]
    await files.writeAtomic('/srv/good', good)
    await files.writeAtomic('/srv/bad', good)
    parts.local.set(sha256(good), '/srv/good')
    parts.local.set(sha256(bad), '/srv/bad')
    const blobs = createBlobStore(parts)
    expect((await blobs.fetch(imageOf(good))).ok).toBe(true)
    expect(await blobs.fetch(imageOf(bad))).toMatchObject({ ok: false, error: { final: true } })
    expect([blobs.bytesHeld(), (await blobs.open(sha256(good))).ok]).toEqual([0, true])
  })
})
