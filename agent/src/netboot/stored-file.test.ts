import { memoryFiles } from '@brickyard/sim/memory-files'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { Minutes } from '@brickyard/std/units'
import { encodeRequest } from '@brickyard/tftp/packet'
import { afterEach, describe, expect, it } from 'vitest'
import { storedFile, type StoredFile } from './stored-file.ts'
import { startTftpRig, type TftpRig } from './tftp-rig.ts'

const CONTENT = Uint8Array.from({ length: 5000 }, (_, n) => n % 251)

async function stored() {
  const memory = memoryFiles()
  await memory.writeAtomic('/kernel', CONTENT)
  const clock = virtualClock()
  const reads = { count: 0 }
  const files = {
    ...memory,
    read(path: string) {
      reads.count += 1
      return memory.read(path)
    },
  }
  return { memory, clock, reads, file: storedFile({ files, clock }, '/kernel', CONTENT.length) }
}

describe('a file that is brought into memory while somebody reads it', () => {
  it('is read once for all who read it together, and for who comes soon after', async () => {
    const { clock, reads, file } = await stored()
    const taken = await Promise.all([file.take(), file.take()])
    expect(taken).toEqual([CONTENT, CONTENT])
    file.give()
    await clock.advance(Minutes(5))
    expect(await file.take()).toEqual(CONTENT)
    file.give()
    file.give()
    await clock.advance(Minutes(1) - 1)
    expect(await file.take()).toEqual(CONTENT)
    await clock.advance(Minutes(5))
    expect(reads.count).toBe(1)
    file.give()
    await clock.advance(Minutes(1))
    expect(clock.timerCount).toBe(0)
    expect(await file.take()).toEqual(CONTENT)
    expect(reads.count).toBe(2)
  })

  it('that is gone or another one is not given, and is looked for again', async () => {
    const { memory, file } = await stored()
    await memory.remove('/kernel')
    expect(await file.take()).toBeUndefined()
    await memory.writeAtomic('/kernel', CONTENT.subarray(1))
    expect(await file.take()).toBeUndefined()
    await memory.writeAtomic('/kernel', CONTENT)
    expect(await file.take()).toEqual(CONTENT)
  })
})

describe('such a file by TFTP', () => {
  let rig: TftpRig | undefined
  afterEach(() => rig?.stop())

  it('is sent like every other, to several clients at once, and given back', async () => {
    const { file } = await stored()
    let out = 0
    const counted: StoredFile = {
      ...file,
      take: () => ((out += 1), file.take()),
      give: () => ((out -= 1), file.give()),
    }
    rig = await startTftpRig(new Map([['assets/kernel', counted]]))
    const fetched = await Promise.all([
      rig.fetch('assets/kernel', { blockBytes: 1000 }),
      rig.fetch('/assets/kernel', {}),
    ])
    for (const each of fetched) expect(each).toEqual(CONTENT)
    while (rig.server.transfers() > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(out).toBe(0)
  })

  it('that cannot be read is refused in words', async () => {
    const { memory, file } = await stored()
    await memory.remove('/kernel')
    rig = await startTftpRig(new Map([['kernel', file]]))
    expect(await rig.fetch('kernel', {})).toContain('it cannot be read now')
    expect(rig.server.transfers()).toBe(0)
  })

  it('is begun once however often it is asked for while it is read, and anew for another request', async () => {
    const gate = Promise.withResolvers<Uint8Array | undefined>()
    const count = { takes: 0, gives: 0 }
    const slow: StoredFile = {
      bytes: CONTENT.length,
      take: () => ((count.takes += 1), gate.promise),
      give: () => (count.gives += 1),
    }
    rig = await startTftpRig(new Map<string, StoredFile | Uint8Array>([['kernel', slow]]))
    const client = await rig.client()
    const asking = (blockBytes: number): Uint8Array =>
      encodeRequest('read', 'kernel', new Map([['blksize', String(blockBytes)]]))
    for (let n = 0; n < 3; n++) client.send(asking(1024))
    client.send(asking(512))
    while (count.takes < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(rig.server.transfers()).toBe(1)
    gate.resolve(CONTENT)
    const { packet } = await client.next()
    expect(packet).toEqual({ kind: 'oack', options: new Map([['blksize', '512']]) })
    expect(count).toEqual({ takes: 2, gives: 1 })
    expect(rig.server.transfers()).toBe(1)
  })
})
