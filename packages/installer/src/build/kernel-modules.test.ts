import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { type KernelModule, moduleClosure, moduleName, moduleTables } from './kernel-modules.ts'

const modules = new Map<string, KernelModule>(
  Object.entries({
    scsi_mod: [],
    libata: ['depends=scsi_mod'],
    libahci: ['depends=libata'],
    ahci: [
      'alias=pci:v*d*sv*sd*bc01sc06i01*',
      'alias=pci:v00008086d00002922sv*sd*bc*sc*i*',
      'depends=libahci,libata',
    ],
    e1000e: ['alias=pci:v00008086d000010D3sv*sd*bc*sc*i*', 'softdep=pre: realtek-phy absent'],
    realtek_phy: ['depends='],
    virtio_net: ['alias=virtio:d00000001v*', 'alias=dmi:*weird $(x)*'],
    round: ['depends=trip'],
    trip: ['depends=round'],
  }).map(([name, info]) => [name, { name, info }]),
)

const closure = (...wanted: string[]): Map<string, readonly string[]> => {
  const needs = moduleClosure(wanted, modules)
  if (!needs.ok) throw new Error(needs.error)
  return needs.value
}

describe('kernel modules', () => {
  it('are named by the kernel with underscores', () => {
    expect(moduleName('drivers/net/phy/realtek-phy.ko')).toBe('realtek_phy')
  })

  it('are loaded after what they need, soft needs too where there are such', () => {
    const needs = closure('ahci', 'e1000e')
    expect(needs.get('ahci')).toEqual(['scsi_mod', 'libata', 'libahci'])
    expect(needs.get('e1000e')).toEqual(['realtek_phy'])
  })

  it('that are missing or need each other fail by name', () => {
    expect(moduleClosure(['absent'], modules)).toMatchObject({ error: /no module absent/ })
    expect(moduleClosure(['round'], modules)).toMatchObject({ error: /round -> trip -> round/ })
  })

  it('are found by the sh tables: device before class, and nothing for strangers', () => {
    const tables = moduleTables(closure('ahci', 'e1000e', 'virtio_net'), modules)
    const moduleFor = (alias: string): string =>
      execFileSync('sh', ['-c', `${tables}\nmodule_for "$1"`, 'sh', alias], { encoding: 'utf8' })
    expect(moduleFor('pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00')).toBe('e1000e\n')
    expect(moduleFor('pci:v00008086d00009999sv00000000sd00000000bc01sc06i01')).toBe('ahci\n')
    expect(moduleFor('pci:v00001234d00001111sv00000000sd00000000bc01sc06i01')).toBe('ahci\n')
    expect(moduleFor('virtio:d00000001v00001AF4')).toBe('virtio_net\n')
    expect(moduleFor('pci:v00001234d00001111sv00001AF4sd00001100bc03sc00i00')).toBe('')
    expect(tables).not.toContain('weird')
  })

  it('tell sh what to load before', () => {
    const tables = moduleTables(closure('ahci'), modules)
    const needs = execFileSync('sh', ['-c', `${tables}\nmodule_needs ahci`], { encoding: 'utf8' })
    expect(needs).toBe('scsi_mod libata libahci\n')
  })
})
