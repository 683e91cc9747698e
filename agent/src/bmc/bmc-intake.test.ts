import { connectBmc } from '@brickyard/bmc/connect'
import type { SiteName, SledName } from '@brickyard/model/names'
import type {
  RackDocument,
  BmcDeclaration,
  SledDeclaration,
  SledProfile,
} from '@brickyard/model/rack'
import type { EventBody } from '@brickyard/protocol/events'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { fakeIdentity } from '@brickyard/sim/fake-identity'
import { recordingLog } from '@brickyard/sim/recording-log'
import { obedientHost } from '@brickyard/sim/obedient-host'
import { PASSWORD, redfishRig } from '@brickyard/sim/redfish-rig'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { createVirtualBmc } from '@brickyard/sim/virtual-bmc'
import { ok } from '@brickyard/std/result'
import { Hours, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { newSledRecord } from '../operations/sled-record.ts'
import { eventsAfter } from '../store/journal.ts'
import { openSiteStore } from '../store/site-store.ts'
import { createBmcDesk } from './bmc-desk.ts'
import { createBmcIntake } from './bmc-intake.ts'
import { createBmcPins } from './bmc-pins.ts'

const SLED = 'sled-01' as SledName
const PORT = 8443

/** A site of one sled whose BMC speaks Redfish over TLS with a key of its own. */
async function site(profiles: readonly SledProfile[], untouchable?: string, ipmiPassword?: string) {
  const rig = redfishRig('plain')
  const { clock, http } = rig
  const random = seededRandom('intake')
  const identity = fakeIdentity(random.fork('identity'))
  /** Shows another key from now on, as a BMC that was replaced does. */
  async function showNewKey(): Promise<void> {
    listening?.close()
    const { certPem } = await identity.newAuthority('bmc', 1)
    listening = rig.web.listen(rig.network.host('sled'), PORT, rig.face.handler, { certPem })
  }
  let listening: { close(): void } | undefined
  await showNewKey()
  const store = openNodeStore({ path: ':memory:', durable: false })
  const site = openSiteStore({ store, clock, random })
  site.commit((change) => change.putSled({ ...newSledRecord(SLED, 0), state: 'ready' }))
  const { udp } = rig.network.host('agent')
  const pins = createBmcPins({ site, http })
  const { address } = rig.declaration
  const login = { user: 'admin', password: ipmiPassword ?? PASSWORD }
  if (ipmiPassword !== undefined) await openIpmi(rig, login.password)
  const { user } = login
  const bmc: BmcDeclaration =
    ipmiPassword === undefined
      ? { ...rig.declaration, port: PORT }
      : { protocol: 'ipmi', address, port: 623, user, cipherSuite: 17 }
  const declaration: SledDeclaration = {
    name: SLED,
    position: { kind: 'rack-unit', unit: 1, heightRackUnits: 1 },
    architecture: 'x86_64',
    firmwareMode: 'uefi',
    macs: [],
    labels: {},
    bmc,
  }
  const document: RackDocument = {
    site: 'edge-1' as SiteName,
    networks: [],
    cages: [],
    sleds: [declaration],
    profiles,
  }
  const log = recordingLog()
  const ports = { udp, http, clock, random }
  const declared = () => pins.pinned(SLED, bmc)
  const desk = createBmcDesk({
    connect: () => connectBmc(declared(), login.password, ports),
    clock,
    log,
    minCycleMs: Seconds(10),
    untouchable: () => untouchable,
  })
  const troubles = new Map<string, string | undefined>()
  const intake = createBmcIntake({
    ...ports,
    desk,
    site,
    log,
    pins,
    troubles: { set: (what, reason) => void troubles.set(what, reason) },
    rack: () => document,
    declaredOf: () => declaration,
    loginOf: () => ok({ declared: declared(), login }),
  })
  intake.watch([SLED])
  const told = (): EventBody<'sled.intake'>[] =>
    site
      .read((sql) => eventsAfter(sql, 0, 1000))
      .filter(({ kind }) => kind === 'sled.intake')
      .map(({ body }) => body as EventBody<'sled.intake'>)
  const findings = () =>
    told()
      .at(-1)
      ?.findings.map(({ id }) => id)
  const settings = () =>
    told()
      .at(-1)
      ?.settings.map(({ name, found, state }) => [name, found, state])
  const keyHeldTo = () => {
    const held = declared()
    return held.protocol === 'redfish' ? held.spkiSha256 : undefined
  }
  return { rig, clock, desk, intake, told, findings, settings, troubles, keyHeldTo, showNewKey }
}

/** The same BMC by IPMI. */
const openIpmi = ({ network, clock }: ReturnType<typeof redfishRig>, password: string) =>
  createVirtualBmc({
    udp: network.host('sled').udp,
    clock,
    random: seededRandom('ipmi'),
    bind: { address: '0.0.0.0', port: 623 },
    host: obedientHost().host,
    users: [{ name: 'admin', password, privilege: 'administrator' }],
    guid: new Uint8Array(16).fill(1),
    fru: new Uint8Array(0),
    cipherSuites: [17],
  })

const POLICY = 'power restore policy'

describe('the intake of a BMC', () => {
  it('sets what the site wants, reads it back, and tells it once', async () => {
    const s = await site([
      { model: 'of another maker', restorePolicy: 'stay-off' },
      { restorePolicy: 'turn-on', bios: { SriovEnable: 'Enabled', ProcCores: 16 } },
    ])
    await s.clock.advance(Minutes(2))
    expect(s.settings()).toEqual([
      [POLICY, 'as-before', 'set'],
      ['BIOS SriovEnable', 'Disabled', 'waits-for-boot'],
      ['BIOS ProcCores', '16', 'as-wanted'],
    ])
    expect(s.findings()).toEqual(['ipmi-open', 'pin-on-trust'])
    await s.rig.settled(s.desk.setPower(SLED, 'on'))
    s.intake.powerChanged(SLED)
    await s.clock.advance(Minutes(10))
    expect(s.told()).toHaveLength(2)
    expect(s.settings()).toEqual([
      [POLICY, 'turn-on', 'as-wanted'],
      ['BIOS SriovEnable', 'Enabled', 'as-wanted'],
      ['BIOS ProcCores', '16', 'as-wanted'],
    ])
    await s.clock.advance(Hours(72))
    expect(s.told()).toHaveLength(2)
    s.intake.stop()
  })

  it('finds a login of the maker, and IPMI where Redfish would do', async () => {
    const s = await site([{ restorePolicy: 'stay-off', bios: { X: 1 } }], undefined, 'password')
    // The service root on the usual port, which the rig serves as well.
    await s.clock.advance(Minutes(2))
    expect(s.findings()).toEqual(['makers-login', 'ipmi-for-redfish'])
    expect(s.troubles.get(`BMC of ${SLED}`)).toBe('its login is one that its maker ships')
    expect(s.settings()).toEqual([
      [POLICY, 'as-before', 'set'],
      ['BIOS X', null, 'differs'],
    ])
    s.intake.stop()
  })

  it('tells of a setting that drifted, and sets it again', async () => {
    const s = await site([{ restorePolicy: 'turn-on' }])
    await s.clock.advance(Hours(30))
    expect(s.settings()).toEqual([[POLICY, 'turn-on', 'as-wanted']])
    const theirs = await s.rig.settled(s.rig.client().restorePolicy!.set('stay-off'))
    expect(theirs.ok).toBe(true)
    await s.clock.advance(Hours(24))
    expect(s.told().at(-1)?.settings[0]).toMatchObject({ found: 'stay-off', state: 'set' })
    expect(s.told().at(-1)?.settings[0]?.detail).toContain("it was 'turn-on' when it was last")
    s.intake.stop()
  })

  it('says so when a setting reads back as another, or is not there', async () => {
    const s = await site([{ restorePolicy: 'turn-on', bios: { NoSuch: 'Enabled' } }])
    s.rig.face.faults.restorePolicyReverts = true
    await s.clock.advance(Minutes(2))
    expect(s.settings()).toEqual([
      [POLICY, 'as-before', 'differs'],
      ['BIOS NoSuch', null, 'differs'],
    ])
    for (const { detail } of s.told().at(-1)?.settings ?? []) expect(detail).not.toBe(null)
    s.intake.stop()
  })

  it('changes nothing on a sled that is not ours, and tells how it stands', async () => {
    const s = await site([{ restorePolicy: 'turn-on' }], 'it is adopted')
    await s.clock.advance(Minutes(2))
    expect(s.told().at(-1)?.settings).toEqual([
      {
        name: POLICY,
        found: 'as-before',
        wanted: 'turn-on',
        state: 'differs',
        detail: 'it is adopted: nothing is changed on it',
      },
    ])
    s.intake.stop()
  })

  it('learns the key at the first contact, holds the BMC to it, and asks when it changes', async () => {
    const s = await site([])
    expect(s.keyHeldTo()).toBe(undefined)
    await s.clock.advance(Minutes(2))
    const first = s.keyHeldTo()
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    expect(await s.rig.settled(s.desk.readPower(SLED))).toEqual(ok('off'))

    await s.showNewKey()
    await s.rig.settled(s.desk.forget(SLED))
    expect(await s.rig.settled(s.desk.readPower(SLED))).toMatchObject({ ok: false })
    await s.clock.advance(Hours(24))
    expect(s.findings()).toEqual(['key-changed', 'ipmi-open', 'pin-on-trust'])
    expect(s.troubles.get(`BMC of ${SLED}`)).toContain('not the one it is known by')
    // It is not taken over: somebody has to say that it is right.
    expect(s.keyHeldTo()).toBe(first)
    s.intake.stop()
  })

  it('tries again when the BMC does not answer', async () => {
    const s = await site([{ restorePolicy: 'turn-on' }])
    s.rig.web.fault('/redfish', { kind: 'hang' }, 8)
    await s.clock.advance(Minutes(2))
    expect(s.told()).toEqual([])
    await s.clock.advance(Hours(3))
    expect(s.settings()).toEqual([[POLICY, 'as-before', 'set']])
    s.intake.stop()
  })
})
