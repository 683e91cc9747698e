import { assert } from '@brickyard/std/assert'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerChassis, BLANK_BOOT_MEMORY } from './bmc-chassis.ts'
import { createBmc, stepBmc } from './bmc-machine.ts'
import { HANDSHAKES_MAX, type BmcConfig, type BmcState } from './bmc-state.ts'
import { clientWakesAtMs, createClient, stepClient } from './client-machine.ts'
import type { ClientConfig, ClientState } from './client-state.ts'
import { decodeBootFlags, decodeBootOption } from './commands/boot-options.ts'
import { chassisStatusRequest, decodeChassisStatus } from './commands/chassis-status.ts'
import { decodeChannelAuthCapabilities } from './commands/channel-auth-capabilities.ts'
import { decodeDeviceId } from './commands/device-id.ts'
import { decodeFruAreaInfo, decodeFruData } from './commands/fru-access.ts'
import { decodeSystemGuid } from './commands/system-guid.ts'
import { DATAGRAM_BYTES_MAX } from './rmcp.ts'

const RUNS = 500

const BMC: BmcConfig = {
  users: [{ name: 'admin', password: 'secret', privilege: 'administrator' }],
  guid: new Uint8Array(16).fill(7),
  cipherSuites: [3, 17],
  sessionsMax: 2,
}
const CLIENT: ClientConfig = {
  user: 'admin',
  password: 'secret',
  cipherSuite: 17,
  privilege: 'administrator',
  attemptTimeoutsMs: [1000, 2000],
  keepaliveMs: 25_000,
  idleCloseMs: 120_000,
}

const REQUEST = { id: 1, request: chassisStatusRequest(), repeat: 'harmless' } as const

/** How a datagram is mangled on its way: bytes changed, its end cut or lengthened. */
interface Mangling {
  readonly at: number
  readonly value: number
  readonly cut: number
  readonly tail: Uint8Array
}

const mangling: fc.Arbitrary<Mangling> = fc.record({
  at: fc.nat({ max: 200 }),
  value: fc.integer({ min: 0, max: 255 }),
  cut: fc.oneof(fc.constant(0), fc.nat({ max: 100 })),
  tail: fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ maxLength: 40 })),
})

function mangle(datagram: Uint8Array, how: Mangling): Uint8Array {
  const kept = datagram.slice(0, Math.max(0, datagram.length - how.cut))
  if (kept.length > 0) kept[how.at % kept.length] = how.value
  const whole = new Uint8Array(kept.length + how.tail.length)
  whole.set(kept)
  whole.set(how.tail, kept.length)
  return whole
}

const noise = fc.oneof(
  fc.uint8Array({ maxLength: 128 }),
  // A good start, so that noise reaches the inner layers.
  fc
    .tuple(fc.constantFrom(0, 6), fc.constantFrom(0, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0xc0))
    .chain(([auth, type]) =>
      fc
        .uint8Array({ maxLength: 100 })
        .map((rest) =>
          Uint8Array.from([
            6,
            0,
            255,
            7,
            auth,
            type,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            rest.length,
            0,
            ...rest,
          ]),
        ),
    ),
)

interface Hand {
  readonly toBmc: readonly (Mangling | undefined)[]
  readonly toClient: readonly (Mangling | undefined)[]
}

/**
 * A login and a request through a wire that mangles some datagrams, with a good copy behind each
 * mangled one: nothing may throw, and the good copies must still get the request answered.
 */
function mangledLogin(hand: Hand): boolean {
  let client: ClientState = createClient(CLIENT)
  let bmc: BmcState<number> = createBmc(BMC)
  let counter = 1
  const entropy = (): Uint8Array =>
    Uint8Array.from({ length: 32 }, () => (counter = (counter * 5 + 13) % 65_521) & 0xff)
  let answered = false
  const wire: { readonly toBmc: boolean; readonly datagram: Uint8Array }[] = []
  const carry = (toBmc: boolean, datagram: Uint8Array, nth: number): void => {
    const how = toBmc ? hand.toBmc[nth] : hand.toClient[nth]
    if (how !== undefined) wire.push({ toBmc, datagram: mangle(datagram, how) })
    wire.push({ toBmc, datagram })
  }
  const sent = { bmc: 0, client: 0 }
  const clientDoes = (event: Parameters<typeof stepClient>[1]): void => {
    const step = stepClient(client, event, 0)
    client = step.state
    for (const effect of step.effects) {
      if (effect.kind === 'send') carry(true, effect.datagram, sent.bmc++)
      if (effect.kind === 'answered') answered = true
    }
  }
  const bmcDoes = (event: Parameters<typeof stepBmc<number>>[1]): void => {
    const step = stepBmc(bmc, event, 0)
    bmc = step.state
    for (const effect of step.effects) {
      if (effect.kind === 'send') carry(false, effect.datagram, sent.client++)
      if (effect.kind === 'command') {
        const answer = { completionCode: 0, data: new Uint8Array(0) }
        bmcDoes({ kind: 'answer', ticket: effect.ticket, answer, entropy: entropy() })
      }
    }
  }
  const request = { ...REQUEST, deadlineMs: 9e9 }
  clientDoes({ kind: 'request', request, entropy: entropy() })
  for (let carried = 0; wire.length > 0; carried++) {
    assert(carried < 1000, 'the two talk for ever')
    const next = wire.shift()
    assert(next !== undefined, 'the wire is not empty')
    const { datagram, toBmc } = next
    if (toBmc) bmcDoes({ kind: 'datagram', datagram, from: 1, entropy: entropy() })
    else clientDoes({ kind: 'datagram', datagram, entropy: entropy() })
  }
  return answered
}

describe('mangled datagrams', () => {
  it('never make the BMC throw or keep more than its bounds', () => {
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 40 }), (datagrams) => {
        let state: BmcState<number> = createBmc(BMC)
        for (const [at, datagram] of datagrams.entries()) {
          const entropy = new Uint8Array(32).fill(at + 1)
          const step = stepBmc(state, { kind: 'datagram', datagram, from: at, entropy }, at)
          state = step.state
          expect(state.handshakes.size).toBeLessThanOrEqual(HANDSHAKES_MAX)
          expect(state.sessions.size).toBe(0)
          for (const effect of step.effects) {
            assert(effect.kind === 'send', 'noise is no command')
            expect(effect.datagram.length).toBeLessThanOrEqual(DATAGRAM_BYTES_MAX)
          }
        }
      }),
      { numRuns: RUNS / 5 },
    )
  })

  it('never make the client throw, whatever it is waiting for', () => {
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 30 }), (datagrams) => {
        let state = createClient(CLIENT)
        const entropy = new Uint8Array(32).fill(5)
        const request = { ...REQUEST, deadlineMs: 1e6 }
        state = stepClient(state, { kind: 'request', request, entropy }, 0).state
        for (const datagram of datagrams) {
          state = stepClient(state, { kind: 'datagram', datagram, entropy }, 0).state
        }
        expect(clientWakesAtMs(state)).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: RUNS / 5 },
    )
  })

  it('never throw during a login, and only unsealed ones can cost the answer', () => {
    const some = fc.array(fc.option(mangling, { nil: undefined }), { maxLength: 8 })
    // What is not sealed can be forged into a refusal: only the first four messages are like that.
    fc.assert(
      fc.property(some, some, (toBmc, toClient) => {
        const answered = mangledLogin({ toBmc, toClient })
        const touchedLogin = [...toBmc.slice(0, 4), ...toClient.slice(0, 4)].some((m) => m)
        expect(answered || touchedLogin).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })

  it('of sealed packets alone never cost the answer', () => {
    const sealed = fc.array(mangling, { minLength: 2, maxLength: 2 })
    const untouched = [undefined, undefined, undefined, undefined]
    fc.assert(
      fc.property(sealed, sealed, (toBmc, toClient) => {
        const hand = { toBmc: [...untouched, ...toBmc], toClient: [...untouched, ...toClient] }
        expect(mangledLogin(hand)).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })
})

describe('any bytes', () => {
  const view = {
    power: 'on',
    bootOverride: true,
    identify: 'off',
    restorePolicy: 'as-before',
    deviceId: {
      deviceId: 1,
      deviceRevision: 1,
      firmwareMajor: 1,
      firmwareMinor: 1,
      updating: false,
      manufacturerId: 1,
      productId: 1,
      auxiliaryFirmware: new Uint8Array(4),
    },
    fru: new Uint8Array(64),
    boot: BLANK_BOOT_MEMORY,
  } as const

  it('as the data of any command get an answer from the chassis', () => {
    const netFn = fc.constantFrom(0x00, 0x06, 0x0a, 0x2c)
    const command = fc.integer({ min: 0, max: 0x3f })
    fc.assert(
      fc.property(netFn, command, fc.uint8Array({ maxLength: 24 }), (netFn, command, data) => {
        const who = { sessionId: 1, privilege: 'administrator', user: 'admin' } as const
        const asked = { ...who, netFn, command, data }
        const { answer } = answerChassis(view, asked)
        expect(answer.data.length).toBeLessThan(DATAGRAM_BYTES_MAX)
      }),
      { numRuns: RUNS },
    )
  })

  it('as an answer are read or refused by every decoder', () => {
    const decoders = [
      decodeBootFlags,
      decodeBootOption,
      decodeChannelAuthCapabilities,
      decodeChassisStatus,
      decodeDeviceId,
      decodeFruAreaInfo,
      decodeSystemGuid,
      (data: Uint8Array) => decodeFruData(data, false),
      (data: Uint8Array) => decodeFruData(data, true),
    ]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
        for (const decode of decoders) expect(typeof decode(data).ok).toBe('boolean')
      }),
      { numRuns: RUNS },
    )
  })
})
