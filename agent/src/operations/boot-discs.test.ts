import { encodeClaimRequest } from '@brickyard/installer/wire'
import { beginPlan } from '@brickyard/installer/plan'
import type { Mac } from '@brickyard/model/mac'
import type { SiteName, SledName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { recordingLog } from '@brickyard/sim/recording-log'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { err, type Result } from '@brickyard/std/result'
import { Hours, Minutes } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { latestEvents } from '../store/journal.ts'
import { openSiteStore } from '../store/site-store.ts'
import { awaitedBoot } from '../netboot/trace-operations.ts'
import { createBootDiscs } from './boot-discs.ts'
import { createBootIntents } from './boot-intents.ts'
import { createClaims } from './claims.ts'
import type { DiscClaim } from './installer-claim.ts'
import { createInstallerHttp } from './installer-http.ts'
import { newOperation, type Operation } from './operation.ts'
import { newSledRecord } from './sled-record.ts'

const SLED = 'sled-01' as SledName
const MAC = '52:54:00:00:00:01' as Mac
const PEER = { address: '10.96.0.101', port: 1000 }
const RACK: RackDocument = {
  site: 'edge-1' as SiteName,
  networks: [],
  cages: [],
  sleds: [
    {
      name: SLED,
      position: { kind: 'rack-unit', unit: 1, heightRackUnits: 1 },
      architecture: 'x86_64',
      firmwareMode: 'uefi',
      macs: [MAC],
      labels: {},
    },
  ],
}

function rig() {
  const clock = virtualClock()
  const store = openNodeStore({ path: ':memory:', durable: false })
  const site = openSiteStore({ store, clock, random: seededRandom('site') })
  site.commit((change) => change.putSled(newSledRecord(SLED, change.wallMs)))
  let lives = 0
  const boots: DiscClaim[] = []
  const refusals: string[] = []
  /** What a new process makes of the same store. */
  const build = () => {
    const random = seededRandom(`life ${lives++}`)
    const intents = createBootIntents({ site, clock, random })
    const discs = createBootDiscs({ site, clock, random })
    const http = createInstallerHttp({
      site,
      clock,
      log: recordingLog(),
      intents: createClaims({ site, intents, discs }),
      rack: () => RACK,
      image: () => Promise.resolve(err('none')),
      tools: () => Promise.resolve(err('none')),
      seed: () => ({}),
      bmcPassword: () => undefined,
      onProgress: () => undefined,
      nudge: () => undefined,
      onDiscBoot: (boot) => void boots.push(boot),
      onRefused: ({ reason }) => void refusals.push(reason),
    })
    const claim = async (token: string): Promise<number> => {
      const body = encodeClaimRequest({ token, mac: MAC, uuid: 'u', serial: 's' })
      const ask = new Request('http://10.96.0.1/installer/claim', { method: 'POST', body })
      return (await http(ask, PEER)).status
    }
    return { discs, claim }
  }
  /** The sled's inspection comes to the point where its installer is waited for. */
  const begin = (id = 'op-1'): void => {
    const order = { sled: SLED, kind: 'inspect' as const, requestedBy: 'test', assignment: null }
    const now = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() }
    site.commit((change) =>
      change.putOperation({
        ...newOperation(id, { ...order, verb: null, seconds: null, act: null }, now),
        stage: 'installer',
        install: beginPlan({ kind: 'inspect', architecture: 'x86_64' }, clock.monotonicMs()),
      }),
    )
  }
  const news = (): string[] =>
    site
      .read((sql) => latestEvents(sql, 50))
      .filter(({ kind }) => kind === 'boot-disc.changed')
      .map(({ body }) => String((body as { state: unknown }).state))
      .toReversed()
  return { clock, site, store, build, begin, news, boots, refusals, ...build() }
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error)
  return result.value
}

describe('a boot disc', () => {
  it('is what its sled is awaited by, until it boots by network again', () => {
    const { site, begin } = rig()
    begin()
    const operation = site.running.get('op-1') as Operation
    const step = (name: string) =>
      ({ name, state: 'done', startedAtMs: 1, endedAtMs: 2, detail: null }) as const
    const disc = [step('set boot from disc once'), step('power up')]
    const awaited = (...trail: Operation['trail']) => {
      site.commit((change) => change.putOperation({ ...operation, trail }))
      return awaitedBoot(site, SLED)
    }
    expect(awaited(...disc)).toMatchObject({ what: 'inspect', fromDisc: true })
    const network = [step('set network boot once'), step('power up')]
    expect(awaited(...disc, ...network)).toMatchObject({ fromDisc: false })
  })

  it('opens one claim, of whatever its sled waits for, and none before', async () => {
    const { discs, claim, begin, news, boots, refusals } = rig()
    const { disc, token } = value(discs.make(SLED, 'ann', Hours(1)))
    expect(await claim(token)).toBe(409)
    expect(boots).toEqual([])
    expect(refusals).toEqual([`nothing waits for an installer of ${SLED}`])
    expect(discs.open(SLED)).toEqual([expect.objectContaining({ id: disc.id, madeBy: 'ann' })])
    begin()
    expect(await claim(token)).toBe(200)
    expect(discs.open(SLED)).toEqual([])
    // The first answer may have been lost; asked by the same machine it is given again.
    expect(await claim(token)).toBe(200)
    expect(news()).toEqual(['made', 'used'])
    expect(boots).toMatchObject([{ sled: SLED, mac: MAC, address: PEER.address, disc }])
  })

  it('that was used opens nothing after its operation', async () => {
    const { site, discs, claim, begin } = rig()
    const { token } = value(discs.make(SLED, 'ann', Hours(1)))
    begin()
    expect(await claim(token)).toBe(200)
    site.commit((change) => {
      change.sql.run('DELETE FROM intent')
      const operation = site.running.get('op-1')
      if (operation !== undefined) change.putOperation({ ...operation, endedAtMs: change.wallMs })
    })
    begin('op-2')
    expect(await claim(token)).toBe(403)
  })

  it('survives a restart, and ends when it was said to', async () => {
    const { clock, build, begin, news } = rig()
    const { token } = value(build().discs.make(SLED, 'ann', Hours(8)))
    begin()
    await clock.advance(Hours(5))
    const { discs, claim } = build()
    expect(discs.open()).toHaveLength(1)
    await clock.advance(Hours(3) - 1)
    expect(discs.open()).toHaveLength(1)
    await clock.advance(1)
    expect(await claim(token)).toBe(403)
    expect(discs.open()).toEqual([])
    expect(news()).toEqual(['made', 'expired'])
    expect(build().discs.open()).toEqual([])
  })

  it('has no longer life by a clock that was set back', async () => {
    const { clock, build } = rig()
    value(build().discs.make(SLED, 'ann', Hours(1)))
    clock.setWallMs(clock.wallMs() - Hours(1000))
    const { discs } = build()
    await clock.advance(Hours(1) - 1)
    expect(discs.open()).toHaveLength(1)
    await clock.advance(1)
    expect(discs.open()).toEqual([])
  })

  it('can be revoked, and then opens nothing', async () => {
    const { discs, claim, begin, news, build } = rig()
    const { disc, token } = value(discs.make(SLED, 'ann', Hours(1)))
    begin()
    expect(discs.revoke(disc.id, 'bob').ok).toBe(true)
    expect(await claim(token)).toBe(403)
    expect(await build().claim(token)).toBe(403)
    expect(discs.revoke(disc.id, 'bob').ok).toBe(false)
    expect(news()).toEqual(['made', 'revoked'])
  })

  it('is in its sled once somebody said so, and then a restart knows it', () => {
    const { discs, build, news } = rig()
    const { disc } = value(discs.make(SLED, 'ann', Hours(1)))
    expect([...discs.inside()]).toEqual([])
    value(discs.insert(disc.id, 'ann'))
    value(discs.insert(disc.id, 'ann'))
    expect([...discs.inside()]).toEqual([SLED])
    expect([...build().discs.inside()]).toEqual([SLED])
    expect(news()).toEqual(['made', 'inserted'])
  })

  it('is one of a few', () => {
    const { discs } = rig()
    for (let n = 0; n < 4; n++) value(discs.make(SLED, 'ann', Hours(1)))
    expect(discs.make(SLED, 'ann', Hours(1)).ok).toBe(false)
    expect(discs.make('sled-02' as SledName, 'ann', Hours(1)).ok).toBe(true)
  })

  it('leaves no token on the disk', async () => {
    const { discs, store, clock } = rig()
    const { token } = value(discs.make(SLED, 'ann', Hours(1)))
    await clock.advance(Minutes(1))
    const dump = store.read((sql) =>
      ['boot_disc', 'intent', 'event'].map((table) => sql.all(`SELECT * FROM ${table}`)),
    )
    expect(JSON.stringify(dump)).not.toContain(token)
    expect(JSON.stringify(discs.open())).not.toContain(token)
  })
})
