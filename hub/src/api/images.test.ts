import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { HubClient } from '@brickyard/api/client'
import type { ImageAsked } from '@brickyard/api/schemas'
import { describe, expect, it } from 'vitest'
import { hubRig, must, sledName, type HubRig } from '../../../test/scenarios/hub-rig.ts'

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const raw = new Uint8Array(Buffer.alloc(8192, 'brick'))
const packed = new Uint8Array(gzipSync(raw))

const image: ImageAsked = {
  name: 'debian',
  sha256: sha(packed),
  bytes: packed.length,
  format: 'gzip',
  arch: 'x86_64',
  firmware: ['uefi'],
  rawSha256: sha(raw),
  rawBytes: raw.length,
  minDiskBytes: raw.length,
}

async function declared(
  change: Partial<ImageAsked> = {},
): Promise<{ rig: HubRig; operator: HubClient; asked: ImageAsked }> {
  const rig = await hubRig()
  const operator = await rig.signIn('operator')
  const asked = { ...image, ...change }
  must(await operator.images.create(asked))
  return { rig, operator, asked }
}

const code = (problem: string, status: number) => ({
  ok: false,
  error: { kind: 'problem', problem: { code: problem, status } },
})

const stored = async (rig: HubRig): Promise<string[]> => await rig.files.list('/hub/blobs')

describe('the content of an image', () => {
  it('makes it ready, checked by unpacking', async () => {
    const { rig, operator } = await declared()
    expect(must(await operator.images.get(image.sha256))).toMatchObject({
      state: 'awaiting-content',
      receivedBytes: 0,
      rawCheck: null,
    })
    expect(must(await operator.images.putContent(image.sha256, packed))).toMatchObject({
      state: 'ready',
      rawCheck: 'verified',
    })
    // Sending it again is harmless.
    expect(must(await operator.images.putContent(image.sha256, packed)).state).toBe('ready')
    expect(await stored(rig)).toEqual([image.sha256])
    await rig.stop()
  })

  it.each([
    ['other bytes', packed.map((byte) => byte ^ 1), 'wrong-hash', 422],
    ['too many bytes', new Uint8Array([...packed, 0]), 'wrong-length', 422],
  ])('is refused for %s, and nothing is kept', async (_, bytes, problem, status) => {
    const { rig, operator } = await declared()
    const answer = await operator.images.putContent(image.sha256, bytes)
    expect(answer).toMatchObject(code(problem, status))
    expect(await stored(rig)).toEqual([])
    expect(must(await operator.images.get(image.sha256)).state).toBe('awaiting-content')
    await rig.stop()
  })

  it.each([
    ['another length', { rawBytes: raw.length + 512, minDiskBytes: raw.length * 2 }],
    ['less than there is', { rawBytes: 512 }],
    ['another hash', { rawSha256: '0'.repeat(64) }],
  ])('is refused when it unpacks to %s than declared', async (_, change) => {
    const { rig, operator } = await declared(change)
    const answer = await operator.images.putContent(image.sha256, packed)
    expect(answer).toMatchObject(code('wrong-raw-content', 422))
    expect(await stored(rig)).toEqual([])
    await rig.stop()
  })

  it('says unknown where it cannot be unpacked here', async () => {
    const { rig, operator } = await declared({ format: 'xz' })
    const ready = must(await operator.images.putContent(image.sha256, packed))
    expect(ready).toMatchObject({ state: 'ready', rawCheck: 'unknown' })
    await rig.stop()
  })

  it('goes on where a broken upload ended', async () => {
    const { rig, operator } = await declared()
    const half = Math.floor(packed.length / 2)
    const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        if (controller.desiredSize === 1) controller.enqueue(packed.slice(0, half))
        else controller.error(new Error('the line went down'))
      },
    })
    await operator.images.putContent(image.sha256, broken)
    const short = await operator.images.putContent(image.sha256, packed.slice(0, half))
    expect(short).toMatchObject(code('broken-off', 400))
    expect(must(await operator.images.get(image.sha256)).receivedBytes).toBe(half)

    const total = packed.length
    const wrong = { first: half + 1, total }
    expect(
      await operator.images.putContent(image.sha256, packed.slice(half + 1), wrong),
    ).toMatchObject(code('wrong-start', 416))
    const rest = await operator.images.putContent(image.sha256, packed.slice(half), {
      first: half,
      total,
    })
    expect(must(rest).state).toBe('ready')
    await rig.stop()
  })

  it('says so when the disk is full, and frees what it took', async () => {
    const { rig, operator } = await declared()
    rig.files.setCapacity(rig.files.usedBytes() + 10)
    const answer = await operator.images.putContent(image.sha256, packed)
    expect(answer).toMatchObject(code('no-room', 507))
    expect(await stored(rig)).toEqual([])
    rig.files.setCapacity(undefined)
    expect(must(await operator.images.putContent(image.sha256, packed)).state).toBe('ready')
    await rig.stop()
  })
})

describe('the declaration of an image', () => {
  it.each([
    ['minDiskBytes', { minDiskBytes: 512 }],
    ['firmware', { arch: 'aarch64' as const, firmware: ['bios' as const] }],
    ['secureBoot', { secureBoot: true, firmware: ['bios' as const] }],
    ['rawBytes', { sectorBytes: 4096 as const, rawBytes: 512 }],
    ['rawSha256', { format: 'raw' as const, rawBytes: packed.length, minDiskBytes: 2 ** 30 }],
  ])('is refused when %s cannot be', async (field, change) => {
    const rig = await hubRig()
    const operator = await rig.signIn('operator')
    const answer = await operator.images.create({ ...image, ...change })
    expect(answer).toMatchObject(code('invalid', 422))
    const causes = answer.ok || answer.error.kind !== 'problem' ? [] : answer.error.problem.causes
    expect(causes.map((cause) => cause.field)).toContain(field)
    await rig.stop()
  })

  it('is the same when repeated, and refused when it differs', async () => {
    const { rig, operator } = await declared()
    expect((await operator.images.create(image)).ok).toBe(true)
    expect(await operator.images.create({ ...image, seed: 'none' })).toMatchObject(
      code('image-differs', 409),
    )
    await rig.stop()
  })
})

describe('a blob', () => {
  const get = async (
    rig: HubRig,
    peer: Parameters<typeof rig.hub.agentListener.fetch>[1],
    range?: string,
  ): Promise<Response> =>
    await rig.hub.agentListener.fetch(
      new Request(`https://hub.test/blobs/${image.sha256}`, {
        headers: range === undefined ? {} : { range },
      }),
      peer,
    )

  it('goes only to a site that is to run it, whole or by range', async () => {
    const { rig, operator } = await declared()
    must(await operator.images.putContent(image.sha256, packed))
    const one = await rig.site('edge-1')
    const two = await rig.site('edge-2')
    await one.makeReady(sledName(1))
    expect((await get(rig, one.peer)).status).toBe(403)
    must(await operator.deployments.create({ count: 1, image: 'debian' }))
    const whole = await get(rig, one.peer)
    expect(whole.status).toBe(200)
    expect(sha(new Uint8Array(await whole.arrayBuffer()))).toBe(image.sha256)
    const part = await get(rig, one.peer, 'bytes=2-5')
    expect(part.status).toBe(206)
    expect(part.headers.get('content-range')).toBe(`bytes 2-5/${packed.length}`)
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(packed.slice(2, 6))
    expect((await get(rig, one.peer, `bytes=${packed.length}-`)).status).toBe(416)
    expect((await get(rig, two.peer)).status).toBe(403)
    expect((await get(rig, { address: '127.0.0.1', port: 1 })).status).toBe(401)
    await rig.stop()
  })
})
