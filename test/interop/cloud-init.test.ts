import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Mac } from '@brickyard/model/mac'
import { networkConfig } from '@brickyard/netboot/network-config'
import { noCloudSeed } from '@brickyard/netboot/nocloud'
import {
  readNetworkWish,
  wishOfSled,
  type WrittenNetwork,
} from '@brickyard/netboot/read-network-wish'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs } from '../needs.ts'

const run = promisify(execFile)
const taken = <T>(result: { ok: true; value: T } | { ok: false; error: string }): T => {
  if (!result.ok) throw new Error(result.error)
  return result.value
}
const MACS = ['52:54:00:98:00:01', '52:54:00:98:00:02'] as Mac[]

/** A bond with an untagged network and a VLAN, as a site with one LACP pair per sled has it. */
const WRITTEN: WrittenNetwork = {
  nics: [{ nic: 0 }, { nic: 1 }],
  bonds: [{ mode: '802.3ad', members: ['nic0', 'nic1'] }],
  vlans: [
    {
      link: 'bond0',
      id: 120,
      addressing: {
        kind: 'static',
        subnet: '10.1.0.0/24',
        addresses: ['10.1.0.5-10.1.0.6'],
        gateway: '10.1.0.1',
      },
    },
  ],
  nameservers: ['10.1.0.2'],
  searchDomains: ['example.net'],
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloud-init-interop-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What cloud-init writes for a distribution's own tools from our network-config. */
async function converted(text: string, renderer: string, distribution: string): Promise<string> {
  const source = join(folder, 'network-config')
  const out = mkdtempSync(join(folder, `${renderer}-`))
  writeFileSync(source, text)
  const names = MACS.flatMap((mac, n) => ['-m', `nic${n},${mac}`])
  const from = ['devel', 'net-convert', '-p', source, '-k', 'yaml']
  await run('cloud-init', [...from, '-d', out, '-D', distribution, '-O', renderer, ...names])
  return readdirSync(out, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => join(out, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => `${path.slice(out.length)}\n${readFileSync(path, 'utf8')}`)
    .join('\n')
}

needs({ programs: ['cloud-init'] }).describe('cloud-init', () => {
  // As the hub keeps it of the second sled, and its site writes it.
  const read = readNetworkWish(WRITTEN)
  if (!read.ok) throw new Error(JSON.stringify(read.error))
  const config = taken(networkConfig(wishOfSled(read.value, 1), { index: 0, macs: MACS }))

  it.each([
    [
      'eni',
      'debian',
      [
        /iface bond0 inet dhcp\n(?:.*\n)*?\s+bond[-_]mode 802\.3ad/,
        /iface nic0 inet manual\n(?:.*\n)*?\s+bond[-_]master bond0/,
        /iface bond0\.120 inet static\n(?:.*\n)*?\s+address 10\.1\.0\.6\/24/,
        /vlan_id 120/,
        /route add .*10\.1\.0\.1/,
      ],
    ],
    // Its writer for networkd alone (22.4) makes neither bonds nor VLANs, only their addresses: an
    // image for those needs ifupdown, netplan or NetworkManager.
    [
      'networkd',
      'debian',
      [/Address=10\.1\.0\.6\/24/, /Gateway=10\.1\.0\.1/, /MACAddress=52:54:00:98:00:02/],
    ],
    [
      'sysconfig',
      'rhel',
      [
        /BONDING_OPTS=.*mode=802\.3ad/,
        /HWADDR=52:54:00:98:00:01/,
        /IPADDR=10\.1\.0\.6/,
        /VLAN=yes/,
      ],
    ],
    [
      'netplan',
      'ubuntu',
      [/macaddress: ['"]?52:54:00:98:00:01/, /10\.1\.0\.6\/24/, /mode: 802\.3ad/],
    ],
  ])('understands our network-config for %s', async (renderer, distribution, expected) => {
    const written = await converted(config, renderer, distribution)
    for (const line of expected) expect(written).toMatch(line)
    // Nothing of the other sled's.
    expect(written).not.toContain('10.1.0.5')
  })

  it('finds nothing wrong with the data we seed', async () => {
    const seed = noCloudSeed({
      instanceId: 'deployment-1-sled-01',
      hostname: 'web-1',
      sshKeys: ['ssh-ed25519 AAAA ann'],
      userData: undefined,
      phoneHomeUrl: 'http://10.98.0.1/phone-home/c0ffee',
      macs: MACS,
    })
    for (const name of ['user-data', 'vendor-data'] as const) {
      const path = join(folder, name)
      writeFileSync(path, seed[name])
      const { stdout } = await run('cloud-init', ['schema', '--config-file', path])
      expect(stdout).toContain('Valid cloud-config')
    }
  })
})
