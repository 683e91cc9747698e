import { describe, expect, it } from 'vitest'
import type { LacpEnd, LacpPdu } from './lacp-pdu.ts'
import { type Lag, type LagEvent, newLag, rolesOf, stepLag } from './lag-machine.ts'

const SYSTEM = '02:00:00:98:00:01'
const SLED = '52:54:00:98:00:0f'
const NAMES = ['a', 'b']

/** Two port channels cabled to each other, or one whose other end says nothing; time moves by hand. */
function pair({
  fallback = false,
  theirs = NAMES,
}: { fallback?: boolean; theirs?: string[] } = {}) {
  let nowMs = 0
  const ends = [
    newLag({ system: SYSTEM, key: 1, fallback }, NAMES),
    newLag({ system: SLED, key: 15, fallback: false }, theirs),
  ]
  const cut = new Set<string>()
  let sent = 0
  const give = (to: 0 | 1, event: LagEvent): void => {
    const stepped = stepLag(ends[to] as Lag, event, nowMs)
    ends[to] = stepped.lag
    for (const { port, pdu } of stepped.send) {
      sent += 1
      if (!cut.has(port)) give(to === 0 ? 1 : 0, { kind: 'heard', port, pdu })
    }
  }
  return {
    lag: () => ends[0] as Lag,
    roles: () => [...rolesOf(ends[0] as Lag).values()],
    sent: () => sent,
    give,
    cut,
    up(...ports: string[]) {
      for (const port of ports) {
        give(0, { kind: 'link', port, up: true })
        give(1, { kind: 'link', port, up: true })
      }
    },
    run(ms: number) {
      for (let passed = 0; passed < ms; passed += 250) {
        nowMs += 250
        give(0, { kind: 'tick' })
        give(1, { kind: 'tick' })
      }
    },
  }
}

describe('a port channel', () => {
  it('bundles both ports with a partner that speaks LACP, after the aggregate wait', () => {
    const two = pair()
    two.up('a', 'b')
    two.run(1500)
    expect(two.roles()).toEqual(['blocked', 'blocked'])
    two.run(2000)
    expect(two.roles()).toEqual(['bundled', 'bundled'])
    // Once a second from each of four ports, and not more.
    const before = two.sent()
    two.run(10_000)
    expect(two.roles()).toEqual(['bundled', 'bundled'])
    expect(two.sent() - before).toBe(40)
  })

  it('carries nothing where nobody speaks LACP', () => {
    const alone = pair({ theirs: [] })
    alone.up('a', 'b')
    for (let second = 0; second < 120; second++) {
      alone.run(1000)
      expect(alone.roles()).toEqual(['blocked', 'blocked'])
    }
  })

  it('with fallback carries by its first port that has a link, until LACP is heard', () => {
    const alone = pair({ theirs: [], fallback: true })
    alone.up('a', 'b')
    expect(alone.roles()).toEqual(['fallback', 'blocked'])
    alone.give(0, { kind: 'link', port: 'a', up: false })
    expect(alone.roles()).toEqual(['down', 'fallback'])
    const spoken = pair({ fallback: true })
    spoken.up('a', 'b')
    spoken.run(4000)
    expect(spoken.roles()).toEqual(['bundled', 'bundled'])
  })

  it('falls back again when its partner is gone, after two short timeouts', () => {
    const two = pair({ fallback: true })
    two.up('a', 'b')
    two.run(4000)
    two.cut.add('a').add('b')
    two.run(2000)
    expect(two.roles()).toEqual(['bundled', 'bundled'])
    two.run(2000)
    expect(two.roles()).toEqual(['blocked', 'blocked'])
    two.run(4000)
    expect(two.roles()).toEqual(['fallback', 'blocked'])
  })

  it('goes on by the port that is left, and takes the other back', () => {
    const two = pair()
    two.up('a', 'b')
    two.run(4000)
    two.give(0, { kind: 'link', port: 'a', up: false })
    two.give(1, { kind: 'link', port: 'a', up: false })
    expect(two.roles()).toEqual(['down', 'bundled'])
    two.run(5000)
    two.up('a')
    two.run(4000)
    expect(two.roles()).toEqual(['bundled', 'bundled'])
  })

  it('takes no port that leads to another system, or to another port channel of the same', () => {
    const { lag, give, up, run, roles } = pair({ theirs: [] })
    up('a', 'b')
    for (const [system, key] of [
      ['52:54:00:00:00:99', 15],
      [SLED, 16],
    ] as const) {
      for (let quarter = 0; quarter < 20; quarter++) {
        for (const port of NAMES) {
          const other = port === 'a' ? { system: SLED, key: 15 } : { system, key }
          give(0, { kind: 'heard', port, pdu: pduTo(lag(), port, other) })
        }
        run(250)
      }
      expect(roles()).toEqual(['bundled', 'blocked'])
    }
  })

  it('does not bundle with a partner that mistakes it for somebody else', () => {
    const { lag, give, up, run, roles } = pair({ theirs: [] })
    up('a')
    for (let quarter = 0; quarter < 40; quarter++) {
      const pdu = pduTo(lag(), 'a', { system: SLED, key: 15 })
      const wrong = { ...pdu.partner, system: '00:00:00:00:00:00' }
      give(0, { kind: 'heard', port: 'a', pdu: { ...pdu, partner: wrong } })
      run(250)
    }
    expect(roles()).toEqual(['blocked', 'down'])
  })
})

/** What a partner in sync says that has this port right. */
function pduTo(lag: Lag, port: string, { system, key }: { system: string; key: number }): LacpPdu {
  const state = {
    activity: true,
    shortTimeout: true,
    aggregation: true,
    synchronization: true,
    collecting: true,
    distributing: true,
    defaulted: false,
    expired: false,
  }
  const actor: LacpEnd = { systemPriority: 65_535, system, key, portPriority: 255, port: 1, state }
  const own = lag.ports.get(port)?.own
  if (own === undefined) throw new Error(`no port ${port}`)
  return { actor, partner: { ...own, state } }
}
