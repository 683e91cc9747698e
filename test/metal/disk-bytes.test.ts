import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstByteLeft, firstDifference, sowCanary } from './disk-bytes.ts'

const MIB = 1024 * 1024
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brickyard-disk-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const file = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}

describe('looking at a disk from outside', () => {
  const image = Buffer.alloc(5 * MIB, 'image bytes ')

  it('finds no difference but in the partition table', () => {
    const disk = Buffer.concat([image, Buffer.alloc(MIB, 7)])
    disk.fill(0, 0, 1024)
    expect(firstDifference(file('disk', disk), file('raw', image))).toBeUndefined()
  })

  it('finds one changed byte, also behind the first piece', () => {
    const disk = Buffer.from(image)
    disk.writeUInt8(0, 4 * MIB + 5)
    expect(firstDifference(file('disk', disk), file('raw', image))).toBe(4 * MIB + 5)
  })

  it('sees a canary that was sown and one byte of it that stayed', async () => {
    const disk = file('disk', Buffer.alloc(0))
    truncateSync(disk, 6 * MIB)
    expect(firstByteLeft(disk)).toBeUndefined()
    await sowCanary(disk)
    expect(firstByteLeft(disk)).toBe(0)
    const last = Buffer.alloc(6 * MIB)
    last.writeUInt8(1, 6 * MIB - 1)
    expect(firstByteLeft(file('disk', last))).toBe(6 * MIB - 1)
  })
})
