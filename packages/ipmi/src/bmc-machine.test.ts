import { assert } from '@brickyard/std/assert'
import { describe, expect, it } from 'vitest'
import { encodeAsfPing, encodeAsfPong } from './asf-ping.ts'
import { createBmc, stepBmc } from './bmc-machine.ts'
import {
  HANDSHAKE_LIFE_MS,
  HANDSHAKES_MAX,
  SESSION_LIFE_MS,
  type BmcAnswer,
  type BmcState,
} from './bmc-state.ts'
import { cipherSuite } from './cipher-suite.ts'
import { chassisControlRequest } from './commands/chassis-control.ts'
import { chassisStatusRequest } from './commands/chassis-status.ts'
import { closeSessionRequest } from './commands/close-session.ts'
import type { CommandRequest } from './commands/command.ts'
import { sessionPrivilegeRequest } from './commands/session-privilege.ts'
import { systemGuidRequest } from './commands/system-guid.ts'
import { COMPLETION } from './completion-code.ts'
import { decodeResponse, encodeRequest, type IpmiResponse } from './message.ts'
import { decodeOpenSessionResponse, encodeOpenSessionRequest } from './open-session.ts'
import { decodePacket, encodeHandshake, encodeRmcpPlus, encodeV15, PAYLOAD } from './packet.ts'
import { seal, unseal } from './protection.ts'
import { decodeRakp2, decodeRakp4, encodeRakp1, encodeRakp3 } from './rakp.ts'
import { decodeRmcp, encodeRmcp } from './rmcp.ts'
import {
  paddedSecret,
  rakp3Code,
  sessionKeys,
  type KeyExchange,
  type SessionKeys,
} from './session-keys.ts'

const SUITE = cipherSuite(17)
const USERS = [
  { name: 'admin', password: 'secret', privilege: 'administrator' },
  { name: 'guest', password: 'guest', privilege: 'user' },
] as const

/** A console that says exactly what a test wants, to a BMC machine. */
function setup(sessionsMax = 2) {
  let state: BmcState<string> = createBmc({
    users: USERS,
    guid: new Uint8Array(16).fill(7),
    cipherSuites: [17],
    sessionsMax,
  })
  let ids = 0
  const entropy = (): Uint8Array => new Uint8Array(32).fill(++ids)
  const world = {
    nowMs: 0,
    tickets: [] as number[],
    state: () => state,
    say(datagram: Uint8Array): Uint8Array[] {
      const event = { kind: 'datagram', datagram, from: 'console', entropy: entropy() } as const
      return take(stepBmc(state, event, world.nowMs))
    },
    answer(ticket: number, answer: BmcAnswer): Uint8Array[] {
      return take(
        stepBmc(state, { kind: 'answer', ticket, answer, entropy: entropy() }, world.nowMs),
      )
    },
  }
  function take(step: ReturnType<typeof stepBmc<string>>): Uint8Array[] {
    state = step.state
    return step.effects.flatMap((effect) => {
      if (effect.kind === 'send') return [effect.datagram]
      if (effect.kind === 'command') world.tickets.push(effect.ticket)
      return []
    })
  }
  return world
}
type World = ReturnType<typeof setup>

function packetIn(datagrams: readonly Uint8Array[]) {
  const [datagram] = datagrams
  assert(datagram !== undefined, 'something was answered')
  const rmcp = decodeRmcp(datagram)
  const packet = rmcp.ok ? decodePacket(rmcp.value.body) : rmcp
  assert(packet.ok, 'the answer is a packet')
  return packet.value
}

const handshake = (type: number, payload: Uint8Array): Uint8Array =>
  encodeRmcp('ipmi', encodeHandshake(type, payload))

const openRequest = (consoleSessionId: number, algorithms = SUITE): Uint8Array =>
  handshake(
    PAYLOAD.openSessionRequest,
    encodeOpenSessionRequest({ tag: 9, privilege: 4, consoleSessionId, algorithms }),
  )

function open(world: World, consoleSessionId = 0x1234): number {
  const answers = world.say(openRequest(consoleSessionId))
  const answer = decodeOpenSessionResponse(packetIn(answers).payload)
  assert(answer.ok && answer.value.kind === 'opened', 'the session opens')
  return answer.value.bmcSessionId
}

interface Console {
  readonly bmcSessionId: number
  readonly keys: SessionKeys
  sequence: number
}

/** The exchange up to RAKP 2. */
function challenge(world: World, user: string, password: string, role = 0x14) {
  const bmcSessionId = open(world)
  const consoleRandom = new Uint8Array(16).fill(0x55)
  const rakp1 = encodeRakp1({ tag: 1, bmcSessionId, consoleRandom, role, user })
  const answers = world.say(handshake(PAYLOAD.rakp1, rakp1))
  const rakp2 = decodeRakp2(packetIn(answers).payload, SUITE.hmacBytes)
  assert(rakp2.ok, 'RAKP 2 is read')
  const message = rakp2.value
  if (message.kind === 'refused') return { status: message.status }
  const { bmcRandom, bmcGuid } = message
  const known = { consoleSessionId: 0x1234, bmcSessionId, consoleRandom, bmcRandom, bmcGuid }
  const exchange: KeyExchange = { ...known, role, user }
  const code = rakp3Code(SUITE, paddedSecret(password), exchange)
  return { exchange, rakp3: encodeRakp3({ tag: 2, status: 0, bmcSessionId, code }) }
}

function login(world: World, user = 'admin', password = 'secret', role = 0x14): Console {
  const challenged = challenge(world, user, password, role)
  assert('exchange' in challenged && challenged.exchange !== undefined, 'RAKP 2 challenges')
  const { exchange, rakp3 } = challenged
  const answers = world.say(handshake(PAYLOAD.rakp3, rakp3))
  const rakp4 = decodeRakp4(packetIn(answers).payload, SUITE.integrityCheckBytes)
  assert(rakp4.ok && rakp4.value.kind === 'active', 'the login succeeds')
  const keys = sessionKeys(SUITE, paddedSecret(password), exchange)
  return { bmcSessionId: exchange.bmcSessionId, keys, sequence: 0 }
}

function sealedRequest(
  console: Console,
  request: CommandRequest,
  requesterSequence: number,
  sequence = ++console.sequence,
): Uint8Array {
  const body = seal(SUITE, console.keys, {
    payloadType: PAYLOAD.ipmi,
    sessionId: console.bmcSessionId,
    sequence,
    payload: encodeRequest({ ...request, requesterSequence }),
    iv: new Uint8Array(16).fill(3),
  })
  return encodeRmcp('ipmi', body)
}

function responseIn(console: Console, datagrams: readonly Uint8Array[]): IpmiResponse {
  const packet = packetIn(datagrams)
  assert(packet.kind === 'rmcp-plus', 'the answer is sealed')
  const payload = unseal(SUITE, console.keys, packet)
  const response = payload.ok ? decodeResponse(payload.value) : payload
  assert(response.ok, 'the answer opens')
  return response.value
}

const ask = (world: World, console: Console, request: CommandRequest, nth = console.sequence + 1) =>
  responseIn(console, world.say(sealedRequest(console, request, nth & 0x3f)))

describe('login', () => {
  it('answers a presence ping', () => {
    expect(setup().say(encodeAsfPing(42))).toEqual([encodeAsfPong(42)])
  })

  it('refuses a cipher suite it was not given', () => {
    const answers = setup().say(openRequest(1, cipherSuite(3)))
    expect(decodeOpenSessionResponse(packetIn(answers).payload)).toMatchObject({
      value: { kind: 'refused', status: 0x11 },
    })
  })

  it('refuses an unknown user and a role above the user', () => {
    expect(challenge(setup(), 'nobody', 'x')).toEqual({ status: 0x0d })
    expect(challenge(setup(), 'guest', 'guest')).toEqual({ status: 0x0a })
    expect(challenge(setup(), 'guest', 'guest', 0x04)).toEqual({ status: 0x0d })
  })

  it('refuses a wrong password at RAKP 3 and forgets the login', () => {
    const world = setup()
    const challenged = challenge(world, 'admin', 'wrong')
    assert(challenged.rakp3 !== undefined, 'RAKP 2 challenges')
    const refused = packetIn(world.say(handshake(PAYLOAD.rakp3, challenged.rakp3)))
    expect(decodeRakp4(refused.payload, 16)).toMatchObject({ value: { status: 0x0f } })
    expect(world.state().handshakes.size).toBe(0)
    const again = packetIn(world.say(handshake(PAYLOAD.rakp3, challenged.rakp3)))
    expect(decodeRakp4(again.payload, 16)).toMatchObject({ value: { status: 0x08 } })
  })

  it('holds no more sessions than it has, and gives room when one is closed or has fallen silent', () => {
    const world = setup(1)
    const first = login(world)
    const full = decodeOpenSessionResponse(packetIn(world.say(openRequest(2))).payload)
    expect(full).toMatchObject({ value: { kind: 'refused', status: 0x01 } })
    expect(ask(world, first, closeSessionRequest(first.bmcSessionId)).completionCode).toBe(0)
    expect(world.state().sessions.size).toBe(0)
    login(world)
    world.nowMs += SESSION_LIFE_MS
    login(world)
    expect(world.state().sessions.size).toBe(1)
  })

  it('lets a flood of logins push out the oldest only, and forgets the unfinished', () => {
    const world = setup()
    for (let n = 1; n <= HANDSHAKES_MAX + 5; n++) open(world, n)
    expect(world.state().handshakes.size).toBe(HANDSHAKES_MAX)
    world.nowMs += HANDSHAKE_LIFE_MS
    world.say(encodeAsfPing(1))
    expect(world.state().handshakes.size).toBe(0)
  })

  it('answers without a session only what is public', () => {
    const world = setup()
    const sessionless = (request: CommandRequest) => {
      const payload = encodeRequest({ ...request, requesterSequence: 5 })
      const answer = decodeResponse(
        packetIn(world.say(encodeRmcp('ipmi', encodeV15(payload)))).payload,
      )
      assert(answer.ok, 'it is answered')
      return answer.value
    }
    expect(sessionless(systemGuidRequest())).toMatchObject({
      completionCode: 0,
      requesterSequence: 5,
      data: new Uint8Array(16).fill(7),
    })
    expect(sessionless(chassisControlRequest('off')).completionCode).toBe(
      COMPLETION.insufficientPrivilege,
    )
    expect(world.tickets).toEqual([])
  })
})

describe('session', () => {
  it('takes a packet once, and none that is not sealed', () => {
    const world = setup()
    const console = login(world)
    const datagram = sealedRequest(console, sessionPrivilegeRequest('administrator'), 1)
    expect(world.say(datagram)).toHaveLength(1)
    expect(world.say(datagram)).toHaveLength(0)
    const payload = encodeRequest({ ...chassisControlRequest('off'), requesterSequence: 2 })
    const { bmcSessionId } = console
    const plain = { payloadType: PAYLOAD.ipmi, sealed: false, sequence: 2, payload }
    const naked = encodeRmcpPlus({ ...plain, sessionId: bmcSessionId })
    expect(world.say(encodeRmcp('ipmi', naked))).toHaveLength(0)
    expect(world.tickets).toEqual([])
  })

  it('hands a repeated request to the chassis once and answers both', () => {
    const world = setup()
    const console = login(world)
    const request = chassisControlRequest('cycle')
    expect(world.say(sealedRequest(console, request, 7))).toEqual([])
    expect(world.say(sealedRequest(console, request, 7))).toEqual([])
    const other = responseIn(console, world.say(sealedRequest(console, chassisStatusRequest(), 8)))
    expect(other.completionCode).toBe(COMPLETION.nodeBusy)
    expect(world.tickets).toEqual([1])
    const answer = { completionCode: 0, data: new Uint8Array(0) }
    expect(responseIn(console, world.answer(1, answer)).requesterSequence).toBe(7)
    expect(world.answer(1, answer)).toEqual([])
    const again = responseIn(console, world.say(sealedRequest(console, request, 7)))
    expect(again).toMatchObject({ completionCode: 0, command: request.command })
    expect(world.tickets).toEqual([1])
  })

  it('starts with few rights and grants no more than the user has', () => {
    const world = setup()
    const guest = login(world, 'guest', 'guest', 0x12)
    expect(ask(world, guest, sessionPrivilegeRequest('administrator')).completionCode).toBe(0x81)
    expect(ask(world, guest, sessionPrivilegeRequest('user')).completionCode).toBe(0)
    expect(ask(world, guest, closeSessionRequest(99)).completionCode).toBe(
      COMPLETION.invalidSession,
    )
  })

  it('drops an answer for a session that is gone', () => {
    const world = setup()
    const console = login(world)
    world.say(sealedRequest(console, chassisStatusRequest(), 1))
    world.nowMs += SESSION_LIFE_MS
    expect(world.answer(1, { completionCode: 0, data: new Uint8Array(0) })).toEqual([])
  })
})
