import { loadCatalogue } from '@brickyard/firmware-catalog/load'
import { describe, expect, it } from 'vitest'
import {
  judgeInspection,
  type BmcFirmwareFacts,
  type HostFirmwareFacts,
} from './judge-inspection.ts'

const catalogue = loadCatalogue()
const host = (more: Partial<HostFirmwareFacts>): HostFirmwareFacts => ({
  maker: 'QEMU',
  model: 'Standard PC (Q35 + ICH9, 2009)',
  biosVendor: 'SeaBIOS',
  biosVersion: '1.16.2-debian-1.16.2-1',
  biosDate: '04/01/2014',
  ...more,
})
const bmc = (more: Partial<BmcFirmwareFacts>): BmcFirmwareFacts => ({
  bmcVersion: '1.71',
  bmcManufacturerId: 10876,
  bmcProductId: 2358,
  ...more,
})
const verdicts = (...parts: Parameters<typeof judgeInspection>[1][]) =>
  parts
    .flatMap((part) => judgeInspection(catalogue, part))
    .map(({ kind, verdict, reason }) => ({ kind, verdict, reason }))

describe('firmware found at inspection', () => {
  it('of a BIOS virtual machine of Debian 12 is compliant', () => {
    expect(verdicts({ host: host({}) })).toEqual([
      { kind: 'bios', verdict: 'compliant', reason: 'baseline edge-2026-11 wants 1.16.2-1' },
    ])
  })

  it('of a UEFI one is unknown, because its firmware gives no version', () => {
    // As `smbiosview` shows it on OVMF 2022.11-6+deb12u2.
    const ovmf = { biosVendor: 'EFI Development Kit II / OVMF', biosVersion: '0.0.0' }
    const [judged] = judgeInspection(catalogue, { host: host({ ...ovmf, biosDate: '02/06/2015' }) })
    expect(judged?.verdict).toBe('unknown')
    expect(judged?.reason).toContain("'0.0.0' does not say which version this is")
    expect(judged?.advisories).toEqual([
      expect.objectContaining({ id: 'PixieFail', exposed: 'unknown' }),
    ])
  })

  it('of a Supermicro BMC read by IPMI is not called behind for numbers IPMI leaves out', () => {
    const board = { maker: 'Supermicro', boardMaker: 'Supermicro', boardModel: 'X11DPH-T' }
    const x11 = host({ ...board, biosVendor: 'American Megatrends Inc.', biosVersion: '3.3' })
    const [ofBmc, ofBios] = judgeInspection(catalogue, { host: x11, bmc: bmc({}) })
    expect(ofBmc).toMatchObject({
      kind: 'bmc',
      verdict: 'unknown',
      rule: 'supermicro/x11dph-t-bmc',
    })
    expect(ofBmc?.advisories.map(({ id }) => id)).toEqual(['CVE-2025-7937'])
    expect(ofBios).toMatchObject({ kind: 'bios', verdict: 'behind' })
  })

  it('of an HPE server is put together from what SMBIOS splits', () => {
    const dl360 = host({
      maker: 'HPE',
      model: 'ProLiant DL360 Gen10 Plus',
      biosVendor: 'HPE',
      biosVersion: 'U46',
      biosRelease: '1.80',
      biosDate: '07/05/2023',
    })
    const ilo = bmc({ bmcVersion: '3.14', bmcManufacturerId: 11 })
    expect(judgeInspection(catalogue, { host: dl360, bmc: ilo })).toMatchObject([
      { rule: 'hpe/ilo-5', verdict: 'compliant' },
      { rule: 'hpe/rom-u46', verdict: 'behind', release: 'hpe/rom-u46/1.80' },
    ])
  })

  it('of the sleds that Packet built for Open19 cages is judged board by board', () => {
    const c3 = { maker: 'Packet', model: 'c3.small.x86', biosVendor: 'American Megatrends Inc.' }
    const board = { boardManufacturer: 'ASRockRack', boardModel: 'E3C246D4I-NL' }
    const found = (biosVersion: string, bmcVersion: string) =>
      judgeInspection(catalogue, {
        host: host({ ...c3, biosVersion }),
        bmc: bmc({ ...board, bmcVersion, bmcManufacturerId: 49_622 }),
      }).map(({ verdict }) => verdict)
    expect(found('L2.07B', '0.03')).toEqual(['compliant', 'compliant'])
    expect(found('L2.02C', '0.01')).toEqual(['behind', 'behind'])
    expect(found('L2.07A', '1.90')).toEqual(['compliant', 'unknown'])
  })

  it('of hardware nobody entered is unknown, and nothing found gives no verdict', () => {
    expect(verdicts({ bmc: bmc({ bmcManufacturerId: 1 }) })).toEqual([
      { kind: 'bmc', verdict: 'unknown', reason: 'the catalogue does not know this component' },
    ])
    expect(verdicts({})).toEqual([])
  })
})
