import { connectBmc } from '@brickyard/bmc/connect'
import { Ipv4 } from '@brickyard/model/ipv4'
import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
import { recordingLog } from '@brickyard/sim/recording-log'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { createVirtualBmc, type VirtualBmc } from '@brickyard/sim/virtual-bmc'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import type { VirtualHost } from '@brickyard/sim/virtual-host'
import { virtualNetwork } from '@brickyard/sim/virtual-network'
import { ok } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { createBmcDesk } from './bmc-desk.ts'

const SLEDS = ['sled-01', 'sled-02', 'sled-03'] as SledName[]
/** A host takes this long to go off or come up. */
const LAG_MS = Seconds(3)

/** The desk of a small site: real driver, real protocol, simulated wire and hosts. */
async function site() {
  const clock = virtualClock()
  const random = seededRandom('desk')
  const network = virtualNetwork(clock, random.fork('network'))
  const agent = network.host('agent')
  agent.attach({ interface: 'eth0', segment: 'management', address: '10.0.9.1' })
  const bmcs = new Map<SledName, VirtualBmc>()
  const verbs: string[] = []
  for (const [at, sled] of SLEDS.entries()) {
    const machine = network.host(sled)
    const card = { interface: 'bmc0', segment: 'management', address: `10.0.9.${11 + at}` }
    machine.attach(card)
    let power: PowerState = 'off'
    const host: VirtualHost = {
      power: () => power,
      apply(verb) {
        verbs.push(`${sled} ${verb}`)
        const after = verb === 'off' || verb === 'soft' ? 'off' : 'on'
        clock.after(LAG_MS, () => void (power = after))
      },
      setBootOverride: () => undefined,
      bootOverride: () => undefined,
      identify: () => undefined,
    }
    const options = { udp: machine.udp, clock, random: random.fork(sled), host }
    const bmc = await createVirtualBmc({
      ...options,
      bind: { address: '0.0.0.0', port: 623 },
      users: [{ name: 'admin', password: sled, privilege: 'administrator' }],
      guid: new Uint8Array(16).fill(at + 1),
      fru: new Uint8Array(0),
      cipherSuites: [17],
    })
    bmcs.set(sled, bmc)
  }
  const desk = createBmcDesk({
    connect: (sled) => {
      const at = SLEDS.indexOf(sled)
      const address = Ipv4.parse(`10.0.9.${11 + at}`)
      if (at < 0 || !address.ok) return undefined
      const where = { protocol: 'ipmi', address: address.value, port: 623 } as const
      const ports = { udp: agent.udp, clock, random: random.fork(`client ${sled}`) }
      return connectBmc({ ...where, user: 'admin', cipherSuite: 17 }, sled, ports)
    },
    clock,
    log: recordingLog(),
    minCycleMs: Seconds(10),
  })
  async function settled<T>(promise: Promise<T>): Promise<T> {
    let done: { readonly value: T } | undefined
    void promise.then((value) => (done = { value }))
    await clock.runUntil(() => done !== undefined, Seconds(600))
    if (done === undefined) throw new Error('not settled after ten minutes')
    return done.value
  }
  const faultsOf = (sled: SledName) => {
    const bmc = bmcs.get(sled)
    if (bmc === undefined) throw new Error(`no BMC of ${sled}`)
    return bmc.faults
  }
  const sessions = () => [...bmcs.values()].map((bmc) => bmc.sessions())
  return { clock, desk, faultsOf, sessions, settled, verbs }
}

const [A, B, C] = SLEDS as [SledName, SledName, SledName]

describe('the desk on virtual BMCs', () => {
  it('powers a rack on with one session each, one dead BMC delaying nobody', async () => {
    const s = await site()
    s.faultsOf(B).silent = true
    const begunMs = s.clock.monotonicMs()
    const dead = s.desk.setPower(B, 'on')
    const alive = await s.settled(Promise.all([s.desk.setPower(A, 'on'), s.desk.setPower(C, 'on')]))
    expect(alive).toEqual([ok('on'), ok('on')])
    expect(s.clock.monotonicMs() - begunMs).toBeLessThan(2 * LAG_MS)
    expect(await s.settled(dead)).toMatchObject({ ok: false, error: { kind: 'unreachable' } })
    expect(s.sessions()).toEqual([1, 0, 1])
    await s.settled(s.desk.close())
    expect(s.sessions()).toEqual([0, 0, 0])
  })

  it('cycles by off and on, and not sooner again than it may', async () => {
    const s = await site()
    await s.settled(s.desk.setPower(A, 'on'))
    expect(await s.settled(s.desk.setPower(A, 'cycle'))).toEqual(ok('on'))
    expect(s.verbs).toEqual([`${A} on`, `${A} off`, `${A} on`])
    const soon = await s.settled(s.desk.setPower(A, 'cycle', Seconds(1)))
    expect(soon).toMatchObject({ ok: false, error: { kind: 'refused' } })
    expect(await s.settled(s.desk.setPower(A, 'cycle'))).toEqual(ok('on'))
  })

  it('does not believe a BMC that says yes and does nothing', async () => {
    const s = await site()
    s.faultsOf(A).ignorePower = true
    const on = await s.settled(s.desk.setPower(A, 'on', Seconds(30)))
    expect(on).toMatchObject({ ok: false, error: { kind: 'timeout' } })
  })

  it('carries a power command through a BMC that dies in the middle and comes back', async () => {
    const s = await site()
    const on = s.desk.setPower(A, 'on', Seconds(60))
    await s.clock.advance(Seconds(1))
    s.faultsOf(A).silent = true
    await s.clock.advance(Seconds(20))
    s.faultsOf(A).silent = false
    expect(await s.settled(on)).toEqual(ok('on'))
  })
})
