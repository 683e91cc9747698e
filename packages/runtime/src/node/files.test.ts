import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readBody } from '../http.ts'
import { nodeFiles } from './files.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brickyard-files-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('files', () => {
  it('are undefined when missing, whole when written, and leave no temporary behind', async () => {
    const path = join(folder, 'deep', 'a.bin')
    expect(await nodeFiles.read(path)).toBeUndefined()
    expect(await nodeFiles.size(path)).toBeUndefined()
    await nodeFiles.writeAtomic(path, Uint8Array.of(1, 2, 3))
    expect(await nodeFiles.read(path)).toEqual(Uint8Array.of(1, 2, 3))
    expect(readdirSync(join(folder, 'deep'))).toEqual(['a.bin'])
  })

  it('stream the bytes asked for, and say when the file is shorter', async () => {
    const path = join(folder, 'b.bin')
    await nodeFiles.writeAtomic(path, new Uint8Array(700_000).fill(7))
    expect(await readBody(nodeFiles.stream(path, 10, 600_010), 1_000_000)).toHaveLength(600_000)
    await expect(readBody(nodeFiles.stream(path, 0, 700_001), 1_000_000)).rejects.toThrow('ends at')
  })

  it('have a hash, whatever their length', async () => {
    const path = join(folder, 'd.bin')
    expect(await nodeFiles.sha256(path)).toBeUndefined()
    for (const bytes of [new Uint8Array(), new Uint8Array(600_001).fill(7)]) {
      await nodeFiles.writeAtomic(path, bytes)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      expect(await nodeFiles.sha256(path)).toBe(sha256)
    }
  })

  it('grow by appending and survive being opened again', async () => {
    const path = join(folder, 'c.bin')
    for (const piece of [Uint8Array.of(1), Uint8Array.of(2)]) {
      const file = await nodeFiles.append(path)
      await file.write(piece)
      await file.sync()
      await file.close()
    }
    expect(await nodeFiles.read(path)).toEqual(Uint8Array.of(1, 2))
  })
})
