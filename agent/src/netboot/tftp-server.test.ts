import { encodeAck, encodeRequest } from '@brickyard/tftp/packet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sledAddress, startTftpRig, type TftpRig } from './tftp-rig.ts'
import type { TftpServer } from './tftp-server.ts'

const BIG = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) & 0xff)
const EXACT = BIG.subarray(0, 1024)

describe('TFTP server on real sockets', () => {
  let rig: TftpRig
  let server: TftpServer
  let client: TftpRig['client']
  let fetchFile: TftpRig['fetch']

  beforeEach(async () => {
    rig = await startTftpRig(
      new Map([
        ['big', BIG],
        ['exact', EXACT],
        ['text', new TextEncoder().encode('a\nb\rc\n')],
      ]),
    )
    server = rig.server
    client = rig.client
    fetchFile = rig.fetch
  })
  afterEach(() => rig.stop())

  const settled = async (): Promise<void> => {
    while (server.transfers() > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  it('sends files with and without options, and closes every socket', async () => {
    expect(await fetchFile('exact')).toEqual(EXACT)
    expect(await fetchFile('big', { blockBytes: 1468 })).toEqual(BIG)
    expect(await fetchFile('big', { blockBytes: 1468, windowBlocks: 16 })).toEqual(BIG)
    await settled()
  })

  it('serves many at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, n) => fetchFile('exact', { blockBytes: 512 }, sledAddress(n))),
    )
    expect(all.every((file) => typeof file !== 'string' && file.length === 1024)).toBe(true)
    await settled()
  })

  it('refuses what is not listed, and writing, and says so', async () => {
    expect(await fetchFile('../etc/passwd')).toBe('the server refused: no such file (1)')
    const { send, next } = await client()
    send(encodeRequest('write', 'big'))
    expect((await next()).packet).toMatchObject({ kind: 'error', code: 2 })
    expect(rig.events.map(({ body }) => body['name'])).toEqual(['../etc/passwd', 'big'])
    expect(server.transfers()).toBe(0)
  })

  it('gives a file that is one machine’s own to the address it belongs to', async () => {
    const own = await startTftpRig(new Map(), (name, address) =>
      name === 'boot.grub/mine' && address === sledAddress(1) ? EXACT : undefined,
    )
    expect(await own.fetch('/boot.grub/mine', {}, sledAddress(1))).toEqual(EXACT)
    expect(await own.fetch('/boot.grub/mine', {}, sledAddress(2))).toContain('no such file')
    own.stop()
  })

  it('answers a doubled ACK once, and a stranger with an error that disturbs nothing', async () => {
    const [one, stranger] = [await client(), await client()]
    one.send(encodeRequest('read', 'big'))
    const { from } = await one.next()
    stranger.send(encodeAck(1), from.port)
    expect((await stranger.next()).packet).toMatchObject({ kind: 'error', code: 5 })
    for (let block = 1; block <= 20; block++) {
      one.send(encodeAck(block), from.port)
      one.send(encodeAck(block), from.port)
      expect((await one.next()).packet).toMatchObject({ kind: 'data', block: block + 1 })
    }
    // The last doubled ACK has been heard before this answer: nothing came of it.
    one.send(encodeAck(21), from.port)
    expect((await one.next()).packet).toMatchObject({ block: 22 })
    expect(one.heard).toEqual([])
  })

  it('takes the same request again for one, and another as a new beginning', async () => {
    const { send, next } = await client()
    send(encodeRequest('read', 'big'))
    const first = await next()
    send(encodeRequest('read', 'big'))
    send(encodeAck(1), first.from.port)
    expect(await next()).toMatchObject({ packet: { block: 2 }, from: { port: first.from.port } })
    expect(server.transfers()).toBe(1)
    send(encodeRequest('read', 'exact'))
    const second = await next()
    expect(second.packet).toMatchObject({ block: 1 })
    expect(second.from.port).not.toBe(first.from.port)
    expect(server.transfers()).toBe(1)
  })

  it('lives through noise on both ports', async () => {
    const { send, next } = await client()
    for (const bytes of [
      new Uint8Array(),
      Uint8Array.of(0),
      Uint8Array.of(0, 9),
      new Uint8Array(2000),
    ])
      send(bytes)
    send(encodeRequest('read', 'big'))
    const { from } = await next()
    send(Uint8Array.of(0), from.port)
    send(new Uint8Array(), from.port)
    send(encodeAck(1), from.port)
    expect((await next()).packet).toMatchObject({ block: 2 })
  })

  it('begins anew where a client that was heard asks again', async () => {
    const { send, next } = await client()
    send(encodeRequest('read', 'big'))
    const first = await next()
    send(encodeAck(1), first.from.port)
    expect((await next()).packet).toMatchObject({ block: 2 })
    // Power was lost in the middle; the firmware's port is always the same.
    send(encodeRequest('read', 'big'))
    const second = await next()
    expect(second.packet).toMatchObject({ block: 1 })
    expect(second.from.port).not.toBe(first.from.port)
    // The first answer may be lost, and the second request ask for other options.
    send(encodeRequest('read', 'big', new Map([['tsize', '0']])))
    expect((await next()).packet).toEqual({ kind: 'oack', options: new Map([['tsize', '300000']]) })
    expect(server.transfers()).toBe(1)
  })

  it('sends text to who asks for text, and tells the length it will have', async () => {
    const { send, next } = await client()
    send(encodeRequest('read', 'text', new Map([['tsize', '0']]), 'NetASCII'))
    const { packet, from } = await next()
    expect(packet).toEqual({ kind: 'oack', options: new Map([['tsize', '9']]) })
    send(encodeAck(0), from.port)
    const bytes = Buffer.from('a\r\nb\r\0c\r\n')
    expect((await next()).packet).toEqual({ kind: 'data', block: 1, bytes })
  })

  it('runs eight transfers of one client and no more', async () => {
    const { send, next } = await client(sledAddress(0))
    for (let n = 0; n < 20; n++) {
      const greedy = await client(sledAddress(1))
      greedy.send(encodeRequest('read', 'big'))
    }
    // Another sled's request, sent after all those, is answered.
    send(encodeRequest('read', 'exact'))
    expect((await next()).packet).toMatchObject({ kind: 'data', block: 1 })
    expect(server.transfers()).toBe(9)
  })

  it('tells of 64 invented names, not of every one', async () => {
    const { send, next } = await client()
    for (let n = 0; n < 100; n++) {
      send(encodeRequest('read', `name-${n}`))
      expect((await next()).packet).toMatchObject({ kind: 'error', code: 1 })
    }
    expect(rig.events).toHaveLength(64)
  })

  it(
    'drops requests beyond its limit, and ends all when it stops',
    { timeout: 20_000 },
    async () => {
      const crowd = await Promise.all(
        Array.from({ length: 260 }, (_, n) => client(sledAddress(n >> 3))),
      )
      for (const { send } of crowd) send(encodeRequest('read', 'big'))
      await crowd[0]?.next()
      while (server.transfers() < 256) await new Promise((resolve) => setTimeout(resolve, 5))
      expect(server.transfers()).toBe(256)
      server.stop()
      expect(server.transfers()).toBe(0)
    },
  )
})
