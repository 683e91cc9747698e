import { connectBmc } from '@brickyard/bmc/connect'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { SiteName, SledName } from '@brickyard/model/names'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import { BMC_USER, planRack } from '@brickyard/sim/rack-plan'
import { simulatedRack } from '@brickyard/sim/rack'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualNetwork } from '@brickyard/sim/virtual-network'
import { expect, it } from 'vitest'
import { openBmcLabPort } from './bmc-lab-port.ts'

it('lets a client on this machine talk to a simulated BMC', async () => {
  const random = seededRandom('lab')
  const network = virtualNetwork(systemClock, random)
  const plan = planRack({ site: 'lab' as SiteName, siteNumber: 0, sledCount: 1, random })
  const rack = await simulatedRack({
    plan,
    siteNumber: 0,
    clock: systemClock,
    random,
    network,
    httpOf: () => ({ request: () => new Promise(() => undefined) }),
  })
  const name = 'sled-01' as SledName
  const declared = plan.sleds[0]?.declaration.bmc
  if (declared?.protocol !== 'ipmi') throw new Error('no IPMI BMC is declared')
  const port = await openBmcLabPort(rack.agentHost, declared)
  const bmc = connectBmc(
    { ...declared, address: '127.0.0.1' as Ipv4, port: port.port, user: BMC_USER },
    rack.bmcPassword(name),
    { udp: nodeUdp, clock: systemClock, random },
  )
  expect(await bmc.power.read()).toEqual({ ok: true, value: 'off' })
  expect((await bmc.power.set('on')).ok).toBe(true)
  expect(rack.slot(name)?.sled.on).toBe(true)
  const inventory = await bmc.inventory.read()
  expect(inventory).toMatchObject({ ok: true, value: { serial: plan.sleds[0]?.hardware.serial } })
  await bmc.close()
  port.close()
  rack.close()
})
