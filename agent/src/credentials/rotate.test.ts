import type { AccountControl } from '@brickyard/bmc/accounts'
import type { Bmc } from '@brickyard/bmc/bmc'
import { connectBmc } from '@brickyard/bmc/connect'
import type { SledName } from '@brickyard/model/names'
import type { BmcDeclaration } from '@brickyard/model/rack'
import type { BmcLogin } from '@brickyard/model/sealed-login'
import type { Clock } from '@brickyard/runtime/clock'
import { systemClock } from '@brickyard/runtime/node/clock'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { fakeCredentials } from '@brickyard/sim/fake-credentials'
import { recordingLog } from '@brickyard/sim/recording-log'
import { PASSWORD, redfishRig, USER } from '@brickyard/sim/redfish-rig'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { bmcOnWire } from '@brickyard/sim/virtual-bmc-rig'
import { err, ok } from '@brickyard/std/result'
import { boxKeys } from '@brickyard/std/sealed-box'
import { Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { startIpmiSimulator } from '../../../test/interop/ipmi-sim-rig.ts'
import {
  LOOPBACK,
  PASSWORD as FOREIGN_PASSWORD,
  PORTS,
  run,
  USER as FOREIGN_USER,
} from '../../../test/interop/ipmi-rig.ts'
import { needs, programPath } from '../../../test/needs.ts'
import { createBmcDesk } from '../bmc/bmc-desk.ts'
import { newOperation, type Operation } from '../operations/operation.ts'
import { newSledRecord } from '../operations/sled-record.ts'
import { openSiteStore } from '../store/site-store.ts'
import { createLoginBook } from './login-book.ts'
import type { RotationAction } from './plan-rotation.ts'
import { rotate } from './rotate.ts'

const SLED = 'sled-01' as SledName
const OFFLINE = boxKeys(new Uint8Array(32).fill(7))
const STEPS = ['seal-login', 'write-login', 'prove-login', 'switch-login', 'retire-login'] as const

interface Under {
  readonly clock: Clock
  readonly declared: BmcDeclaration
  readonly password: string
  readonly connectAs: (login: BmcLogin) => Bmc
  readonly settled: <T>(promise: Promise<T>) => Promise<T>
}

/** The steps of rotations on one BMC, each as the engine would have it done. */
function rotating({ clock, declared, password, connectAs, settled }: Under) {
  const log = recordingLog()
  const random = seededRandom('rotate')
  const store = openNodeStore({ path: ':memory:', durable: false })
  const site = openSiteStore({ store, clock, random })
  site.commit((change) => change.putSled(newSledRecord(SLED, 0)))
  const book = createLoginBook({ site, credentials: fakeCredentials(() => ok(password)), log })
  const desk = createBmcDesk({
    clock,
    log,
    minCycleMs: 0,
    connect: () => connectAs(book.inUse(SLED, declared) ?? { user: '', password: '' }),
  })
  const policy = { recoveryKey: OFFLINE.publicKey, rotateAtIntake: true, rotateAfterRelease: true }
  const parts = {
    site,
    siteName: 'edge',
    book,
    desk,
    random,
    declared: () => declared,
    policy: () => policy,
    connectAs: (_: BmcDeclaration, login: BmcLogin) => connectAs(login),
  }
  let count = 0
  const begin = (): Operation =>
    newOperation(
      `op-${++count}`,
      {
        sled: SLED,
        kind: 'rotate-credentials',
        requestedBy: 'test',
        assignment: null,
        verb: null,
        seconds: null,
        act: null,
      },
      { monotonicMs: 0, wallMs: 0 },
    )
  const step = (operation: Operation, kind: RotationAction['kind']) =>
    settled(rotate(parts, operation, { kind }))
  return {
    book,
    step,
    begin,
    /** All steps in order; the first that fails ends it. */
    async whole() {
      const operation = begin()
      for (const kind of STEPS) {
        const outcome = await step(operation, kind)
        if (!outcome.ok) return `${kind}: ${outcome.reason}`
      }
      return 'done'
    },
    inUse: () => book.inUse(SLED, declared),
    /** How many logins the hub was told of. */
    sealed: () =>
      site.read((sql) => sql.all(`SELECT seq FROM event WHERE kind = 'sled.login-sealed'`)).length,
    give(login: BmcLogin) {
      const note = { origin: 'given', operation: null, told: null } as const
      site.commit((change) => book.put(change, SLED, 'given', { ...login, ...note }))
    },
  }
}

type Change = (accounts: AccountControl) => Partial<AccountControl>

/** An IPMI BMC, with accounts that behave as `change` says. */
async function ipmi(change: Change = () => ({}), users = 1) {
  const others = Array.from({ length: users - 1 }, (_, n) => ({
    name: `other-${n}`,
    password: 'theirs',
    privilege: 'user' as const,
  }))
  const admin = { name: 'admin', password: 'secret', privilege: 'administrator' as const }
  const rig = await bmcOnWire({ users: [admin, ...others] })
  const connectAs = ({ user, password }: BmcLogin): Bmc => {
    const bmc = rig.connectAs(user, password)
    const accounts = bmc.accounts
    return accounts === undefined ? bmc : { ...bmc, accounts: { ...accounts, ...change(accounts) } }
  }
  const { address, port } = rig.declaration
  const declared = { protocol: 'ipmi', address, port, user: 'admin', cipherSuite: 17 } as const
  const { clock, settled } = rig
  return { rig, ...rotating({ clock, declared, password: 'secret', connectAs, settled }) }
}

const refuse = (message: string) => Promise.resolve(err({ kind: 'refused' as const, message }))

describe('a rotation', () => {
  it('goes to and fro between two accounts of its own over IPMI', async () => {
    const { rig, whole, inUse } = await ipmi()
    const users = () => rig.bmc.users().map(({ name }) => name)
    expect(await whole()).toBe('done')
    expect(users()).toEqual(['brickyard-a'])
    const first = inUse()
    expect(await whole()).toBe('done')
    expect(users()).toEqual(['brickyard-b'])
    expect(await whole()).toBe('done')
    expect(users()).toEqual(['brickyard-a'])
    expect(inUse()?.password).not.toBe(first?.password)
  })

  it('comes to the same when any of its steps is done twice', async () => {
    const { rig, begin, step } = await ipmi()
    const operation = begin()
    for (const kind of STEPS) {
      expect([kind, (await step(operation, kind)).ok]).toEqual([kind, true])
      expect([kind, (await step(operation, kind)).ok]).toEqual([kind, true])
    }
    expect(rig.bmc.users().map(({ name }) => name)).toEqual(['brickyard-a'])
  })

  it('works over Redfish, where a new account is made', async () => {
    const rig = redfishRig()
    const { udp } = rig.network.host('unused')
    const { clock, http, declaration: declared, settled } = rig
    const ports = { udp, http, clock, random: seededRandom('redfish') }
    const connectAs = ({ user, password }: BmcLogin): Bmc =>
      connectBmc({ ...declared, user }, password, ports)
    const { whole } = rotating({ clock, declared, password: PASSWORD, connectAs, settled })
    expect(await whole()).toBe('done')
    const accounts = () =>
      [...rig.face.model.accounts.values()].filter(({ enabled }) => enabled).map(({ name }) => name)
    expect(accounts()).toEqual(['brickyard-a'])
    expect([...rig.face.model.accounts.values()].map(({ name }) => name)).toContain(USER)
    expect(await whole()).toBe('done')
    expect(accounts()).toEqual(['brickyard-b'])
  })

  it('makes a shorter password for a BMC that refuses 20 letters, or cuts them without a word', async () => {
    const refusing: Change = (accounts) => ({
      set: (slot, account) =>
        account.password.length > 16 ? refuse('too long') : accounts.set(slot, account),
    })
    const cutting: Change = (accounts) => ({
      set: (slot, account) =>
        accounts.set(slot, { ...account, password: account.password.slice(0, 16) }),
    })
    for (const change of [refusing, cutting]) {
      const { rig, whole, inUse } = await ipmi(change)
      expect(await whole()).toContain('a password of 16 letters is tried')
      // The login in use was not touched meanwhile.
      expect(rig.bmc.users()).toContainEqual(expect.objectContaining({ name: 'admin' }))
      expect(await whole()).toBe('done')
      expect(inUse()?.password).toHaveLength(16)
      expect(rig.bmc.users().map(({ name }) => name)).toEqual(['brickyard-a'])
    }
  })

  it('goes on with the key that a BMC of its own kind asks for', async () => {
    const bmcKey = 'the-bmc-key'
    const rig = await bmcOnWire({ bmcKey })
    const { address, port } = rig.declaration
    const declared = { protocol: 'ipmi', address, port, user: 'admin', cipherSuite: 17 } as const
    const { clock, settled } = rig
    const connectAs = ({ user, password, bmcKey: key }: BmcLogin): Bmc =>
      rig.connectAs(user, password, key)
    const { whole, give, inUse } = rotating({ clock, declared, password: '', connectAs, settled })
    give({ user: 'admin', password: 'secret', bmcKey })
    expect(await whole()).toBe('done')
    expect(inUse()).toMatchObject({ user: 'brickyard-a', bmcKey })
    expect(rig.bmc.users().map(({ name }) => name)).toEqual(['brickyard-a'])
  })

  it('says so and changes nothing where no second account can be had', async () => {
    const { rig, whole } = await ipmi(undefined, 9)
    const before = rig.bmc.users()
    expect(await whole()).toMatch(/^write-login: the BMC has no free account beside admin, other-0/)
    expect(rig.bmc.users()).toEqual(before)
  })

  it('gives an account that cannot be switched off a password that nobody knows', async () => {
    const { rig, whole } = await ipmi(() => ({ disable: () => refuse('it is a fixed user') }))
    expect(await whole()).toBe('done')
    const admin = rig.bmc.users().find(({ name }) => name === 'admin')
    expect(admin?.privilege).toBe('user')
    expect(admin?.password).not.toBe('secret')
  })

  it('that broke off is gone on with by the next: the hub is not told of ever new logins', async () => {
    const { rig, begin, step, sealed, whole } = await ipmi()
    rig.bmc.faults.silent = true
    for (let n = 0; n < 5; n++) {
      const operation = begin()
      await step(operation, 'seal-login')
      expect((await step(operation, 'write-login')).ok).toBe(false)
    }
    expect(sealed()).toBe(1)
    rig.bmc.faults.silent = false
    await rig.clock.advance(Seconds(60))
    expect(await whole()).toBe('done')
    expect(sealed()).toBe(1)
    expect(await whole()).toBe('done')
    expect(sealed()).toBe(2)
  })

  it('keeps the login in use where the new one cannot be proven', async () => {
    const { rig, begin, step, inUse } = await ipmi()
    const operation = begin()
    await step(operation, 'seal-login')
    await step(operation, 'write-login')
    rig.bmc.faults.silent = true
    expect((await step(operation, 'prove-login')).ok).toBe(false)
    expect(inUse()).toMatchObject({ user: 'admin', password: 'secret' })
    rig.bmc.faults.silent = false
    await rig.clock.advance(Seconds(60))
    expect((await step(operation, 'prove-login')).ok).toBe(true)
  })
})

needs({ programs: ['ipmi_sim', 'ipmitool'] }).describe('a rotation at ipmi_sim', () => {
  it(
    'ends with a login that ipmitool has too, and the old one off',
    { timeout: 60_000 },
    async () => {
      const simulator = await startIpmiSimulator()
      try {
        const { port } = simulator
        const declared = {
          protocol: 'ipmi',
          address: LOOPBACK,
          port,
          user: FOREIGN_USER,
          cipherSuite: 3,
        } as const
        const connectAs = ({ user, password }: BmcLogin): Bmc =>
          connectBmc({ ...declared, user }, password, PORTS)
        const { whole, inUse } = rotating({
          clock: systemClock,
          declared,
          password: FOREIGN_PASSWORD,
          connectAs,
          settled: (promise) => promise,
        })
        // It takes 20 letters, tests them as right, and lets nobody in with them.
        expect(await whole()).toContain('a password of 16 letters is tried')
        expect(await whole()).toBe('done')
        const { user, password } = inUse() ?? { user: '', password: '' }
        const power = async (name: string, secret: string) => {
          const where = `-I lanplus -C 3 -N 1 -R 1 -H 127.0.0.1 -p ${port}`.split(' ')
          const words = [...where, '-U', name, '-P', secret, 'chassis', 'power', 'status']
          return (await run(programPath('ipmitool') ?? 'ipmitool', words)).code
        }
        expect(await power(user, password)).toBe(0)
        expect(await power(FOREIGN_USER, FOREIGN_PASSWORD)).not.toBe(0)
      } finally {
        await simulator.stop()
      }
    },
  )
})
