import type { Mac } from '@brickyard/model/mac'
import { describe, expect, it } from 'vitest'
import { noCloudSeed } from './nocloud.ts'

const ASSIGNMENT = {
  instanceId: 'deployment-1-sled-01',
  hostname: 'web-1',
  sshKeys: ['ssh-ed25519 AAAA "who: #me"'],
  userData: '#cloud-config\nruncmd: [date]\n',
  phoneHomeUrl: 'http://10.98.0.1/phone-home/c0ffee',
  macs: ['52:54:00:98:00:01' as Mac, '52:54:00:98:00:02' as Mac],
}
/** The body under cloud-init's first line, or the whole text. */
const bodyOf = (text: string): unknown => JSON.parse(text.replace(/^#cloud-config\n/, ''))

describe('noCloudSeed', () => {
  const seed = noCloudSeed(ASSIGNMENT)
  it('names the instance, the host and its keys, quoting what needs it', () => {
    expect(bodyOf(seed['meta-data'])).toEqual({
      'instance-id': 'deployment-1-sled-01',
      'local-hostname': 'web-1',
      'public-keys': ASSIGNMENT.sshKeys,
    })
  })
  it("passes the tenant's user-data on untouched, and writes an empty one for none", () => {
    expect(seed['user-data']).toBe(ASSIGNMENT.userData)
    expect(noCloudSeed({ ...ASSIGNMENT, userData: undefined })['user-data']).toBe(
      '#cloud-config\n{}\n',
    )
  })
  it('calls home from vendor-data', () => {
    expect(seed['vendor-data']).toMatch(/^#cloud-config\n/)
    expect(bodyOf(seed['vendor-data'])).toMatchObject({
      phone_home: { url: ASSIGNMENT.phoneHomeUrl, tries: 20 },
    })
  })
  it('configures every NIC by its MAC and waits for the first alone', () => {
    expect(bodyOf(seed['network-config'])).toEqual({
      version: 2,
      ethernets: {
        nic0: { match: { macaddress: '52:54:00:98:00:01' }, dhcp4: true, optional: false },
        nic1: { match: { macaddress: '52:54:00:98:00:02' }, dhcp4: true, optional: true },
      },
    })
  })
  it("writes the deployment's own network where there is one", () => {
    expect(noCloudSeed({ ...ASSIGNMENT, networkConfig: 'own' })['network-config']).toBe('own')
  })
})
