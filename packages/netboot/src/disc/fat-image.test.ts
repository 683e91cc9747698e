import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { needs } from '../../../../test/needs.ts'
import { fatImage } from './fat-image.ts'

const bytes = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, n) => (n * 31 + seed * 7 + (n >> 8)) & 0xff)

const FILES = [
  { path: 'EFI/BOOT/BOOTX64.EFI', bytes: bytes(1_000_001, 1) },
  { path: 'EFI/BOOT/GRUBX64.EFI', bytes: bytes(3_900_000, 2) },
  { path: 'EMPTY', bytes: new Uint8Array(0) },
  { path: 'EFI/ONE', bytes: bytes(1, 3) },
]

describe('a FAT12 image', () => {
  it('begins as the specification says', () => {
    const image = fatImage([{ path: 'A', bytes: bytes(600, 1) }])
    const hex = Buffer.from(image).toString('hex')
    // Jump; maker; 512 bytes a sector, 1 a cluster, 1 reserved; 2 tables, 64 root entries, 9 sectors, f8.
    expect(hex.slice(0, 44)).toBe('eb3c90425249434b59524400020101000240000900f8')
    expect(image.slice(510, 512)).toEqual(Uint8Array.of(0x55, 0xaa))
    // Entries 0 and 1, then the file: cluster 2 goes on at 3, where it ends.
    expect(hex.slice(1024, 1024 + 12)).toBe('f8ffff03f0ff')
  })

  it('is the same for the same files', () => {
    const hash = (): string => createHash('sha256').update(fatImage(FILES)).digest('hex')
    expect(hash()).toBe(hash())
  })

  it('refuses a name that FAT has no room for', () => {
    expect(() => fatImage([{ path: 'TOOLONGNAME.EFI', bytes: bytes(1, 1) }])).toThrow('8.3')
    expect(() => fatImage([{ path: 'A', bytes: new Uint8Array(140_000_000) }])).toThrow('too long')
  })
})

needs({ programs: ['mcopy', 'fsck.vfat'] }).describe('a FAT12 image in foreign hands', () => {
  it.each([FILES, FILES.slice(0, 1), [{ path: 'A', bytes: bytes(2_090_000, 5) }]])(
    'is sound and gives its files back',
    (...files) => {
      const folder = mkdtempSync(join(tmpdir(), 'fat-'))
      try {
        const image = join(folder, 'fat.img')
        writeFileSync(image, fatImage(files))
        execFileSync('fsck.vfat', ['-n', image])
        for (const { path, bytes: content } of files) {
          const out = join(folder, 'out')
          execFileSync('mcopy', ['-n', '-o', '-i', image, `::${path}`, out])
          expect(readFileSync(out).equals(content)).toBe(true)
        }
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )
})
