import { connectBmc } from '@brickyard/bmc/connect'
import type { SledName } from '@brickyard/model/names'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { migrate } from '@brickyard/runtime/store'
import { recordingLog } from '@brickyard/sim/recording-log'
import type { RedfishPersonaName } from '@brickyard/sim/redfish-persona'
import { PASSWORD, redfishRig } from '@brickyard/sim/redfish-rig'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualNetwork } from '@brickyard/sim/virtual-network'
import { ok } from '@brickyard/std/result'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { createBmcDesk } from './bmc-desk.ts'
import { createStoredSessions, REDFISH_SESSION_TABLE } from './stored-sessions.ts'

const SLED = 'sled-01' as SledName

/** The desk of a site whose BMC speaks Redfish; `deskOf` is a process with the disk of the last one. */
function site(persona: RedfishPersonaName = 'plain') {
  const rig = redfishRig(persona)
  const log = recordingLog()
  const store = openNodeStore({ path: ':memory:', durable: false })
  migrate(store, [REDFISH_SESSION_TABLE])
  const random = seededRandom('desk')
  const { udp } = virtualNetwork(rig.clock, random).host('unused')
  const deskOf = () => {
    const redfishSessions = createStoredSessions({ store, log })
    const ports = { udp, http: rig.http, clock: rig.clock, random, redfishSessions }
    return createBmcDesk({
      connect: () => connectBmc(rig.declaration, PASSWORD, ports),
      clock: rig.clock,
      log,
      minCycleMs: Seconds(10),
    })
  }
  return { rig, store, log, deskOf }
}

describe('the desk on a BMC that speaks Redfish', () => {
  it('changes the power, and gives its one session back', async () => {
    const { rig, deskOf } = site()
    const desk = deskOf()
    expect(await rig.settled(desk.setPower(SLED, 'on'))).toEqual(ok('on'))
    expect(rig.seen.power).toBe('on')
    expect(rig.face.sessions()).toBe(1)
    await rig.settled(desk.close())
    expect(rig.face.sessions()).toBe(0)
  })

  it('gives back what an agent that was killed left open', async () => {
    const { rig, deskOf } = site()
    await rig.settled(deskOf().readPower(SLED))
    expect(rig.face.sessions()).toBe(1)
    const next = deskOf()
    await rig.settled(next.readPower(SLED))
    expect(rig.face.sessions()).toBe(1)
    await rig.settled(next.close())
    expect(rig.face.sessions()).toBe(0)
  })

  it('works on where the disk cannot be written', async () => {
    const { rig, store, log, deskOf } = site()
    const desk = deskOf()
    store.close()
    expect(await rig.settled(desk.readPower(SLED))).toEqual(ok('off'))
    expect(log.lines.some(({ message }) => message.includes('remembered'))).toBe(true)
  })

  it('cycles a Dell that refuses to go on for a minute, and shows it 65 s late', async () => {
    const { rig, deskOf } = site('dell')
    rig.seen.power = 'on'
    Object.assign(rig.face.faults, { powerSettlesMs: Seconds(60), powerShowsMs: Seconds(65) })
    const desk = deskOf()
    // What an operation gives it (agent/src/operations/execute.ts).
    expect(await rig.settled(desk.setPower(SLED, 'cycle', Minutes(3)))).toEqual(ok('on'))
    expect(rig.seen.verbs).toEqual(['off', 'on'])
  })

  it('sets what an HPE boots next, four minutes after it went on and still in POST', async () => {
    const { rig, deskOf } = site('hpe')
    rig.face.faults.postMs = Minutes(4)
    const desk = deskOf()
    await rig.settled(desk.setPower(SLED, 'on'))
    const next = { device: 'network', persistent: false, efi: true } as const
    const set = desk.with(SLED, (bmc) => bmc.boot.setNextBoot(next), Minutes(6))
    expect(await rig.settled(set)).toEqual(ok(next))
    expect(rig.seen.boot).toEqual(next)
  })
})
