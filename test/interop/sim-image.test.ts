import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeSeed } from '@brickyard/sim/seed-partition'
import { SledDisk } from '@brickyard/sim/sled-disk'
import { syntheticImage } from '@brickyard/sim/synthetic-image'
import { zstdDecompressSync } from 'node:zlib'
import { needs } from '../needs.ts'

const { describe } = needs({ programs: ['sgdisk'] })

describe('the simulated sled’s partition tables, judged by sgdisk', () => {
  it('are valid before and after the seed was added', () => {
    const folder = mkdtempSync(join(tmpdir(), 'brickyard-sgdisk-'))
    try {
      const { image, served } = syntheticImage('interop')
      const disk = new SledDisk({
        path: '/dev/sda',
        bytes: image.minDiskBytes,
        sectorBytes: 512,
        transport: 'sata',
        rotational: false,
        model: '',
        serial: '',
      })
      disk.write(0, zstdDecompressSync(served))
      const file = join(folder, 'disk')
      writeFileSync(file, zstdDecompressSync(served))
      const verified = () => spawnSync('sgdisk', ['-v', file], { encoding: 'utf8' }).stdout
      expect(verified()).toContain('No problems found')
      expect(writeSeed(disk, 'CIDATA', new Map([['meta-data', 'x']]))).toBe(2)
      writeFileSync(file, disk.read(0, image.minDiskBytes))
      expect(verified()).toContain('No problems found')
      const printed = spawnSync('sgdisk', ['-p', file], { encoding: 'utf8' }).stdout
      expect(printed).toMatch(/2 .* CIDATA/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
