import { createHash } from 'node:crypto'
import type { HubClient } from '@brickyard/api/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  hubRig,
  must,
  rackDocument,
  sledName,
  type HubRig,
  type SiteRig,
} from '../../../test/scenarios/hub-rig.ts'

const content = new Uint8Array(4096).fill(7)
const SLEDS = 6
const MAC_2 = (n: number): string => `02:00:00:00:01:0${n}`

/** Sleds with two NICs; the first has an address of its own. */
function rack(site: string): object {
  const document = rackDocument(site, SLEDS)
  const sleds = document['sleds'] as { macs: string[] }[]
  return {
    ...document,
    sleds: sleds.map((sled, n) => ({
      ...sled,
      macs: [...sled.macs, MAC_2(n + 1)],
      ...(n === 0 ? { address: '10.1.0.11' } : {}),
    })),
  }
}

async function addImage(client: HubClient, name: string, seed: 'nocloud' | 'none'): Promise<void> {
  const bytes = Uint8Array.from(content, (byte) => byte + name.length)
  const digest = createHash('sha256').update(bytes).digest('hex')
  const { length } = content
  must(
    await client.images.create({
      name,
      seed,
      sha256: digest,
      bytes: length,
      format: 'raw',
      arch: 'x86_64',
      firmware: ['uefi', 'bios'],
      rawSha256: digest,
      rawBytes: length,
      minDiskBytes: length,
    }),
  )
  must(await client.images.putContent(digest, bytes))
}

const fixed = (more: object = {}) => ({
  kind: 'static' as const,
  subnet: '10.1.0.0/24',
  addresses: ['10.1.0.21-10.1.0.22'],
  ...more,
})

describe('the network of a deployment', () => {
  let rig: HubRig
  let site: SiteRig
  let hub: HubClient
  const causes = async (network: unknown, more: object = {}): Promise<unknown> => {
    const asked = { count: 2, image: 'debian', network, ...more } as never
    const answer = await hub.deployments.preview(asked)
    if (answer.ok) return answer.value.networkConfigs
    if (answer.error.kind !== 'problem') return answer.error
    return answer.error.problem.causes?.map(
      ({ field, value, expected }) => `${field} is ${value}; ${expected}`,
    )
  }

  beforeAll(async () => {
    rig = await hubRig()
    site = await rig.site('edge-1', SLEDS)
    hub = await rig.signIn('operator')
    must(await hub.sites.putRack('edge-1', rack('edge-1')))
    for (let n = 1; n <= SLEDS; n++) await site.makeReady(sledName(n))
    await addImage(hub, 'debian', 'nocloud')
    await addImage(hub, 'appliance', 'none')
  })
  afterAll(() => rig.stop())

  it.each([
    [
      'too few addresses',
      { nics: [{ nic: 0, addressing: fixed({ addresses: ['10.1.0.21'] }) }] },
      ["network.nics[0].addressing.addresses is '1 address'; one for each of 2 sleds"],
    ],
    [
      'a VLAN out of range',
      { nics: [{ nic: 0 }], vlans: [{ link: 'nic0', id: 4095 }] },
      ['network.vlans[0].id is 4095; 1 to 4094'],
    ],
    [
      'a bond of what is no NIC',
      { nics: [{ nic: 0 }], bonds: [{ mode: '802.3ad', members: ['nic0', 'eth1'] }] },
      ["network.bonds[0].members is 'eth1'; the name of a NIC of this wish"],
    ],
    [
      'the address of the agent',
      { nics: [{ nic: 0, addressing: fixed({ addresses: ['10.1.0.1-10.1.0.2'] }) }] },
      [
        "network.nics[0].addressing.addresses is '10.1.0.1'; an address that is free at edge-1; " +
          'it is that of the agent on network prov',
      ],
    ],
    [
      'addresses of the pool',
      { nics: [{ nic: 0, addressing: fixed({ addresses: ['10.1.0.100-10.1.0.101'] }) }] },
      [
        "network.nics[0].addressing.addresses is '10.1.0.100'; an address that is free at edge-1; " +
          'it is that of the DHCP pool of network prov',
      ],
    ],
    [
      'no way to the agent',
      {
        nics: [{ nic: 0, addressing: { kind: 'none' } }],
        vlans: [
          {
            link: 'nic0',
            id: 120,
            addressing: fixed({ subnet: '10.9.0.0/24', addresses: ['10.9.0.5-10.9.0.6'] }),
          },
        ],
      },
      [
        "network is 'no way to the agent'; DHCP, a gateway or an untagged address beside the " +
          'agent of edge-1 (10.1.0.1)',
      ],
    ],
  ])('is refused for %s, by its field', async (_what, network, expected) => {
    expect(await causes(network)).toEqual(expected)
  })

  it('is refused by its form before it is thought about', async () => {
    const form = await causes({
      nics: [{ nic: 0, vlan: 5 }],
      bonds: [{ mode: 'lacp', members: [] }],
    })
    expect(form).toEqual([
      expect.stringContaining('network.nics[0] is'),
      expect.stringContaining("network.bonds[0].mode is 'lacp'"),
    ])
  })

  it('needs sleds with its NICs, and an image that takes a seed', async () => {
    const network = { nics: [{ nic: 2 }] }
    const refused = must(await hub.deployments.preview({ count: 1, image: 'debian', network }))
    expect(refused.placed).toEqual([])
    expect(refused.refusedCountByRule).toEqual({ nics: SLEDS })
    expect(await causes({ nics: [{ nic: 0 }] }, { image: 'appliance' })).toEqual([
      "network is 'asked for'; an image that takes a seed; appliance takes none",
    ])
  })

  it('goes to each sled with its own address, and is nobody else’s until it is released', async () => {
    const network = {
      nics: [{ nic: 0 }, { nic: 1 }],
      bonds: [{ mode: '802.3ad' as const, members: ['nic0', 'nic1'], addressing: fixed() }],
    }
    const asked = { count: 2, image: 'debian', network }
    const preview = must(await hub.deployments.preview(asked))
    expect(preview.networkConfigs.map(({ text }) => JSON.parse(text))).toMatchObject([
      { bonds: { bond0: { addresses: ['10.1.0.21/24'] } } },
      { bonds: { bond0: { addresses: ['10.1.0.22/24'] } } },
    ])
    expect(preview.networkConfigs[0]?.text).toContain(
      MAC_2(Number(preview.placed[0]?.sled.slice(-1))),
    )

    const made = must(await hub.deployments.create(asked))
    expect(made.network).toEqual(network)
    await rig.clock.advance(0)
    const put = site.last('wanted')?.delta.put ?? {}
    expect(made.assignments.map(({ id }) => put[`assignment/${id}`])).toMatchObject([
      { network: { bonds: [{ addressing: { addresses: ['10.1.0.21'] } }] } },
      { network: { bonds: [{ addressing: { addresses: ['10.1.0.22'] } }] } },
    ])

    const again = await hub.deployments.create(asked)
    expect(again).toMatchObject({
      ok: false,
      error: {
        problem: {
          causes: [
            {
              field: 'network.bonds[0].addressing.addresses',
              value: "'10.1.0.21'",
              expected: `an address that is free at edge-1; it is that of deployment ${made.id}`,
            },
          ],
        },
      },
    })
    // The same addresses on a VLAN are another network's.
    const tagged = {
      nics: [{ nic: 0 }],
      vlans: [{ link: 'nic0', id: 120, addressing: fixed() }],
    }
    expect(await causes(tagged)).toHaveLength(2)
  })
})
