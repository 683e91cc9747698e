import { encodeClaimRequest, parseClaimReply, parseStep } from '@brickyard/installer/wire'
import { beginPlan } from '@brickyard/installer/plan'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { SiteName, SledName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import type { Store } from '@brickyard/runtime/store'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { recordingLog } from '@brickyard/sim/recording-log'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { err, ok } from '@brickyard/std/result'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { assetOf } from '../netboot/asset.ts'
import { latestEvents } from '../store/journal.ts'
import { openSiteStore } from '../store/site-store.ts'
import { createBootIntents, INTENT_MS } from './boot-intents.ts'
import { createInstallerHttp } from './installer-http.ts'
import { newOperation, type Operation } from './operation.ts'
import { createBootDirectory } from './sled-boot.ts'
import { newSledRecord } from './sled-record.ts'

const SLED = 'sled-01' as SledName
const MAC = '52:54:00:00:00:01' as Mac
const PEER = { address: '10.0.0.101', port: 1000 }
const RACK: RackDocument = {
  site: 'edge-1' as SiteName,
  networks: [
    {
      name: 'prov',
      role: 'provisioning',
      mode: 'authoritative',
      subnet: '10.0.0.0/24',
      agentAddress: '10.0.0.1' as Ipv4,
      interface: 'eth1',
      pool: { first: '10.0.0.100' as Ipv4, last: '10.0.0.200' as Ipv4 },
      leaseSeconds: 600,
      dns: [],
    },
  ],
  cages: [],
  sleds: [
    {
      name: SLED,
      position: { kind: 'rack-unit', unit: 1, heightRackUnits: 1 },
      architecture: 'x86_64',
      firmwareMode: 'uefi',
      macs: [MAC],
      address: '10.0.0.101' as Ipv4,
      labels: {},
    },
  ],
}

const TOOLS = assetOf(new TextEncoder().encode('tools'))

/** A site with one sled whose inspection waits for its installer. */
function rig() {
  const clock = virtualClock()
  const log = recordingLog()
  const real = openNodeStore({ path: ':memory:', durable: false })
  const disk = { full: false }
  const declared = { rack: RACK }
  const store: Store = {
    ...real,
    tx(work) {
      if (disk.full) throw new Error('SQLITE_FULL: database or disk is full')
      return real.tx(work)
    },
  }
  const site = openSiteStore({ store, clock, random: seededRandom('site') })
  const now = () => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() })
  const order = {
    sled: SLED,
    kind: 'inspect' as const,
    requestedBy: 'test',
    assignment: null,
    verb: null,
    seconds: null,
    act: null,
  }
  const made = newOperation('op-1', order, now())
  const operation: Operation = {
    ...made,
    stage: 'installer',
    cycles: 1,
    install: beginPlan({ kind: 'inspect', architecture: 'x86_64' }, clock.monotonicMs()),
  }
  site.commit((change) => {
    change.putSled(newSledRecord(SLED, change.wallMs))
    change.putOperation(operation)
  })
  const build = () => {
    const intents = createBootIntents({ site, clock, random: seededRandom(`${clock.wallMs()}`) })
    const http = createInstallerHttp({
      site,
      clock,
      log,
      intents,
      rack: () => declared.rack,
      image: () => Promise.resolve(err('none')),
      tools: (arch) => Promise.resolve(arch === 'x86_64' ? ok(TOOLS) : err('none')),
      seed: () => ({ 'meta-data': 'secret' }),
      bmcPassword: () => undefined,
      onProgress: () => undefined,
      nudge: () => undefined,
    })
    const directory = createBootDirectory({ site, rack: () => declared.rack, intents, log })
    return { http, directory }
  }
  return { clock, site, disk, declared, log, build, ...build() }
}

type Rig = Pick<ReturnType<typeof rig>, 'http' | 'directory'>

const tokenOf = ({ directory }: Rig): string => {
  const boot = directory.sledFor({ mac: MAC, network: 'prov' })?.boot
  if (boot?.kind !== 'installer') throw new Error(JSON.stringify(boot))
  return boot.claimToken
}
const ask = async (
  { http }: Rig,
  path: string,
  init: RequestInit = {},
  peer = PEER,
): Promise<Response> => http(new Request(`http://10.0.0.1${path}`, init), peer)
const WHO = { mac: MAC as string, uuid: 'u-1', serial: 'SN1', address: PEER.address }
const claimAs = (site: Rig, token: string, who: Partial<typeof WHO>): Promise<Response> => {
  const { address, ...facts } = { ...WHO, ...who }
  const init = { method: 'POST', body: encodeClaimRequest({ token, ...facts }) }
  return ask(site, '/installer/claim', init, { ...PEER, address })
}
const claim = (site: Rig, token: string, mac: string = MAC): Promise<Response> =>
  claimAs(site, token, { mac })
const sessionOf = async (response: Response): Promise<string> => {
  const reply = parseClaimReply(await response.text())
  if (!reply.ok) throw new Error(reply.error)
  return reply.value.session
}
const bearing = (session: string): RequestInit => ({
  headers: { authorization: `Bearer ${session}` },
})
const lastEvent = ({ site }: ReturnType<typeof rig>) => site.read((sql) => latestEvents(sql, 1))[0]

describe('boot intents', () => {
  it('give the same token until it is claimed, and a fresh one after: the sled restarted', async () => {
    const made = rig()
    const token = tokenOf(made)
    expect(tokenOf(made)).toBe(token)
    expect((await claim(made, token)).status).toBe(200)
    expect(tokenOf(made)).not.toBe(token)
  })

  it('give the same session to the same claim again: its first answer was lost', async () => {
    const made = rig()
    const token = tokenOf(made)
    const session = await sessionOf(await claim(made, token))
    const events = made.site.read((sql) => latestEvents(sql, 500)).length
    await made.clock.advance(Seconds(20))
    expect(await sessionOf(await claim(made, token))).toBe(session)
    expect(await sessionOf(await claim(made.build(), token))).toBe(session)
    expect(made.site.read((sql) => latestEvents(sql, 500)).length).toBe(events)
    expect((await ask(made, '/installer/step', bearing(session))).status).toBe(200)
    // It was used: whoever comes now is another.
    expect((await claim(made, token)).status).toBe(409)
    expect(lastEvent(made)?.kind).toBe('intent.refused')
    expect(JSON.stringify(made.log.lines)).not.toContain(session)
  })

  it.each([{ uuid: 'u-2' }, { serial: 'SN2' }, { serial: '' }, { address: '10.0.0.102' }])(
    'are claimed by one alone: %o is refused, and told of without the token',
    async (who) => {
      const made = rig()
      const token = tokenOf(made)
      const session = await sessionOf(await claim(made, token))
      const second = await claimAs(made, token, who)
      expect(second.status).toBe(409)
      expect(await second.text()).not.toContain(session)
      expect(lastEvent(made)?.kind).toBe('intent.refused')
      expect((await ask(made, '/installer/step', bearing(session))).status).toBe(200)
    },
  )

  it('that were claimed are spent once the installer fell silent, or another took over', async () => {
    const made = rig()
    const token = tokenOf(made)
    await claim(made, token)
    const [operation] = made.site.running.values() as Iterable<Operation>
    const silent = { ...(operation as Operation) }
    const { install } = silent
    if (install === null) throw new Error('no installer')
    made.site.commit((change) =>
      change.putOperation({ ...silent, install: { ...install, phase: 'stalled' } }),
    )
    expect((await claim(made, token)).status).toBe(409)
    const next = tokenOf(made)
    expect((await claim(made, next)).status).toBe(200)
    expect((await claim(made, token)).status).toBe(409)
    expect((await claim(made, next)).status).toBe(200)
  })

  it('are claimed once: the second claim is refused and told of, without the token', async () => {
    const made = rig()
    const token = tokenOf(made)
    const session = await sessionOf(await claim(made, token))
    await ask(made, '/installer/step', bearing(session))
    expect((await claim(made, token)).status).toBe(409)
    expect(lastEvent(made)).toMatchObject({
      kind: 'intent.refused',
      body: { sled: SLED, mac: MAC },
    })
    const all = JSON.stringify([made.site.read((sql) => latestEvents(sql, 50)), made.log.lines])
    expect(all).not.toContain(token)
  })

  it('expire in monotonic time', async () => {
    const made = rig()
    const token = tokenOf(made)
    await made.clock.advance(INTENT_MS)
    expect((await claim(made, token)).status).toBe(403)
    expect((await claim(made, tokenOf(made))).status).toBe(200)
  })

  it('are handed out only while enough of their life is left', async () => {
    const made = rig()
    const token = tokenOf(made)
    await made.clock.advance(Minutes(7))
    expect(tokenOf(made)).not.toBe(token)
    expect((await claim(made, token)).status).toBe(200)
  })

  it('that were handed out before a restart of the agent can still be claimed, once', async () => {
    const made = rig()
    const token = tokenOf(made)
    const again = made.build()
    expect((await claim(again, token)).status).toBe(200)
    expect((await claimAs(again, token, { serial: 'SN2' })).status).toBe(409)
    expect((await claimAs(made.build(), token, { serial: 'SN2' })).status).toBe(409)
  })

  it('are of no use to another machine', async () => {
    const made = rig()
    expect((await claim(made, tokenOf(made), '52:54:00:00:00:99')).status).toBe(403)
    expect((await claim(made, 'f'.repeat(32))).status).toBe(403)
    expect((await claim(made, tokenOf(made))).status).toBe(200)
  })

  it('are not opened when the disk is full: the sled is told, nothing breaks', () => {
    const made = rig()
    made.disk.full = true
    expect(made.directory.sledFor({ mac: MAC, network: 'prov' })?.boot.kind).toBe('none')
  })
})

describe('the installer’s wire', () => {
  it('gives nothing without a session, and nothing with a made-up one', async () => {
    const made = rig()
    await claim(made, tokenOf(made))
    const paths = ['step', 'seed/meta-data', 'image/aa', 'tools', 'bmc-password']
    for (const path of paths.map((name) => `/installer/${name}`)) {
      expect((await ask(made, path)).status).toBe(403)
      expect((await ask(made, path, bearing('0'.repeat(32)))).status).toBe(403)
    }
  })

  it('gives the same step until its result is in; a repeated result changes nothing', async () => {
    const made = rig()
    const session = await sessionOf(await claim(made, tokenOf(made)))
    const stepNow = async () =>
      parseStep(await (await ask(made, '/installer/step', bearing(session))).text())
    const first = await stepNow()
    expect(first).toMatchObject({ ok: true, value: { verb: 'inventory' } })
    expect(await stepNow()).toEqual(first)
    const id = first.ok ? first.value.id : ''
    const post = () =>
      ask(made, `/installer/step/${id}/result`, {
        ...bearing(session),
        method: 'POST',
        body: 'ok=0\nfault=disk-io\nreason=worn out\n',
      })
    expect((await post()).status).toBe(204)
    const events = made.site.read((sql) => latestEvents(sql, 500)).length
    expect((await post()).status).toBe(204)
    expect(made.site.read((sql) => latestEvents(sql, 500)).length).toBe(events)
  })

  it('keeps its session over a restart of the agent', async () => {
    const made = rig()
    const session = await sessionOf(await claim(made, tokenOf(made)))
    expect((await ask(made.build(), '/installer/step', bearing(session))).status).toBe(200)
  })

  it('answers "again" while the disk is full, and has consumed nothing', async () => {
    const made = rig()
    const token = tokenOf(made)
    made.disk.full = true
    expect((await claim(made, token)).status).toBe(503)
    made.disk.full = false
    expect((await claim(made, token)).status).toBe(200)
  })

  it('refuses bodies that say nothing or too much', async () => {
    const made = rig()
    const bodies = ['', 'token', 'x'.repeat(300_000), 'token=a\nmac=b\n', '\0\0', 'token=%\n']
    for (const body of bodies) {
      const response = await ask(made, '/installer/claim', { method: 'POST', body })
      expect([body.slice(0, 10), response.status]).toEqual([body.slice(0, 10), 400])
    }
  })

  it('gives no other tenant’s image to a session', async () => {
    const made = rig()
    const session = await sessionOf(await claim(made, tokenOf(made)))
    const response = await ask(made, `/installer/image/${'a'.repeat(64)}`, bearing(session))
    expect(response.status).toBe(404)
  })

  it('gives the tools of the architecture that the sled is declared with, or says why not', async () => {
    const made = rig()
    const session = await sessionOf(await claim(made, tokenOf(made)))
    const tools = await ask(made, '/installer/tools', bearing(session))
    expect([tools.status, await tools.text()]).toEqual([200, 'tools'])
    const sleds = RACK.sleds.map((sled) => ({ ...sled, architecture: 'aarch64' as const }))
    made.declared.rack = { ...RACK, sleds }
    const none = await ask(made, '/installer/tools', bearing(session))
    expect([none.status, await none.text()]).toEqual([404, 'reason=none\n'])
  })
})

describe('what a sled boots at rest', () => {
  it('is nothing for a stranger, the reason for one that is not ready', () => {
    const made = rig()
    const other = '52:54:00:00:00:77' as Mac
    expect(made.directory.sledFor({ mac: other, network: 'prov' })).toBeUndefined()
    const [operation] = made.site.running.values()
    made.site.commit((change) =>
      change.putOperation({ ...(operation as Operation), endedAtMs: 1, state: 'failed' }),
    )
    const boot = made.directory.sledFor({ mac: MAC, network: 'prov' })
    expect(boot).toMatchObject({ address: '10.0.0.101', boot: { kind: 'none' } })
    made.site.commit((change) => {
      const record = change.sled(SLED)
      if (record !== undefined) change.putSled({ ...record, state: 'in-use' })
    })
    expect(made.directory.sledFor({ mac: MAC, network: 'prov' })?.boot.kind).toBe('local-disk')
    expect(made.directory.sledFor({ mac: MAC, network: 'other' })?.address).toBeUndefined()
  })
})
