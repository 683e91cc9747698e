import type { Bmc } from '@brickyard/bmc/bmc'
import { createRedfishBmc } from '@brickyard/bmc/redfish/redfish-bmc'
import { createRedfishSession } from '@brickyard/bmc/redfish/redfish-session'
import { Ipv4 } from '@brickyard/model/ipv4'
import type { HttpClient } from '@brickyard/runtime/http'
import { ok } from '@brickyard/std/result'
import { expect, it } from 'vitest'
import { seededRandom, type SeededRandom } from '../seeded-random.ts'
import { redfishRig } from './redfish-rig.ts'

const SEEDS = 60
/** Of all fields of an answer, so many are made into something else. */
const SPOILT = 0.05

const ODD: readonly unknown[] = [
  null,
  '',
  0,
  -1,
  1e308,
  true,
  [],
  {},
  'On',
  '//evil/x',
  '/redfish/v1/',
  [null],
  { toString: 1, valueOf: 1 },
  { '@odata.id': '/redfish/v1/Systems' },
  [{ '@odata.id': 7 }, 'x'],
  '\u0000\uffff',
]

function spoil(value: unknown, random: SeededRandom): unknown {
  if (random.fraction() < SPOILT) return ODD[random.below(ODD.length)]
  if (Array.isArray(value)) return value.map((one) => spoil(one, random))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoil(one, random)]))
}

const calls: Readonly<Record<string, (bmc: Bmc) => Promise<unknown> | undefined>> = {
  power: (bmc) => bmc.power.read(),
  on: (bmc) => bmc.power.set('on'),
  cycle: (bmc) => bmc.power.set('cycle'),
  boot: (bmc) => bmc.boot.setNextBoot({ device: 'network', persistent: false, efi: true }),
  light: (bmc) => bmc.identify.light(3),
  inventory: (bmc) => bmc.inventory.read(),
  sensors: (bmc) => bmc.sensors?.read(),
  log: (bmc) => bmc.log?.read(),
  accounts: (bmc) => bmc.accounts?.list(),
  limit: (bmc) => bmc.powerLimit?.setLimit(300),
  media: (bmc) => bmc.virtualMedia?.insert('http://10.0.9.1/x.iso'),
  firmware: (bmc) =>
    bmc.firmware?.update({ component: 'BMC', image: { url: 'http://10.0.9.1/bmc-3.0.bin' } }),
}

it('gives a result or a fault, whatever is spoilt in the answers of a BMC', async () => {
  const address = Ipv4.parse('10.0.9.11')
  if (!address.ok) throw new Error(address.error)
  for (let seed = 0; seed < SEEDS; seed++) {
    const w = redfishRig(seed % 2 === 0 ? 'plain' : 'ami')
    const random = seededRandom(`spoil ${seed}`)
    const http: HttpClient = {
      async request({ method, url, headers, body }) {
        const text = typeof body === 'string' ? body : null
        const request = new Request(url, { method, headers: { ...headers }, body: text })
        const answer = await w.face.handler(request, { address: '10.0.9.1', port: 1 })
        const whole = await answer.text()
        const spoilt = whole === '' ? '' : JSON.stringify(spoil(JSON.parse(whole), random))
        async function* piece() {
          yield new TextEncoder().encode(spoilt)
        }
        const { status } = answer
        return ok({ status, headers: Object.fromEntries(answer.headers), body: piece() })
      },
    }
    const where = { protocol: 'redfish', address: address.value, port: 443, user: 'admin' } as const
    const ports = { http, clock: w.clock }
    const bmc = createRedfishBmc(createRedfishSession(where, 'secret-secret', ports))
    for (const [name, call] of Object.entries(calls)) {
      const result = await w.settled(Promise.resolve(call(bmc)))
      expect(result, `seed ${seed}, ${name}`).toHaveProperty('ok')
    }
    await w.settled(bmc.close())
  }
})
