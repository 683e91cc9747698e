import { createHash } from 'node:crypto'
import { efiProgram } from '@brickyard/sim/efi-program'
import { memoryFiles } from '@brickyard/sim/memory-files'
import { MiB } from '@brickyard/std/units'
import { expect, it } from 'vitest'
import { loadLoaders } from './loaders.ts'

it('serves loaders that are what their names say, and tells of each other what is wrong', async () => {
  const files = memoryFiles()
  const good = efiProgram(4096)
  await files.writeAtomic('/good', good)
  await files.writeAtomic('/text', new TextEncoder().encode('<html>not found</html>'))
  await files.writeAtomic('/huge', new Uint8Array(MiB(8) + 1))
  const sha256 = createHash('sha256').update(good).digest('hex')
  const loaders = await loadLoaders(files, {
    'snponly.efi': '/good',
    'snponly-arm64.efi': '/good',
    'shimx64.efi': '/text',
    'undionly.kpxe': '/nowhere',
    'big.efi': '/huge',
    'ipxe.efi': { path: '/good', sha256: 'a'.repeat(64) },
    'own.efi': { path: '/good', sha256, source: 'built on 2026-11-02' },
  })
  expect([...loaders.files.keys()]).toEqual(['snponly.efi', 'own.efi'])
  expect(loaders.assets.get('snponly.efi')).toMatchObject({ bytes: 4096, sha256 })
  const same = { path: '/good', bytes: 4096, sha256, machine: 'x64', version: undefined }
  expect(loaders.facts).toEqual([
    { name: 'snponly.efi', ...same, source: "the operator's own file", pinned: false },
    { name: 'own.efi', ...same, source: 'built on 2026-11-02', pinned: true },
  ])
  expect(loaders.problems).toEqual([
    'loader snponly-arm64.efi: /good is a UEFI program for x64; expected one for arm64',
    'loader shimx64.efi: /text is no UEFI program; expected one for x64',
    'loader undionly.kpxe: /nowhere is missing; expected a file (Debian package ipxe)',
    `loader big.efi: /huge has ${MiB(8) + 1} bytes; expected at most ${MiB(8)}`,
    `loader ipxe.efi: /good has SHA-256 ${sha256}; expected ${'a'.repeat(64)}`,
  ])
})
