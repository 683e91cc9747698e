import { beginPlan } from '@brickyard/installer/plan'
import type { SledName } from '@brickyard/model/names'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { recordingLog } from '@brickyard/sim/recording-log'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { describe, expect, it } from 'vitest'
import { openSiteStore } from '../store/site-store.ts'
import { newOperation, type Operation } from './operation.ts'
import { createPhoneHome, phoneHomeToken } from './phone-home.ts'
import { newSledRecord } from './sled-record.ts'

const SLED = 'sled-01' as SledName

/** A site that provisions a sled: its disk is written, or not yet. */
function rig(diskReady: boolean) {
  const clock = virtualClock()
  const store = openNodeStore({ path: ':memory:', durable: false })
  const site = openSiteStore({ store, clock, random: seededRandom('site') })
  const log = recordingLog()
  const order = {
    sled: SLED,
    kind: 'provision' as const,
    requestedBy: 'test',
    assignment: null,
    verb: null,
    seconds: null,
    act: null,
  }
  const now = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() }
  const plan = beginPlan({ kind: 'inspect', architecture: 'x86_64' }, clock.monotonicMs())
  const operation: Operation = {
    ...newOperation('op-1', order, now),
    stage: 'first-boot',
    install: { ...plan, diskReady },
  }
  site.commit((change) => {
    change.putSled(newSledRecord(SLED, change.wallMs))
    change.putOperation(operation)
  })
  const http = createPhoneHome({ site, clock, log, nudge: () => undefined })
  const call = async (token: string, method = 'POST'): Promise<number> => {
    const request = new Request(`http://10.0.0.1/phone-home/${token}`, { method })
    return (await http(request, { address: '10.0.0.101', port: 1000 })).status
  }
  const stage = (): string | undefined => site.running.get('op-1')?.stage
  return { site, call, stage, token: phoneHomeToken(site.secret, 'op-1') }
}

describe('a call home', () => {
  it('counts by its token alone, and once; a repeat is harmless', async () => {
    const { call, stage, token } = rig(true)
    expect(await call(token)).toBe(200)
    expect(stage()).toBe('conclude')
    expect(await call(token)).toBeLessThan(500)
    expect(stage()).toBe('conclude')
  })

  it('of somebody without that token changes nothing', async () => {
    const { site, call, stage, token } = rig(true)
    const other = phoneHomeToken(site.secret, 'op-2')
    const wrong = [other, '0'.repeat(40), '', token.slice(1), `${token}0`, token.toUpperCase()]
    for (const said of wrong) expect(await call(said)).toBe(404)
    expect(await call(token, 'GET')).toBe(405)
    expect(stage()).toBe('first-boot')
  })

  it('before the disk is written is not the installed system', async () => {
    const { call, stage, token } = rig(false)
    expect(await call(token)).toBe(409)
    expect(stage()).toBe('first-boot')
  })
})
