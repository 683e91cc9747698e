import { describe, expect, it } from 'vitest'
import type { BootClient } from './boot-trace-events.ts'
import { durationInWords, optionsInWords, sameUuid, sizeInWords } from './boot-trace-words.ts'

const IPXE: BootClient = {
  architectures: [7],
  vendorClass: 'PXEClient:Arch:00007:UNDI:003000',
  userClasses: ['iPXE'],
  hasIpxeFeatures: true,
  uuid: null,
  hostName: null,
  requestedAddress: null,
  chosenServer: null,
  ownAddress: null,
  relay: null,
  circuitId: null,
}

describe('words', () => {
  it('say whether an iPXE speaks HTTPS, where that is known', () => {
    const of = (speaksHttps?: boolean) =>
      optionsInWords({ ...IPXE, speaksHttps }).find((text) => text.startsWith('option 175'))
    expect([of(true), of(false), of()]).toEqual([
      'option 175: iPXE lists its features, HTTPS among them',
      'option 175: iPXE lists its features, HTTPS not among them',
      'option 175: iPXE lists its features',
    ])
  })

  it('measures', () => {
    expect([12, 2048, 64_403_456].map(sizeInWords)).toEqual(['12 B', '2 kiB', '61.4 MiB'])
    expect([4, 12_340, 200_000].map(durationInWords)).toEqual(['4 ms', '12.3 s', '3 min 20 s'])
  })

  it('knows a UUID in either byte order', () => {
    const said = '78563412-3412-7856-1234-123456789abc'
    expect(sameUuid(said, '12345678-1234-5678-1234-123456789ABC')).toBe(true)
    expect(sameUuid(said, '12345678-1234-5678-1234-123456789abd')).toBe(false)
  })
})
