import { generateKeyPairSync } from 'node:crypto'
import type { SiteName, SledName } from '@brickyard/model/names'
import { signAct, type ActPayload } from '@brickyard/protocol/acts'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { recordingLog } from '@brickyard/sim/recording-log'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Minutes } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import type { Wish } from '../operations/act-check.ts'
import { latestEvents } from '../store/journal.ts'
import { openSiteStore } from '../store/site-store.ts'
import { createActsInbox } from './acts-inbox.ts'

const KEYS = generateKeyPairSync('ed25519')
const SITE = 'edge-1' as SiteName

function rig(options: { answer?: Result<undefined>; clockProven?: boolean } = {}) {
  const clock = virtualClock()
  const store = openNodeStore({ path: ':memory:', durable: false })
  const site = openSiteStore({ store, clock, random: seededRandom('acts') })
  const wishes: Wish[] = []
  const inbox = createActsInbox({
    site,
    siteName: SITE,
    clock,
    log: recordingLog(),
    actKeyPem: KEYS.publicKey.export({ type: 'spki', format: 'pem' }) as string,
    operations: {
      request(wish) {
        wishes.push(wish)
        return options.answer ?? ok(undefined)
      },
    },
    clockProven: () => options.clockProven ?? true,
  })
  const take = (more: Partial<ActPayload> = {}, key = KEYS.privateKey): void =>
    inbox.take(
      signAct(
        {
          id: 'act-1',
          site: SITE,
          sequence: 1,
          notBeforeMs: clock.wallMs() - 1000,
          expiresMs: clock.wallMs() + Minutes(1),
          by: 'op',
          sled: 'sled-01' as SledName,
          act: { kind: 'power', verb: 'on' },
          ...more,
        },
        key,
      ),
    )
  const results = () =>
    site
      .read((sql) => latestEvents(sql, 50))
      .filter(({ kind }) => kind === 'act.result')
      .map(({ body }) => body)
  return { clock, wishes, take, results }
}

describe('acts', () => {
  it('are carried out once, however often they come', () => {
    const { take, wishes, results } = rig()
    for (let n = 0; n < 3; n++) take()
    expect(wishes).toHaveLength(1)
    expect(results()).toHaveLength(3)
    expect(results()[0]).toEqual({ act: 'act-1', ok: true, reason: null })
  })

  it('that are forged, or for another site, are not answered', () => {
    const { take, wishes, results } = rig()
    take({}, generateKeyPairSync('ed25519').privateKey)
    take({ site: 'edge-2' as SiteName })
    expect([wishes, results()]).toEqual([[], []])
  })

  it('that are too late are refused with the reason', () => {
    const { clock, take, wishes, results } = rig()
    take({ expiresMs: clock.wallMs() - 1 })
    expect(wishes).toEqual([])
    expect(results()).toEqual([{ act: 'act-1', ok: false, reason: 'it has expired' }])
  })

  it('are refused while the clock is unproven', () => {
    const { take, results } = rig({ clockProven: false })
    take()
    expect(results()).toEqual([{ act: 'act-1', ok: false, reason: 'clock unproven' }])
  })

  it('that cannot be carried out say why', () => {
    const { take, results } = rig({ answer: err('it is busy') })
    take()
    expect(results()).toEqual([{ act: 'act-1', ok: false, reason: 'it is busy' }])
  })
})
