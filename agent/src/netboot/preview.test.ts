import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { SledName } from '@brickyard/model/names'
import type { Network, NetworkMode, SledDeclaration } from '@brickyard/model/rack'
import type { BootSled } from '@brickyard/netboot/boot-view'
import { recordingLog } from '@brickyard/sim/recording-log'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { describe, expect, it } from 'vitest'
import { previewNetwork, type PreviewParts } from './preview.ts'

const NETWORK: Network = {
  name: 'prov',
  role: 'provisioning',
  mode: 'authoritative',
  subnet: '10.98.0.0/24',
  agentAddress: '10.98.0.1' as Ipv4,
  interface: 'br0',
  pool: { first: '10.98.0.100' as Ipv4, last: '10.98.0.199' as Ipv4 },
  leaseSeconds: 600,
  dns: [],
}
const SLEDS: readonly SledDeclaration[] = [1, 2].map((n) => ({
  name: `sled-0${n}` as SledName,
  position: { kind: 'rack-unit', unit: n, heightRackUnits: 1 },
  architecture: 'x86_64',
  firmwareMode: n === 1 ? 'uefi' : 'bios',
  macs: [`52:54:00:98:00:0${n}` as Mac],
  address: n === 1 ? ('10.98.0.11' as Ipv4) : undefined,
  bmc: {
    protocol: 'ipmi',
    address: `10.98.0.2${n}` as Ipv4,
    port: 623,
    mac: `52:54:00:98:01:0${n}` as Mac,
    user: 'x',
    cipherSuite: 17,
  },
  labels: {},
}))

function partsIn(mode: NetworkMode, more: Partial<PreviewParts> = {}): PreviewParts {
  const sledFor = ({ mac }: { mac: Mac }): BootSled | undefined => {
    const sled = SLEDS.find(({ macs, bmc }) => macs.includes(mac) || bmc?.mac === mac)
    if (sled === undefined) return undefined
    const { name, architecture, firmwareMode, address } = sled
    const boot = { kind: 'local-disk', reason: 'it is in-use' } as const
    return { name, architecture, firmwareMode, secureBoot: false, address, boot }
  }
  return {
    network: { ...NETWORK, mode },
    bootUrl: 'http://10.98.0.1',
    loaders: new Set(['snponly.efi']),
    clock: virtualClock(),
    log: recordingLog(),
    directory: { sledFor },
    reserved: new Set(['10.98.0.11' as Ipv4]),
    assets: new Map(),
    installers: {},
    leases: [],
    sleds: SLEDS,
    ...more,
  }
}

const said = async (mode: NetworkMode, more: Partial<PreviewParts> = {}) =>
  (await previewNetwork(partsIn(mode, more))).map(
    ({ machine, state, summary }) => `${machine}: ${state}: ${summary}`,
  )

describe('previewNetwork', () => {
  it('says what each machine would be answered, by the server itself', async () => {
    expect(await said('authoritative')).toEqual([
      'sled-01: done: OFFER of 10.98.0.11, kept for it. Its script: boot its own disk: it is in-use',
      'sled-02: refused: OFFER of 10.98.0.100, from the pool',
      'unknown machine: refused: OFFER of 10.98.0.101, from the pool. Its script: nothing to boot: 02:62:79:00:00:01 is not declared at this site',
    ])
    const [, bios] = await previewNetwork(partsIn('authoritative'))
    expect(bios?.lines[0]?.details[0]).toContain('undionly.kpxe for BIOS x86 is not on this')
  })

  it('says what would be answered where the site only listens, or is a proxy', async () => {
    expect((await said('listen-only'))[0]).toBe(
      'sled-01: unanswered: No answer: network prov is listen-only. It would be OFFER of 10.98.0.11, kept for it. Its script: boot its own disk: it is in-use',
    )
    const proxy = await said('proxy')
    expect(proxy[0]).toContain('sled-01: done: OFFER')
    expect(proxy[2]).toContain('unknown machine: unanswered: No answer')
  })

  it('knows the addresses that are held', async () => {
    const lease = { state: 'bound', expiresAtMs: 60_000_000 } as const
    const address = '10.98.0.100' as Ipv4
    const leases = [{ ...lease, address, key: 'hw:1:525400980099' }]
    expect((await said('authoritative', { leases }))[1]).toContain('OFFER of 10.98.0.101')
  })

  it('asks nothing on the wire, whatever it is made from', async () => {
    const asked: string[] = []
    const macOf = (address: string): Mac => {
      asked.push(address)
      return '52:54:00:98:00:77' as Mac
    }
    const parts = { ...partsIn('authoritative'), neighbours: { macOf } }
    const machines = await previewNetwork(parts)
    expect(machines.at(-1)?.summary).toContain('OFFER of 10.98.0.101')
    expect(asked).toEqual([])
  })

  it('asks for BMCs where BMCs are, and what is behind a relay by way of it', async () => {
    const network = { ...NETWORK, role: 'management' } as const
    expect(await said('authoritative', { network })).toEqual([
      expect.stringContaining('BMC of sled-01: '),
      expect.stringContaining('BMC of sled-02: '),
      expect.stringContaining('unknown machine: '),
    ])
    expect((await said('relayed'))[0]).toContain('OFFER of 10.98.0.11')
  })
})
