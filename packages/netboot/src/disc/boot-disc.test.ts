import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import { describe, expect, it } from 'vitest'
import { needs } from '../../../../test/needs.ts'
import { type BootDisc, bootDisc, DISC_INITRD, DISC_KERNEL } from './boot-disc.ts'
import type { IsoImage } from './iso-image.ts'

const content = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, n) => (n * 31 + seed * 7 + (n >> 8)) & 0xff)

const KERNEL = content(70_001, 1)
const INITRD = content(4096, 2)
const LOADERS = new Map([
  ['isolinux.bin', content(38_912, 3)],
  ['ldlinux.c32', content(1000, 4)],
  ['isohdpfx.bin', content(432, 5)],
  ['shimx64.efi', content(9000, 6)],
  ['gcdx64.efi', content(20_000, 7)],
])
const DISC: BootDisc = {
  sledName: 'sled-01',
  architecture: 'x86_64',
  firmwareMode: 'bios',
  mac: '52:54:00:98:00:07' as Mac,
  address: '10.96.0.107' as Ipv4,
  subnet: { network: '10.96.0.0' as Ipv4, prefixLength: 22 },
  router: undefined,
  dns: [],
  agentUrl: 'http://10.96.0.1',
  claimToken: 'c1a1',
  kernelArguments: ['console=ttyS0,115200n8', 'a=$b'],
  kernelBytes: KERNEL.length,
  initrdBytes: INITRD.length,
}
const ARGUMENTS =
  'brickyard.agent=http://10.96.0.1 brickyard.claim=c1a1 BOOTIF=01-52-54-00-98-00-07 ' +
  'brickyard.net=10.96.0.107/255.255.252.0/'

const made = (change: Partial<BootDisc> = {}): IsoImage => {
  const image = bootDisc({ ...DISC, ...change }, LOADERS)
  if (!image.ok) throw new Error(image.error)
  return image.value
}

const written = ({ pieces }: IsoImage): Buffer =>
  Buffer.concat(
    pieces.map((piece) => {
      if (piece instanceof Uint8Array) return piece
      return piece.path === DISC_KERNEL ? KERNEL : INITRD
    }),
  )

/** A sector of an image, as hex without the zeroes at its end. */
const sector = (image: Buffer, at: number): string =>
  image.toString('hex', at * 2048, (at + 1) * 2048).replace(/(00)+$/, '')

describe('a boot disc', () => {
  it('is as long as it says, in whole sectors, and leaves what is big to who sends it', () => {
    for (const firmwareMode of ['bios', 'uefi'] as const) {
      const image = made({ firmwareMode })
      expect(written(image).length).toBe(image.bytes)
      expect(image.bytes % 2048).toBe(0)
      const paths = image.pieces.flatMap((piece) => ('path' in piece ? [piece.path] : []))
      expect(paths).toEqual([DISC_KERNEL, DISC_INITRD])
    }
  })

  it('names a boot file by El Torito', () => {
    const bios = written(made())
    // Validation entry for x86 with its checksum, then: bootable, no emulation, 4 sectors, sector 25.
    expect(sector(bios, 19)).toBe(
      '01000000425249434b594152440000000000000000000000000000004f1455aa880000000000040019',
    )
    const uefi = written(made({ firmwareMode: 'uefi' }))
    expect(sector(uefi, 19).slice(0, 4)).toBe('01ef')
  })

  it('tells isolinux where it lies, and a BIOS’s stick as well', () => {
    const image = written(made())
    const program = image.subarray(25 * 2048, 25 * 2048 + 38_912)
    const own = LOADERS.get('isolinux.bin') ?? new Uint8Array(0)
    let sum = 0
    for (let at = 64; at < own.length; at += 4) sum += Buffer.from(own).readUInt32LE(at)
    expect([8, 12, 16, 20].map((at) => program.readUInt32LE(at))).toEqual([
      16,
      25,
      38_912,
      sum >>> 0,
    ])
    expect(program.subarray(64).equals(own.subarray(64))).toBe(true)
    expect(image.readUInt32LE(432)).toBe(25 * 4)
    expect(image.toString('hex', 446, 462).slice(0, 10)).toBe('80feffff17')
    expect(image.readUInt32LE(458)).toBe(image.length / 512)
    expect(image.readUInt16LE(510)).toBe(0xaa55)
  })

  it('carries the sled’s own address, router and token to its kernel', () => {
    const bios = written(made({ router: '10.96.0.254' as Ipv4 })).toString('latin1')
    expect(bios).toContain(`  APPEND ${ARGUMENTS}10.96.0.254 console=ttyS0,115200n8 a=$b\n`)
    const uefi = written(made({ firmwareMode: 'uefi' })).toString('latin1')
    expect(uefi).toContain(`linux /boot/vmlinuz ${ARGUMENTS} console=ttyS0,115200n8 'a=$b'\n`)
  })

  it('says which loader is missing', () => {
    const without = (name: string, change: Partial<BootDisc>) =>
      bootDisc({ ...DISC, ...change }, new Map([...LOADERS].filter(([one]) => one !== name)))
    for (const [name, firmwareMode] of [
      ['isolinux.bin', 'bios'],
      ['ldlinux.c32', 'bios'],
      ['shimx64.efi', 'uefi'],
      ['gcdx64.efi', 'uefi'],
    ] as const) {
      const refused = without(name, { firmwareMode })
      expect(refused).toMatchObject({ ok: false, error: expect.stringContaining(name) })
    }
    // A stick for a BIOS is a kindness.
    expect(without('isohdpfx.bin', {}).ok).toBe(true)
    expect(bootDisc({ ...DISC, architecture: 'aarch64' }, LOADERS).ok).toBe(false)
  })
})

needs({ programs: ['xorriso'] }).describe('a boot disc in foreign hands', () => {
  it.each(['bios', 'uefi'] as const)('is a sound ISO 9660 volume for %s', (firmwareMode) => {
    const folder = mkdtempSync(join(tmpdir(), 'disc-'))
    try {
      const iso = join(folder, 'disc.iso')
      writeFileSync(iso, written(made({ firmwareMode })))
      const xorriso = (...words: string[]): string =>
        execFileSync('xorriso', ['-abort_on', 'WARNING', '-indev', iso, ...words], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        })
      const told = xorriso('-report_el_torito', 'plain')
      expect(told).toMatch(/El Torito boot img : +1 +(BIOS|UEFI) +y +none/)
      if (firmwareMode === 'bios') expect(told).toContain('boot-info-table')
      const out = join(folder, 'out')
      xorriso('-osirrox', 'on', '-extract', '/', out)
      const read = (path: string): Buffer => readFileSync(join(out, path))
      expect(read('BOOT/VMLINUZ').equals(KERNEL)).toBe(true)
      expect(read('BOOT/INITRD.IMG').equals(INITRD)).toBe(true)
      const settings = firmwareMode === 'bios' ? 'ISOLINUX/ISOLINUX.CFG' : 'BOOT/GRUB/GRUB.CFG'
      expect(read(settings).toString()).toContain('brickyard.claim=c1a1')
    } finally {
      execFileSync('chmod', ['-R', 'u+w', folder])
      rmSync(folder, { recursive: true })
    }
  })
})
