import { describe, expect, it } from 'vitest'
import { DiskFull, memoryFiles } from './memory-files.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const text = (found: Uint8Array | undefined): string | undefined =>
  found && Buffer.from(found).toString()

describe('files in memory', () => {
  it('loses in a crash what was appended and not synced', async () => {
    const files = memoryFiles()
    const file = await files.append('/state/blob.part')
    await file.write(bytes('synced '))
    await file.sync()
    await file.write(bytes('torn'))
    expect(text(await files.read('/state/blob.part'))).toBe('synced torn')
    files.crash()
    expect(text(await files.read('/state/blob.part'))).toBe('synced ')
    expect(await files.size('/state/blob.part')).toBe(7)
  })

  it('streams a range, lists a folder, and knows what is not there', async () => {
    const files = memoryFiles()
    await files.writeAtomic('/a/x', bytes('0123456789'))
    await files.writeAtomic('/a/sub/y', bytes(''))
    let seen = ''
    for await (const piece of files.stream('/a/x', 2, 6)) seen += text(piece)
    expect(seen).toBe('2345')
    expect(await files.list('/a')).toEqual(['sub', 'x'])
    await files.rename('/a/x', '/b/x')
    expect([await files.read('/a/x'), text(await files.read('/b/x'))]).toEqual([
      undefined,
      '0123456789',
    ])
  })

  it('is full when it was made small', async () => {
    const files = memoryFiles()
    files.setCapacity(5)
    const file = await files.append('/x')
    await file.write(bytes('12345'))
    await expect(file.write(bytes('6'))).rejects.toThrow(DiskFull)
    await files.remove('/x')
    await files.writeAtomic('/y', bytes('1'))
  })
})
