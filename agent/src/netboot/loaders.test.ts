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
  const loaders = await loadLoaders(files, {
    'snponly.efi': '/good',
    'snponly-arm64.efi': '/good',
    'shimx64.efi': '/text',
    'undionly.kpxe': '/nowhere',
    'big.efi': '/huge',
  })
  expect([...loaders.files.keys()]).toEqual(['snponly.efi'])
  const sha256 = createHash('sha256').update(good).digest('hex')
  expect(loaders.assets.get('snponly.efi')).toMatchObject({ bytes: 4096, sha256 })
  expect(loaders.facts).toEqual([
    { name: 'snponly.efi', path: '/good', bytes: 4096, sha256, machine: 'x64', version: undefined },
  ])
  expect(loaders.problems).toEqual([
    'loader snponly-arm64.efi: /good is a UEFI program for x64; expected one for arm64',
    'loader shimx64.efi: /text is no UEFI program; expected one for x64',
    'loader undionly.kpxe: /nowhere is missing; expected a file (Debian package ipxe)',
    `loader big.efi: /huge has ${MiB(8) + 1} bytes; expected at most ${MiB(8)}`,
  ])
})
