import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addImage, rackOf, tellFleet } from '../../../test/console/fixtures/fleet.ts'
import { hubRig, type HubRig } from '../../../test/console/fixtures/hub-rig.ts'
import { yardRig, type Ran, type YardRig } from './yard-rig.ts'

const FILE = `
nics: [{ nic: 0 }]
vlans:
  - link: nic0
    id: 120
    addressing:
      kind: static
      subnet: 10.1.0.0/24
      addresses: [10.1.0.10-10.1.0.11, 10.1.0.20]
`

describe('yard deploy create with a network', () => {
  let hub: HubRig
  let yard: YardRig
  const create = (words: string): Promise<Ran> =>
    yard.run(`deploy create --image debian-13 ${words}`)

  beforeAll(async () => {
    hub = await hubRig()
    const declared = { name: 'tower-17', displayName: 'Tower 17', rack: rackOf('tower-17', 17) }
    const site = await hub.site(declared)
    await tellFleet(site, 'tower-17')
    await addImage(hub, 'debian-13')
    yard = await yardRig({ BRICKYARD_HUB: hub.url, BRICKYARD_TOKEN: hub.token })
    await writeFile(`${yard.folder}/network.yaml`, FILE)
    await writeFile(`${yard.folder}/torn.yaml`, 'nics: [')
  })
  afterAll(async () => {
    await yard.close()
    await hub.close()
  })

  it('shows the network-config of each sled before it is asked for', async () => {
    const ran = await create(
      '--sled tower-17/sled-16 --vlan 120 --subnet 10.1.0.0/24 --address 10.1.0.10 --preview',
    )
    expect([ran.exit, ran.err]).toEqual([0, ''])
    expect(ran.out).toMatchInlineSnapshot(`
      "1 sled wanted, 1 of 1 fit.

      SLED              SCORE
      tower-17/sled-16  56

      network-config of tower-17/sled-16:
      {
        "version": 2,
        "ethernets": {
          "nic0": {
            "match": {
              "macaddress": "52:54:00:17:00:16"
            },
            "set-name": "nic0",
            "dhcp4": true
          }
        },
        "vlans": {
          "nic0.120": {
            "id": 120,
            "link": "nic0",
            "dhcp4": false,
            "addresses": [
              "10.1.0.10/24"
            ]
          }
        }
      }
      "
    `)
    expect((await yard.run('deploy list')).out).not.toContain('debian-13')
  })

  it('asks for what a file says, and says it again in words', async () => {
    const ran = await create(`--count 2 --network ${yard.folder}/network.yaml`)
    expect(ran.exit).toBe(0)
    expect(ran.out).toContain(
      'network     nic0: DHCP; nic0.120 (VLAN 120 on nic0): 10.1.0.10-10.1.0.11, 10.1.0.20 in 10.1.0.0/24',
    )
  })

  it.each([
    ['--vlan 120 --subnet 10.1.0.0/24', 'go with addresses'],
    ['--network FOLDER/none.yaml', 'There is no file FOLDER/none.yaml.'],
    ['--network FOLDER/torn.yaml', 'torn.yaml is no YAML'],
    ['--network FOLDER/network.yaml --bond 802.3ad', '--network says it all'],
    [
      '--count 4 --network FOLDER/network.yaml',
      "network.vlans[0].addressing.addresses is '3 addresses': one for each of 4 sleds",
    ],
    [
      '--subnet 10.17.0.0/24 --address 10.17.0.1',
      "addresses is '10.17.0.1': an address that is free at tower-17; it is that of the agent",
    ],
  ])('refuses %s', async (words, said) => {
    const ran = await create(words.replace('FOLDER', yard.folder))
    expect([ran.exit, ran.err]).toEqual([2, expect.stringContaining(said)])
  })
})
