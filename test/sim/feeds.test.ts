import { sledName } from '@brickyard/sim/rack-plan'
import { virtualPdus, type VirtualPdu } from '@brickyard/sim/virtual-pdu'
import { Minutes } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedFleet } from './simulated-fleet.ts'

const SLED = sledName(1)
const PDU = { name: 'pdu-a', kind: 'apc-rpdu2', address: '10.0.9.60' }

/** A sled that is ready, fed by outlet 7 of a PDU. */
async function fedFleet(seed: string) {
  const made: VirtualPdu[] = []
  const fleet = await simulatedFleet({
    seed,
    sledsPerSite: 1,
    declare: ({ document }) => ({
      ...document,
      pdus: [PDU],
      sleds: document.sleds.map((sled) => ({
        ...sled,
        ...(sled.name === SLED ? { feeds: [{ pdu: 'pdu-a', outlet: '7' }] } : {}),
      })),
    }),
    pdus: (clock, rack) => {
      const { snmp, add } = virtualPdus(clock)
      const onSwitch = (_outlet: string, on: boolean): void => rack.feed(SLED, on)
      const about = { kind: 'apc-rpdu2', address: PDU.address, outlets: ['7'] } as const
      made.push(add({ ...about, secret: 'community', onSwitch }))
      return { snmp, secret: 'community' }
    },
  })
  await fleet.until(
    'the sled is ready',
    async () => (await fleet.sledState(SLED)).state === 'ready',
    Minutes(60),
  )
  const pdu = made[0]
  if (pdu === undefined) throw new Error('the site has no PDU')
  const { client } = fleet.hub
  const power = (verb: string, via?: string) =>
    fleet.hub.ask(client.sleds.power(fleet.siteName(), SLED, verb, via))
  /** The last operation of `kind`, once it is over. */
  async function over(kind: string) {
    const last = async () => {
      const { items } = await fleet.hub.ask(client.operations.list({ sled: SLED }))
      return items.find((one) => one.kind === kind)
    }
    const isOver = async () => ['done', 'failed'].includes((await last())?.state ?? '')
    await fleet.until(`${kind} is over`, isOver, Minutes(60))
    return last()
  }
  return { fleet, pdu, power, over, client }
}

describe('a sled whose BMC is dead', () => {
  it('is switched by the outlet that feeds it, when it is asked for', async () => {
    const { fleet, pdu, power, over } = await fedFleet('feeds-asked')
    const content = fleet.site.rack.slot(SLED)
    await power('on')
    expect(await over('power')).toMatchObject({ state: 'done' })
    expect(content?.sled.host.power()).toBe('on')
    if (content !== undefined) content.bmc.faults.silent = true
    await power('off', 'feed')
    await fleet.until('the feed is off', async () => !pdu.gives('7'), Minutes(10))
    expect(content?.sled.host.power()).toBe('off')
    expect(await over('power')).toMatchObject({ state: 'done' })
    await power('cycle', 'feed')
    await fleet.until('the feed is on', async () => pdu.gives('7'), Minutes(10))
    expect(pdu.commands).toEqual(['7 off', '7 on'])
  })

  it('is woken by its feed, once, by an inspection that it does not answer', async () => {
    const { fleet, pdu, over, client } = await fedFleet('feeds-unasked')
    const content = fleet.site.rack.slot(SLED)
    if (content !== undefined) content.bmc.faults.silent = true
    await fleet.hub.ask(client.sleds.inspect(fleet.siteName(), SLED))
    await fleet.until('it was woken', async () => pdu.commands.length === 2, Minutes(30))
    expect(pdu.commands).toEqual(['7 off', '7 on'])
    expect(await over('inspect')).toMatchObject({ state: 'done' })
  })
})
