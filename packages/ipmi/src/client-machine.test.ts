import { assert } from '@brickyard/std/assert'
import { describe, expect, it } from 'vitest'
import { createBmc, stepBmc } from './bmc-machine.ts'
import { SESSION_LIFE_MS, type BmcState } from './bmc-state.ts'
import { createClient, clientWakesAtMs, stepClient } from './client-machine.ts'
import {
  QUEUE_REQUESTS_MAX,
  type ClientConfig,
  type ClientEffect,
  type ClientEvent,
} from './client-state.ts'
import { CIPHER_SUITE_IDS } from './cipher-suite.ts'
import { chassisControlRequest } from './commands/chassis-control.ts'
import { chassisStatusRequest } from './commands/chassis-status.ts'
import type { CommandRequest } from './commands/command.ts'
import { REQUESTER_SEQUENCES } from './message.ts'

const CONFIG: ClientConfig = {
  user: 'admin',
  password: 'secret',
  cipherSuite: 17,
  privilege: 'administrator',
  attemptTimeoutsMs: [1000, 2000, 4000],
  keepaliveMs: 25_000,
  idleCloseMs: 120_000,
}

type Plain<E> = E extends unknown ? Omit<E, 'entropy'> : never

/**
 * Both machines joined by a wire that a test can cut, in time that a test lets pass. The BMC
 * answers every command with success and its number.
 */
function joined(config: Partial<ClientConfig> = {}, sessionsMax = 4) {
  let client = createClient({ ...CONFIG, ...config })
  const fresh = (): BmcState<'console'> =>
    createBmc({
      users: [
        { name: 'admin', password: 'secret', privilege: 'administrator' },
        { name: 'guest', password: 'guest', privilege: 'user' },
      ],
      guid: new Uint8Array(16).fill(7),
      cipherSuites: [3, 17],
      sessionsMax,
    })
  let bmc = fresh()
  let counter = 0
  const entropy = (): Uint8Array =>
    Uint8Array.from({ length: 32 }, () => {
      counter = (counter * 5 + 13) % 65_521
      return counter & 0xff
    })
  const world = {
    nowMs: 0,
    /** Decides about each datagram: how many copies arrive. */
    toBmc: (_datagram: Uint8Array): number => 1,
    toClient: (_datagram: Uint8Array): number => 1,
    commands: [] as number[],
    sent: 0,
    outcomes: [] as Exclude<ClientEffect, { kind: 'send' | 'session-ended' }>[],
    endedSessions: 0,
    sessions: () => bmc.sessions.size,
    link: () => client.link.phase,
    restartBmc: () => void (bmc = fresh()),
    do(event: Plain<ClientEvent>): void {
      const step = stepClient(client, { ...event, entropy: entropy() }, world.nowMs)
      client = step.state
      for (const effect of step.effects) {
        if (effect.kind === 'session-ended') world.endedSessions += 1
        else if (effect.kind !== 'send') world.outcomes.push(effect)
        else for (let n = world.toBmc(effect.datagram); n > 0; n--) deliver(effect.datagram)
        if (effect.kind === 'send') world.sent += 1
      }
    },
    ask(
      id: number,
      request: CommandRequest,
      repeat: 'harmless' | 'never' = 'harmless',
      ms = 60_000,
    ) {
      world.do({ kind: 'request', request: { id, request, repeat, deadlineMs: world.nowMs + ms } })
    },
    /** Lets time pass, ticking the client when it wants to be. */
    pass(ms: number): void {
      const endMs = world.nowMs + ms
      for (let ticks = 0; ; ticks++) {
        assert(ticks < 1000, 'the client wants ticks without end')
        const wakeMs = clientWakesAtMs(client)
        if (wakeMs === undefined || wakeMs > endMs) break
        world.nowMs = Math.max(world.nowMs, wakeMs)
        world.do({ kind: 'tick' })
      }
      world.nowMs = endMs
    },
  }
  function deliver(datagram: Uint8Array): void {
    let events: Parameters<typeof stepBmc<'console'>>[1][] = [
      { kind: 'datagram', datagram, from: 'console', entropy: entropy() },
    ]
    while (events.length > 0) {
      const [event, ...rest] = events
      events = rest
      assert(event !== undefined, 'an event is there')
      const step = stepBmc(bmc, event, world.nowMs)
      bmc = step.state
      for (const effect of step.effects) {
        if (effect.kind === 'command') {
          world.commands.push(effect.command.command)
          const data = new Uint8Array([effect.command.command])
          const answer = { completionCode: 0, data }
          events.push({ kind: 'answer', ticket: effect.ticket, answer, entropy: entropy() })
        } else if (effect.kind === 'send') {
          for (let n = world.toClient(effect.datagram); n > 0; n--) {
            world.do({ kind: 'datagram', datagram: effect.datagram })
          }
        }
      }
    }
  }
  return world
}

const STATUS = chassisStatusRequest()
const answered = (id: number, command: number) => ({
  kind: 'answered',
  id,
  completionCode: 0,
  data: new Uint8Array([command]),
})
const failure = (id: number, kind: string) => ({ kind: 'failed', id, fault: { kind } })

/** Lets a number of datagrams through, then none. */
const only = (count: number) => {
  let left = count
  return () => (left-- > 0 ? 1 : 0)
}
/** Loses a number of datagrams, then none. */
const afterLosing = (count: number) => {
  let left = count
  return () => (left-- > 0 ? 0 : 1)
}

describe('a session', () => {
  it.each(CIPHER_SUITE_IDS)(
    'is opened by the first request with suite %i and kept',
    (cipherSuite) => {
      const w = joined({ cipherSuite })
      w.ask(1, STATUS)
      // Capabilities, Open Session, RAKP 1, RAKP 3, privilege, the request itself.
      expect(w.sent).toBe(6)
      w.ask(2, STATUS)
      expect(w.sent).toBe(7)
      expect(w.outcomes).toEqual([answered(1, 1), answered(2, 1)])
      expect(w.sessions()).toBe(1)
    },
  )

  it('is kept alive, and closed when nobody has used it for long', () => {
    const w = joined()
    w.ask(1, STATUS)
    w.pass(SESSION_LIFE_MS + 30_000)
    expect(w.sessions()).toBe(1)
    expect(w.commands.slice(1)).toEqual([0x01, 0x01, 0x01])
    w.pass(60_000)
    expect(w.sessions()).toBe(0)
    expect(w.link()).toBe('idle')
    const sent = w.sent
    w.pass(600_000)
    expect(w.sent).toBe(sent)
  })

  it('is given back by close, and everything waiting fails', () => {
    const w = joined()
    w.ask(1, STATUS)
    w.do({ kind: 'close' })
    expect(w.sessions()).toBe(0)
    expect(w.outcomes.at(-1)).toEqual({ kind: 'closed' })
    w.ask(2, STATUS)
    expect(w.outcomes.at(-1)).toMatchObject(failure(2, 'refused'))
  })

  it('ends by close within one attempt when the BMC is dead', () => {
    const w = joined()
    w.ask(1, STATUS)
    w.toBmc = () => 0
    w.ask(2, STATUS)
    w.do({ kind: 'close' })
    w.pass(1000)
    expect(w.outcomes.slice(1)).toMatchObject([failure(2, 'refused'), { kind: 'closed' }])
  })

  it('is opened anew when the BMC has forgotten it', () => {
    const w = joined()
    w.ask(1, STATUS)
    w.restartBmc()
    w.ask(2, STATUS)
    w.pass(7000)
    expect(w.outcomes).toEqual([answered(1, 1), answered(2, 1)])
  })
})

describe('loss', () => {
  it.each([0, 1, 2, 3, 4, 5])('of the first sending of message %i is made good', (at) => {
    const w = joined()
    let sent = 0
    w.toBmc = () => (sent++ === at ? 0 : 1)
    w.ask(1, STATUS)
    w.pass(1000)
    expect(w.outcomes).toEqual([answered(1, 1)])
  })

  it.each([0, 1, 2, 3, 4, 5])(
    'of the answer to message %i is made good, nothing done twice',
    (at) => {
      const w = joined()
      let answers = 0
      w.toClient = () => (answers++ === at ? 0 : 1)
      w.ask(1, STATUS)
      w.pass(1000)
      expect(w.outcomes).toEqual([answered(1, 1)])
      expect(w.commands).toEqual([0x01])
      expect(w.sessions()).toBe(1)
    },
  )

  it('of nothing, but every datagram twice, does nothing twice', () => {
    const w = joined()
    w.toBmc = () => 2
    w.toClient = () => 2
    w.ask(1, STATUS)
    w.ask(2, chassisControlRequest('cycle'), 'never')
    w.pass(30_000)
    expect(w.outcomes).toEqual([answered(1, 1), answered(2, 2)])
    expect(w.commands.filter((command) => command === 2)).toHaveLength(1)
  })

  it('of everything ends as unreachable after the last attempt', () => {
    const w = joined()
    w.toBmc = () => 0
    w.ask(1, STATUS)
    w.pass(6999)
    expect(w.outcomes).toEqual([])
    w.pass(1)
    expect(w.outcomes).toMatchObject([failure(1, 'unreachable')])
    expect(w.sent).toBe(3)
  })

  it.each([1, 2, 3, 4])('of everything after answer %i ends as a timeout', (answers) => {
    const w = joined()
    w.toClient = only(answers)
    w.ask(1, STATUS)
    w.pass(7000)
    expect(w.outcomes).toMatchObject([failure(1, 'timeout')])
  })

  it('never repeats what must be done once, and says that it must be read back', () => {
    const w = joined()
    w.ask(1, STATUS)
    w.toClient = () => 0
    const sent = w.sent
    w.ask(2, chassisControlRequest('cycle'), 'never')
    w.pass(60_000)
    expect(w.outcomes[1]).toMatchObject(failure(2, 'timeout'))
    expect(w.sent).toBe(sent + 1)
    expect(w.commands.filter((command) => command === 2)).toHaveLength(1)
  })

  it('repeats with a fresh sequence number, so that the window takes it', () => {
    const w = joined()
    w.ask(1, STATUS)
    const sequences: number[] = []
    const drop = afterLosing(2)
    w.toBmc = (datagram) => {
      sequences.push(new DataView(datagram.slice().buffer).getUint32(10, true))
      return drop()
    }
    w.ask(2, STATUS)
    w.pass(3000)
    expect(sequences).toEqual([3, 4, 5])
    expect(w.outcomes[1]).toEqual(answered(2, 1))
  })
})

describe('refusals', () => {
  it('tells a wrong password at once, and leaves no half-open session', () => {
    const w = joined({ password: 'wrong' })
    w.ask(1, STATUS)
    expect(w.outcomes).toMatchObject([failure(1, 'auth')])
    expect(w.link()).toBe('idle')
    expect(w.sessions()).toBe(0)
  })

  it('gives a BMC that does not know the password no code to crack', () => {
    const w = joined({ password: 'wrong' })
    let last = new Uint8Array(0)
    w.toBmc = (datagram) => {
      last = datagram.slice()
      return 1
    }
    w.ask(1, STATUS)
    // RMCP and session headers, then RAKP 3: tag, status "invalid integrity check", session id, no code.
    expect(last[5]).toBe(0x14)
    expect(last[17]).toBe(0x0f)
    expect(last.length).toBe(16 + 8)
  })

  it('tells an unknown user', () => {
    const w = joined({ user: 'nobody' })
    w.ask(1, STATUS)
    expect(w.outcomes).toMatchObject([failure(1, 'auth')])
  })

  it('tells a user who may not become administrator', () => {
    const w = joined({ user: 'guest', password: 'guest' })
    w.ask(1, STATUS)
    expect(w.outcomes).toMatchObject([failure(1, 'auth')])
  })

  it('tells a wrong BMC key by RAKP 4', () => {
    const w = joined({ bmcKey: 'another key' })
    w.ask(1, STATUS)
    expect(w.outcomes).toMatchObject([failure(1, 'auth')])
  })

  it('tells a BMC whose sessions are all taken', () => {
    const w = joined({}, 0)
    w.ask(1, STATUS)
    expect(w.outcomes).toMatchObject([failure(1, 'refused')])
  })

  it('tries again with the next request', () => {
    const w = joined()
    w.toBmc = () => 0
    w.ask(1, STATUS)
    w.pass(7000)
    w.toBmc = () => 1
    w.ask(2, STATUS)
    expect(w.outcomes[1]).toEqual(answered(2, 1))
  })
})

describe('bounds', () => {
  it('ends a request at its deadline, in the air and in the queue', () => {
    const w = joined()
    w.toBmc = () => 0
    w.ask(1, STATUS, 'harmless', 500)
    w.ask(2, STATUS, 'harmless', 700)
    w.pass(500)
    expect(w.outcomes).toMatchObject([failure(1, 'timeout')])
    w.pass(200)
    expect(w.outcomes[1]).toMatchObject(failure(2, 'timeout'))
    w.ask(3, STATUS, 'harmless', 0)
    expect(w.outcomes[2]).toMatchObject(failure(3, 'timeout'))
  })

  it('takes no late answer for that of the next request', () => {
    const w = joined()
    w.ask(1, STATUS)
    const kept: Uint8Array[] = []
    w.toClient = (datagram) => {
      kept.push(datagram)
      return 0
    }
    w.ask(2, STATUS, 'harmless', 500)
    w.pass(500)
    w.toBmc = () => 0
    w.ask(3, STATUS)
    for (const datagram of kept) w.do({ kind: 'datagram', datagram })
    expect(w.outcomes.slice(1)).toMatchObject([failure(2, 'timeout')])
    w.toBmc = () => 1
    w.toClient = () => 1
    w.pass(1000)
    expect(w.outcomes.at(-1)).toEqual(answered(3, 1))
  })

  it('takes no old answer again when requester numbers come round', () => {
    const w = joined()
    let old: Uint8Array | undefined
    w.ask(0, STATUS)
    w.toClient = (datagram) => {
      old ??= datagram
      return 1
    }
    for (let id = 1; id <= REQUESTER_SEQUENCES; id++) w.ask(id, STATUS)
    expect(w.outcomes).toHaveLength(REQUESTER_SEQUENCES + 1)
    w.toBmc = () => 0
    w.ask(999, STATUS)
    assert(old !== undefined, 'an answer was kept')
    w.do({ kind: 'datagram', datagram: old })
    expect(w.outcomes).toHaveLength(REQUESTER_SEQUENCES + 1)
  })

  it('refuses more than a queue full', () => {
    const w = joined()
    w.toBmc = () => 0
    for (let id = 0; id <= QUEUE_REQUESTS_MAX; id++) w.ask(id, STATUS)
    expect(w.outcomes).toMatchObject([failure(QUEUE_REQUESTS_MAX, 'refused')])
  })
})
