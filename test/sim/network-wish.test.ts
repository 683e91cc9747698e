import { readSeed } from '@brickyard/sim/seed-partition'
import { sledName } from '@brickyard/sim/rack-plan'
import { Minutes } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedFleet, type SimulatedFleet } from './simulated-fleet.ts'

const ready = async (fleet: SimulatedFleet, sleds: readonly string[]): Promise<void> => {
  await fleet.until('the sleds are ready', async () => {
    const states = await Promise.all(sleds.map((sled) => fleet.sledState(sled)))
    return states.every(({ state }) => state === 'ready')
  })
}

const seedOf = (fleet: SimulatedFleet, n: number): ReadonlyMap<string, string> | undefined =>
  fleet.site.rack
    .slot(sledName(n))
    ?.sled.hardware.disks.map((disk) => readSeed(disk, 'CIDATA'))
    .find((seed) => seed !== undefined)

describe('the network of a deployment, under virtual time', () => {
  it('comes from the API to each sled’s seed, and its OS calls home by it', async () => {
    const fleet = await simulatedFleet({ seed: 'network wish', sledsPerSite: 2 })
    await ready(fleet, ['sled-01', 'sled-02'])
    const made = await fleet.deploy('web', 2, {
      network: {
        nics: [{ nic: 0 }, { nic: 1 }],
        bonds: [
          {
            mode: '802.3ad',
            members: ['nic0', 'nic1'],
            addressing: {
              kind: 'static',
              subnet: '10.10.0.0/24',
              addresses: ['10.10.0.50-10.10.0.51'],
              gateway: '10.10.0.254',
            },
          },
        ],
        vlans: [{ link: 'bond0', id: 120 }],
        nameservers: ['10.10.0.253'],
      },
    })
    await fleet.until('deployment in use', async () => {
      return (await fleet.deployment(made.id)).state === 'in-use'
    })
    const addresses = made.assignments.map(({ sled }) => {
      const n = Number(sled.slice(-2))
      const hardware = fleet.site.rack.slot(sledName(n))?.sled.hardware
      const config = JSON.parse(seedOf(fleet, n)?.get('network-config') ?? '')
      expect(config).toMatchObject({
        ethernets: {
          nic0: { match: { macaddress: hardware?.macs[0] } },
          nic1: { match: { macaddress: hardware?.macs[1] } },
        },
        bonds: { bond0: { parameters: { mode: '802.3ad' } } },
        vlans: { 'bond0.120': { id: 120, link: 'bond0', dhcp4: true } },
      })
      return config.bonds.bond0.addresses
    })
    expect(addresses).toEqual([['10.10.0.50/24'], ['10.10.0.51/24']])
    // Nobody asked for an address once the OS was up.
    const { trace } = await fleet.hub.ask(fleet.hub.client.sleds.boots(fleet.siteName(), 'sled-01'))
    const texts = trace?.attempts[0]?.lines.map(({ text }) => text) ?? []
    expect(texts.at(-1)).toBe('The installed OS called home')
    expect(texts.filter((text) => text.startsWith('An operating system'))).toEqual([])
  })

  it('is named in the trace when its OS makes a bond by LACP and is not heard', async () => {
    const fleet = await simulatedFleet({ seed: 'silent bond', sledsPerSite: 1 })
    await ready(fleet, ['sled-01'])
    const sled = fleet.site.rack.slot(sledName(1))?.sled
    if (sled === undefined) throw new Error('the rack has a sled')
    sled.faults.neverCallsBack = true
    await fleet.deploy('web', 1, {
      network: {
        nics: [{ nic: 0 }, { nic: 1 }],
        bonds: [
          {
            mode: '802.3ad',
            members: ['nic0', 'nic1'],
            addressing: { kind: 'static', subnet: '10.10.0.0/24', addresses: ['10.10.0.50'] },
          },
        ],
      },
    })
    const trace = async () => {
      const boots = fleet.hub.client.sleds.boots(fleet.siteName(), 'sled-01')
      return (await fleet.hub.ask(boots)).trace
    }
    const findings = async () => (await trace())?.attempts[0]?.findings
    const has = (deed: string, count: number): boolean =>
      sled.deeds.filter(({ what }) => what === deed).length >= count

    // Its switch ports are in a bond without fallback: the sled is on, and nothing is heard.
    const { provisioning } = fleet.site.rack.segments
    fleet.world.network.setSegment(provisioning, { cut: true })
    await fleet.until('the sled is on', () => has('boot', 2))
    await fleet.world.clock.advance(Minutes(3))
    expect((await trace())?.findings).toEqual([
      expect.stringMatching(
        /^It was powered to the network 3 min .* makes bond0 of nic0, nic1 by LACP/,
      ),
    ])
    fleet.world.network.setSegment(provisioning, { cut: false })

    await fleet.until('the OS is started', () => has('system', 1))
    expect(await findings()).toEqual([])
    expect((await trace())?.findings).toEqual([])
    // The agent's memory is not what the trace rests on.
    fleet.site.crash()
    await fleet.start()
    await fleet.world.clock.advance(Minutes(12))
    expect(await findings()).toEqual([
      expect.stringMatching(
        /^The installed OS was started and not heard in .* bond0 of nic0, nic1/,
      ),
    ])
  })

  it('that a sled cannot have fails its provision before anything is wiped', async () => {
    const fleet = await simulatedFleet({ seed: 'one NIC', sledsPerSite: 1 })
    await ready(fleet, ['sled-01'])
    const { document } = fleet.site.rack.plan
    // The assignment is on its way while the uplink is cut; then the rack has one NIC less.
    fleet.cutUplink(true)
    const made = await fleet.deploy('web', 1, { network: { nics: [{ nic: 1 }] } })
    const oneNic = {
      ...document,
      sleds: document.sleds.map((sled) => ({ ...sled, macs: sled.macs.slice(0, 1) })),
    }
    await fleet.hub.ask(fleet.hub.client.sites.putRack(fleet.siteName(), oneNic))
    fleet.cutUplink(false)
    await fleet.until('deployment failed', async () => {
      return (await fleet.deployment(made.id)).state === 'failed'
    })
    expect((await fleet.deployment(made.id)).reason).toContain('nics[0].nic is 1; expected 0 to 0')
    const deeds = fleet.site.rack.slot(sledName(1))?.sled.deeds ?? []
    expect(deeds.filter(({ what }) => what === 'wipe' || what === 'write')).toEqual([])
  })
})
