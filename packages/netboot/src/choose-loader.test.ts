import { describe, expect, it } from 'vitest'
import { chooseLoader, type NetbootClient } from './choose-loader.ts'

const SOURCE = {
  bootUrl: 'http://10.98.0.1',
  loaders: new Set(['undionly.kpxe', 'snponly.efi']),
  scriptUrl: 'http://10.98.0.1/boot.ipxe?mac=52-54-00-98-00-01',
}
const choose = (client: Partial<NetbootClient>) =>
  chooseLoader(
    {
      architectures: [],
      vendorClass: undefined,
      userClasses: [],
      hasIpxeFeatures: false,
      ...client,
    },
    SOURCE,
  )
const PXE = 'PXEClient:Arch:00007:UNDI:003000'
const SECURE = {
  bootUrl: 'https://10.98.0.1',
  scriptUrl: 'https://10.98.0.1/boot.ipxe?mac=52-54-00-98-00-01',
  only: false,
}

describe('chooseLoader', () => {
  it.each([
    [[], 'undionly.kpxe'],
    [[0], 'undionly.kpxe'],
    [[7], 'snponly.efi'],
    [[9], 'snponly.efi'],
    [[6, 7], 'snponly.efi'],
    [[11, 7], 'snponly.efi'],
  ])('sends PXE firmware of architectures %j to %s by TFTP', (architectures, file) => {
    expect(choose({ vendorClass: PXE, architectures })).toEqual({
      kind: 'tftp',
      file,
      vendorClass: 'PXEClient',
    })
  })

  it('sends a sled that checks signatures to shim, and to nothing else', () => {
    const client: NetbootClient = {
      architectures: [7],
      vendorClass: PXE,
      userClasses: [],
      hasIpxeFeatures: false,
    }
    const signed = { ...SOURCE, signedChain: true }
    expect(chooseLoader(client, signed)).toEqual({
      kind: 'none',
      reason: 'shimx64.efi for UEFI x64 is not on this appliance',
    })
    const loaders = new Set([...SOURCE.loaders, 'shimx64.efi', 'grubx64.efi'])
    expect(chooseLoader(client, { ...signed, loaders })).toMatchObject({ file: 'shimx64.efi' })
    expect(chooseLoader(client, { ...SOURCE, loaders })).toMatchObject({ file: 'snponly.efi' })
  })

  it('sends by HTTPS who can, where the site has a certificate', () => {
    const http: NetbootClient = {
      architectures: [16],
      vendorClass: 'HTTPClient:Arch:00016:UNDI:003001',
      userClasses: [],
      hasIpxeFeatures: false,
    }
    const ipxe: NetbootClient = { ...http, vendorClass: PXE, hasIpxeFeatures: true }
    const able: NetbootClient = { ...ipxe, speaksHttps: true }
    const secure = { ...SOURCE, secure: SECURE }
    expect(chooseLoader(http, secure)).toMatchObject({
      url: 'https://10.98.0.1/assets/snponly.efi',
    })
    expect(chooseLoader(able, secure)).toMatchObject({ url: SECURE.scriptUrl })
    expect(chooseLoader(able, SOURCE)).toMatchObject({ url: SOURCE.scriptUrl })
    expect(chooseLoader(ipxe, secure)).toMatchObject({ url: SOURCE.scriptUrl })
    const only = { ...SOURCE, secure: { ...SECURE, only: true } }
    expect(chooseLoader(able, only)).toMatchObject({ url: SECURE.scriptUrl })
    expect(chooseLoader(ipxe, only)).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('built without HTTPS'),
    })
  })

  it('sends arm64 firmware to iPXE where there is one, else to GRUB', () => {
    const client: NetbootClient = {
      architectures: [11],
      vendorClass: 'PXEClient:Arch:00011:UNDI:003000',
      userClasses: [],
      hasIpxeFeatures: false,
    }
    const choose = (...files: string[]) =>
      chooseLoader(client, { ...SOURCE, loaders: new Set(files) })
    expect(choose('grubaa64.efi')).toMatchObject({ kind: 'tftp', file: 'grubaa64.efi' })
    expect(choose('grubaa64.efi', 'ipxe-arm64.efi')).toMatchObject({ file: 'ipxe-arm64.efi' })
    expect(choose('grubaa64.efi', 'snponly-arm64.efi')).toMatchObject({ file: 'snponly-arm64.efi' })
    expect(choose()).toMatchObject({ kind: 'none' })
  })

  it('sends UEFI HTTP boot to a URL', () => {
    const client = { vendorClass: 'HTTPClient:Arch:00016:UNDI:003000', architectures: [16] }
    expect(choose(client)).toEqual({
      kind: 'http',
      url: 'http://10.98.0.1/assets/snponly.efi',
      vendorClass: 'HTTPClient',
    })
  })

  it('ends the chain at iPXE, known by either sign, whatever it was loaded on', () => {
    for (const sign of [{ userClasses: ['iPXE'] }, { hasIpxeFeatures: true }]) {
      expect(choose({ vendorClass: PXE, architectures: [7], ...sign })).toEqual({
        kind: 'http',
        url: SOURCE.scriptUrl,
        vendorClass: 'PXEClient',
      })
    }
  })

  it('says why there is no loader', () => {
    expect(choose({ vendorClass: PXE, architectures: [11] })).toEqual({
      kind: 'none',
      reason: 'snponly-arm64.efi for UEFI arm64 is not on this appliance',
    })
    expect(choose({ vendorClass: PXE, architectures: [27] })).toEqual({
      kind: 'none',
      reason: 'no loader for client architecture 27',
    })
  })

  it('leaves clients alone that did not come to boot', () => {
    for (const vendorClass of [undefined, 'udhcp 1.35.0', 'MSFT 5.0']) {
      expect(choose({ vendorClass })).toEqual({ kind: 'not-netbooting' })
    }
  })
})
