import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { SiteName, SledName } from '@brickyard/model/names'
import type { Network, RackDocument, SledDeclaration } from '@brickyard/model/rack'
import { MiB } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { assetOf } from './asset.ts'
import { createDiscMaker } from './disc-maker.ts'

const network = (name: string, subnet: string, role: Network['role']): Network => ({
  name,
  role,
  mode: 'listen-only',
  subnet,
  agentAddress: '10.96.0.1' as Ipv4,
  interface: 'eth1',
  pool: { first: '10.96.0.50' as Ipv4, last: '10.96.0.99' as Ipv4 },
  leaseSeconds: 600,
  router: '10.96.0.254' as Ipv4,
  dns: [],
})
const SLED: SledDeclaration = {
  name: 'sled-01' as SledName,
  position: { kind: 'rack-unit', unit: 1, heightRackUnits: 1 },
  architecture: 'x86_64',
  firmwareMode: 'bios',
  macs: ['52:54:00:98:00:07' as Mac, '52:54:00:98:00:17' as Mac],
  address: '10.96.0.107' as Ipv4,
  labels: {},
}
const RACK: RackDocument = {
  site: 'edge-1' as SiteName,
  networks: [
    network('management', '10.96.0.0/16', 'management'),
    network('other', '10.98.0.0/24', 'provisioning'),
    network('bare', '10.96.0.0/24', 'provisioning'),
  ],
  cages: [],
  sleds: [SLED],
}
const KERNEL = Buffer.alloc(MiB(3) + 1, 'K')
const INITRD = Buffer.alloc(MiB(2) + 7, 'I')
const LOADERS = ['isolinux.bin', 'ldlinux.c32'].map(
  (name) => [name, new Uint8Array(4096)] as [string, Uint8Array],
)

const maker = (
  assets: readonly string[] = ['kernel', 'initrd'],
  loaders = LOADERS,
  rack: RackDocument = RACK,
) =>
  createDiscMaker({
    rack: () => rack,
    loaders: new Map(loaders),
    assets: new Map(
      assets.map((name) => [name, assetOf(name === 'kernel' ? KERNEL : INITRD)] as const),
    ),
    installers: { x86_64: { kernel: 'kernel', initrd: 'initrd', kernelArguments: ['quiet'] } },
    bootUrl: ({ name }) => `http://${name}.example`,
  })

describe('the maker of discs', () => {
  it('sends a disc as long as it said, with the network that the sled’s address is on', async () => {
    const made = maker()(SLED, 'c1a1')
    if (!made.ok) throw new Error(made.error)
    const pieces: Uint8Array[] = []
    for await (const piece of made.value.stream()) pieces.push(piece)
    const disc = Buffer.concat(pieces)
    expect([made.value.name, disc.length]).toEqual(['sled-01.iso', made.value.bytes])
    expect(disc.includes(KERNEL) && disc.includes(INITRD)).toBe(true)
    expect(disc.toString('latin1')).toContain(
      'APPEND brickyard.agent=http://bare.example brickyard.claim=c1a1 BOOTIF=01-52-54-00-98-00-07 ' +
        'brickyard.net=10.96.0.107/255.255.255.0/10.96.0.254 quiet\n',
    )
  })

  it('gives the disc the VLAN and the name servers of that network', async () => {
    const networks = RACK.networks.map((one) =>
      one.name === 'bare' ? { ...one, vlan: 96, dns: ['10.96.0.2', '10.96.0.3'] as Ipv4[] } : one,
    )
    const made = maker(undefined, undefined, { ...RACK, networks })(SLED, 'c1a1')
    if (!made.ok) throw new Error(made.error)
    let text = ''
    for await (const piece of made.value.stream()) text += Buffer.from(piece).toString('latin1')
    expect(text).toContain(
      'brickyard.net=10.96.0.107/255.255.255.0/10.96.0.254 brickyard.vlan=96 ' +
        'brickyard.dns=10.96.0.2,10.96.0.3 quiet\n',
    )
  })

  it('says what is missing', () => {
    const refused = (make: ReturnType<typeof maker>, sled = SLED): string => {
      const made = make(sled, 'c1a1')
      return made.ok ? '' : made.error
    }
    expect(refused(maker(), { ...SLED, address: undefined })).toContain('has no address')
    expect(refused(maker(), { ...SLED, address: '10.97.0.1' as Ipv4 })).toContain('has no address')
    expect(refused(maker(), { ...SLED, architecture: 'aarch64' })).toContain('no installer')
    expect(refused(maker(['kernel']))).toContain('no installer for x86_64')
    expect(refused(maker(undefined, []))).toContain('isolinux.bin')
  })
})
