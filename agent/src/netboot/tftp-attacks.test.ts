import { encodeAck, encodeData, encodeError, encodeRequest } from '@brickyard/tftp/packet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTftpRig, type TftpRig } from './tftp-rig.ts'

/** What ended, doubled or leaked other TFTP servers, each as a test of ours. */
describe('TFTP under attack', () => {
  const BIG = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) & 0xff)
  /** In blocks of 8 bytes, more than a block number can count. */
  const LONG = Uint8Array.from({ length: 8 * 65_600 + 3 }, (_, i) => (i * 7) & 0xff)
  let rig: TftpRig
  beforeEach(async () => {
    rig = await startTftpRig(
      new Map([
        ['big', BIG],
        ['long', LONG],
      ]),
    )
  })
  afterEach(() => rig.stop())

  it("sends each block once to a client that doubles every ACK (the Sorcerer's Apprentice)", async () => {
    const { send, next, heard } = await rig.client()
    send(encodeRequest('read', 'big', new Map([['blksize', '1468']])))
    const { from } = await next()
    const blocks = Math.floor(BIG.length / 1468) + 1
    let data = 0
    for (let block = 0; block <= blocks; block++) {
      send(encodeAck(block), from.port)
      send(encodeAck(block), from.port)
      if (block === blocks) break
      expect((await next()).packet).toMatchObject({ kind: 'data', block: block + 1 })
      data += 1
    }
    expect(data).toBe(blocks)
    expect(heard).toEqual([])
  })

  it('goes on undisturbed while strangers send ACKs, errors and data to its port', async () => {
    const [own, stranger] = [await rig.client(), await rig.client('127.0.0.2')]
    own.send(encodeRequest('read', 'big'))
    const { from } = await own.next()
    for (const bytes of [encodeAck(1), encodeError(0, 'stop'), encodeData(1, new Uint8Array(9))]) {
      stranger.send(bytes, from.port)
      expect((await stranger.next()).packet).toMatchObject({ kind: 'error', code: 5 })
    }
    own.send(encodeAck(1), from.port)
    expect((await own.next()).packet).toMatchObject({ kind: 'data', block: 2 })
    expect(own.heard).toEqual([])
  })

  it('answers a stranger four times, and is no one to make noise with', async () => {
    const [own, stranger] = [await rig.client(), await rig.client()]
    own.send(encodeRequest('read', 'big'))
    const { from } = await own.next()
    for (let n = 0; n < 20; n++) stranger.send(encodeAck(1), from.port)
    own.send(encodeAck(1), from.port)
    await own.next()
    expect(stranger.heard.length).toBeLessThanOrEqual(4)
  })

  it('outlives datagrams of every length up to four bytes on both ports', async () => {
    const { send, next, heard } = await rig.client()
    send(encodeRequest('read', 'big'))
    const { from } = await next()
    for (const port of [rig.server.port(), from.port]) {
      send(new Uint8Array(), port)
      for (let byte = 0; byte < 256; byte++) {
        for (const rest of [[], [byte], [byte, byte]]) send(Uint8Array.of(byte, ...rest), port)
      }
    }
    send(encodeAck(1), from.port)
    expect((await next()).packet).toMatchObject({ kind: 'data', block: 2 })
    expect(heard).toEqual([])
  })

  it.each([
    '../../../../etc/passwd',
    '/etc/passwd',
    '..\\..\\big',
    './big',
    'big/',
    'big/../big',
    '//../big',
    'BIG',
    'big\x01',
    'b%69g',
    'constructor',
    '__proto__',
    '*',
    'a'.repeat(500),
  ])('has no file %j', async (name) => {
    expect(await rig.fetch(name)).toBe('the server refused: no such file (1)')
  })

  it('passes 65,535 blocks and ends where it should', { timeout: 30_000 }, async () => {
    const file = await rig.fetch('long', { blockBytes: 8, windowBlocks: 32 })
    expect(typeof file !== 'string' && Buffer.compare(file, LONG) === 0).toBe(true)
  })

  it('leaves no socket behind', async () => {
    const sockets = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind.startsWith('UDP')).length
    const before = sockets()
    for (let n = 0; n < 50; n++) {
      expect(await rig.fetch('big', { blockBytes: 1468, windowBlocks: 16 })).toHaveLength(100_000)
      expect(await rig.fetch('none')).toContain('no such file')
    }
    while (rig.server.transfers() > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setImmediate(resolve))
    expect(sockets()).toBeLessThanOrEqual(before)
  })
})
