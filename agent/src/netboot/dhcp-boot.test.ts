import { expect, it } from 'vitest'
import { loaderFor } from './dhcp-boot.ts'
import { NETWORK, requestFrom, SLED_MAC } from './dhcp-rig.ts'

/** Option 175 of an iPXE with HTTP (19), bzImage (24) and, where told, HTTPS (20). */
const features = (https: boolean): Uint8Array =>
  Uint8Array.of(19, 1, 1, ...(https ? [20, 1, 1] : []), 24, 1, 1)

function scriptOf(ipxeFeatures: Uint8Array, only = false) {
  const asked = {
    messageType: 'discover',
    vendorClass: 'PXEClient:Arch:00007:UNDI:003010',
    ipxeFeatures,
  } as const
  const source = {
    network: NETWORK,
    bootUrl: 'http://10.98.0.1',
    loaders: new Set(['snponly.efi']),
    bootTls: { url: 'https://10.98.0.1', only },
  }
  const packet = requestFrom(SLED_MAC, asked)
  return loaderFor(source, { packet, mac: SLED_MAC, sled: undefined })
}

it('sends an iPXE to HTTPS by what its own option 175 says, with its MAC', () => {
  const script = 'https://10.98.0.1/boot.ipxe?mac='
  expect(scriptOf(features(true))).toMatchObject({ url: expect.stringContaining(script) })
  expect(scriptOf(features(true), true)).toMatchObject({ url: expect.stringContaining(script) })
  expect(scriptOf(features(false))).toMatchObject({ url: expect.stringMatching(/^http:/) })
  expect(scriptOf(features(false), true)).toMatchObject({ kind: 'none' })
})
