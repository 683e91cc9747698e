import type { SledName } from '@brickyard/model/names'
import { presentStep } from '@brickyard/procedures/work-order-machine'
import type { WorkOrder } from '@brickyard/procedures/work-order'
import { sledName } from '@brickyard/sim/rack-plan'
import { Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedFleet, type SimulatedFleet } from './simulated-fleet.ts'
import { SITE_PIN } from './simulated-site.ts'

const SLED: SledName = sledName(1)
const PEER = { address: '10.9.9.9', port: 1 }

/** A technician's phone at the site's own page: forms and one cookie, no script. */
async function phone(fleet: SimulatedFleet) {
  let cookie = ''
  const send = async (path: string, form?: Record<string, string>): Promise<Response> => {
    const { agent } = fleet.site
    if (agent === undefined) throw new Error('the agent is dead')
    const init =
      form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form).toString() }
    const type = 'application/x-www-form-urlencoded'
    const headers = { cookie, 'content-type': type }
    const request = new Request(`http://site.test${path}`, { ...init, headers })
    const response = await agent.sitePage(request, PEER)
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return response
  }
  expect((await send('/sign-in', { name: 'Ann Lee', pin: SITE_PIN })).status).toBe(303)
  const page = await (await send(`/sleds/${SLED}`)).text()
  const token = /name="token" value="([0-9a-f]+)"/.exec(page)?.[1] ?? ''
  return (path: string, form: Record<string, string>) => send(path, { ...form, token })
}

const orderOf = ({ site }: SimulatedFleet): WorkOrder => {
  const row = site.disk
    .peek()
    .read((sql) => sql.get<{ state: string }>('SELECT state FROM work_order'))
  return JSON.parse(row?.state ?? '{}') as WorkOrder
}

/** Swaps the sled and declares the new one's NICs at the hub; gives the serial on its label. */
async function swap(fleet: SimulatedFleet): Promise<string> {
  const { rack } = fleet.site
  rack.pull(SLED)
  const { sled } = await rack.insert(SLED, 'spare')
  const { document } = rack.plan
  const sleds = document.sleds.map((each) => ({ ...each, macs: sled.hardware.macs }))
  await fleet.hub.ask(fleet.hub.client.sites.putRack(fleet.siteName(), { ...document, sleds }))
  return sled.hardware.serial
}

/** Follows the work order as the page says; `stopAt` names the step that is not done. */
async function follow(fleet: SimulatedFleet, stopAt?: string): Promise<string> {
  const post = await phone(fleet)
  const opened = await post(`/sleds/${SLED}/replace`, {})
  const path = opened.headers.get('location') ?? ''
  const before = fleet.site.rack.slot(SLED)?.sled.hardware.serial ?? ''
  let serial = before
  for (let turn = 0; turn < 400; turn++) {
    const step = presentStep(orderOf(fleet))
    if (step === undefined || step.id === stopAt) break
    if (step.kind === 'instruct') await post(path, { act: 'done', step: step.id })
    if (step.kind === 'confirm') await post(path, { act: 'yes', step: step.id })
    if (step.kind === 'enter-serial') {
      if (step.into === 'inserted') serial = await swap(fleet)
      await post(path, { act: 'serial', step: step.id, text: serial })
    }
    await fleet.world.clock.advance(Seconds(2))
  }
  if (stopAt !== undefined) await post(path, { act: 'cancel', text: 'wrong rack' })
  return serial
}

async function readyFleet(seed: string): Promise<SimulatedFleet> {
  const fleet = await simulatedFleet({ seed, sledsPerSite: 1 })
  await fleet.until('ready', async () => (await fleet.sledState(SLED)).state === 'ready')
  return fleet
}

describe('a work order to replace a sled', () => {
  it('lifts its hold when it is done, and has the new sled inspected', async () => {
    const fleet = await readyFleet('replaced')
    const before = fleet.site.rack.slot(SLED)?.sled.hardware.serial
    const serial = await follow(fleet)
    expect(serial).not.toBe(before)
    expect(orderOf(fleet).status).toMatchObject({ kind: 'done' })
    await fleet.until('ready', async () => (await fleet.sledState(SLED)).state === 'ready')
    const { client } = fleet.hub
    const { items } = await fleet.hub.ask(client.events.list({ kind: 'sled.state', after: 0 }))
    const states = items.map(({ body }) => (body as { to: string }).to)
    expect(states.slice(states.indexOf('held'))).toEqual([
      'held',
      'discovered',
      'inspected',
      'ready',
    ])
    expect(await fleet.hub.ask(client.sleds.get(fleet.siteName(), SLED))).toMatchObject({ serial })
    const operations = await fleet.hub.ask(client.operations.list({ sled: SLED }))
    expect(operations.items[0]).toMatchObject({
      kind: 'inspect',
      state: 'done',
      requestedBy: `work order ${orderOf(fleet).id} by Ann Lee`,
    })
    expect((await fleet.deploy('web', 1)).state).not.toBe('refused')
  })

  it('that was cancelled keeps its hold and says what is to be done', async () => {
    const fleet = await readyFleet('cancelled')
    await follow(fleet, 'pull')
    await fleet.until('told', async () => {
      const { state, reason } = await fleet.sledState(SLED)
      return state === 'held' && reason?.includes('was cancelled by Ann Lee: wrong rack') === true
    })
    await fleet.hub.ask(fleet.hub.client.sleds.recover(fleet.siteName(), SLED))
    await fleet.until('ready', async () => (await fleet.sledState(SLED)).state === 'ready')
  })
})
