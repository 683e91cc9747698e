import { describe, expect, it } from 'vitest'
import { decodeSighting, encodeSearch, encodeSighting } from './ssdp.ts'

const UUID = '92384634-2938-2342-8820-489239905423'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('SSDP', () => {
  it('asks as DSP0266 §14.2 says', () => {
    expect(new TextDecoder().decode(encodeSearch(99))).toBe(
      [
        'M-SEARCH * HTTP/1.1',
        'HOST: 239.255.255.250:1900',
        'MAN: "ssdp:discover"',
        'MX: 5',
        'ST: urn:dmtf-org:service:redfish-rest:1',
        '',
        '',
      ].join('\r\n'),
    )
  })

  it('reads the answer that DSP0266 §14.2.3 gives as its example', () => {
    const answer = bytes(
      [
        'HTTP/1.1 200 OK',
        'CACHE-CONTROL:max-age=1800',
        'ST:urn:dmtf-org:service:redfish-rest:1:0',
        `USN:uuid:${UUID}::urn:dmtf-org:service:redfish-rest:1:0`,
        'AL:https://10.0.0.9/redfish/v1/',
        'EXT:',
        '',
        '',
      ].join('\r\n'),
    )
    expect(decodeSighting(answer)).toEqual({
      ok: true,
      value: {
        uuid: UUID,
        rootUrl: 'https://10.0.0.9/redfish/v1/',
        rootPath: '/redfish/v1/',
        maxAgeSeconds: 1800,
        leaving: false,
      },
    })
    expect(decodeSighting(encodeSighting(UUID, 'https://10.0.0.9/redfish/v1/', 60))).toMatchObject({
      ok: true,
      value: { uuid: UUID, maxAgeSeconds: 60 },
    })
  })

  it('refuses what is none', () => {
    for (const text of ['', 'HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n', 'x'.repeat(5000)]) {
      expect(decodeSighting(bytes(text)).ok).toBe(false)
    }
  })
})
