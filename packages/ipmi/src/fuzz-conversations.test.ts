import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { disableAccount, listAccounts, setAccount, verifyPassword } from './account-walk.ts'
import { ACCOUNT_COMMANDS, createAccountDevice } from './bmc-accounts.ts'
import { createDcmiDevice, DCMI_COMMANDS, observePower } from './bmc-dcmi.ts'
import { answerDevice, type DeviceTable } from './bmc-device.ts'
import { createLanDevice, LAN_COMMANDS } from './bmc-lan.ts'
import { createSelDevice, SEL_COMMANDS } from './bmc-sel.ts'
import { createSensorDevice, SENSOR_COMMANDS } from './bmc-sensors.ts'
import { createSolDevice, SOL_COMMANDS } from './bmc-sol.ts'
import { decodePayloadActivation } from './commands/payload.ts'
import { COMPLETION } from './completion-code.ts'
import type { Answer, Conversation } from './conversation.ts'
import { readExposure } from './exposure.ts'
import { readLanParameter, writeLanParameters } from './lan-walk.ts'
import { readPowerDraw, readPowerLimit, setPowerLimit } from './power-limit-walk.ts'
import { DATAGRAM_BYTES_MAX } from './rmcp.ts'
import { decodeSdrRecord, encodeSdrRecord } from './sdr-record.ts'
import { ALONE } from './sdr-sensor.ts'
import { readSdrRepository } from './sdr-walk.ts'
import { clearSel, readSel } from './sel-walk.ts'
import { listSensors, sweepSensors } from './sensor-sweep.ts'
import { activateSol, deactivateSol } from './sol-activation.ts'

const SEL_INFO = {
  entries: 2,
  freeBytes: 0,
  addedAtS: 1,
  erasedAtS: 0,
  overflow: false,
  reservable: true,
}
const ACCOUNT = { name: 'a', password: 'b', privilege: 'operator' } as const
/** A generous bound: the longest conversations read two thousand records in pieces of eight bytes. */
const ASKS_MAX = 200_000

/** Any answer: mostly "completed" with noise, sometimes a code that conversations act on. */
const answers: fc.Arbitrary<Answer> = fc.record({
  completionCode: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.constantFrom(...Object.values(COMPLETION)) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
  ),
  data: fc.uint8Array({ maxLength: 70 }),
})

function asksOf(conversation: Conversation<unknown>, given: readonly Answer[]): number {
  let asks = 0
  let step = conversation.next()
  while (step.done !== true) {
    const answer = given[asks % given.length]
    asks += 1
    if (asks > ASKS_MAX || answer === undefined) return Infinity
    step = conversation.next(answer)
  }
  expect(typeof step.value.ok).toBe('boolean')
  return asks
}

describe('a conversation with a BMC that answers rubbish', () => {
  const record = decodeSdrRecord(
    encodeSdrRecord(1, { kind: 'other', type: 9, body: new Uint8Array() }),
  )
  const conversations: readonly (readonly [string, () => Conversation<unknown>])[] = [
    ['sensor records', readSdrRepository],
    ['sensor list', () => listSensors(record.ok ? [record.value.record] : [])],
    ['event log', () => readSel()],
    ['clearing', () => clearSel(SEL_INFO)],
    ['activating', () => activateSol(true)],
    ['deactivating', deactivateSol],
    ['accounts', listAccounts],
    ['an account', () => setAccount(3, ACCOUNT)],
    ['switching off', () => disableAccount(3)],
    ['a password', () => verifyPassword(3, 'b')],
    ['a LAN parameter', () => readLanParameter(3)],
    ['LAN parameters', () => writeLanParameters(new Map([[3, new Uint8Array(4)]]))],
    ['logins', readExposure],
    ['draw', readPowerDraw],
    ['limit', readPowerLimit],
    ['limiting', () => setPowerLimit(100)],
  ]
  it.each(conversations)('ends by itself: %s', (_, start) => {
    fc.assert(
      fc.property(fc.array(answers, { minLength: 1, maxLength: 30 }), (given) => {
        expect(asksOf(start(), given)).toBeLessThan(ASKS_MAX)
      }),
      { numRuns: 150 },
    )
  })

  it('sweeps whatever sensors a record may describe', () => {
    const kind = fc.constantFrom(1, 2)
    const body = fc.uint8Array({ minLength: 60, maxLength: 64 })
    const given = fc.array(answers, { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(kind, body, given, (type, bytes, told) => {
        const read = decodeSdrRecord(Uint8Array.from([1, 0, 0x51, type, bytes.length, ...bytes]))
        if (!read.ok) return
        const { record: sensor } = read.value
        if (sensor.kind !== 'full' && sensor.kind !== 'compact') return
        const asked = { ...sensor, owner: 0x20, ownerLun: 0 }
        expect(asksOf(listSensors([asked]), told)).toBeLessThan(2)
        expect(asksOf(sweepSensors([{ sensor: asked, thresholds: {} }]), told)).toBeLessThan(3)
      }),
      { numRuns: 500 },
    )
  })

  it('reads sizes that make no sense as the least that works', () => {
    expect(decodePayloadActivation(new Uint8Array(3)).ok).toBe(false)
    const sizeless = { completionCode: 0, data: new Uint8Array(12) }
    const conversation = activateSol(false)
    conversation.next()
    expect(conversation.next(sizeless).value).toEqual({ ok: true, value: { charactersMax: 1 } })
  })
})

describe('the parts of a BMC', () => {
  const sensor = {
    kind: 'compact',
    owner: 0x20,
    ownerChannel: 0,
    ownerLun: 0,
    number: 1,
    entityId: 1,
    entityInstance: 1,
    sensorType: 8,
    eventType: 0x6f,
    name: 'PSU',
    unit: { percentage: false, base: 0, modifier: 0, modifierUse: 'none', rate: 0 },
    share: ALONE,
  } as const
  const lan = {
    address: new Uint8Array(4),
    subnetMask: new Uint8Array(4),
    gateway: new Uint8Array(4),
    mac: new Uint8Array(6),
    cipherSuites: [3, 17],
  } as const

  const hammered = <State>(table: DeviceTable<State>, start: State): void => {
    const keys = fc.constantFrom(...table.keys())
    const commands = fc.array(fc.tuple(keys, fc.uint8Array({ maxLength: 24 })), { maxLength: 20 })
    fc.assert(
      fc.property(commands, (asked) => {
        let state = start
        for (const [key, data] of asked) {
          const command = { netFn: key >> 8, command: key & 0xff, data }
          const who = { sessionId: 1, user: 'a', privilege: 'administrator' } as const
          const step = answerDevice(table, state, { ...command, ...who })
          expect(step?.answer.data.length).toBeLessThan(DATAGRAM_BYTES_MAX)
          state = step?.state ?? state
        }
      }),
      { numRuns: 150 },
    )
  }

  it('answer any data of any of their commands, one after the other', () => {
    hammered(SENSOR_COMMANDS, createSensorDevice([sensor], 0))
    hammered(SEL_COMMANDS, createSelDevice(4, 1_700_000_000))
    hammered(SOL_COMMANDS, createSolDevice(623))
    hammered(ACCOUNT_COMMANDS, createAccountDevice([]))
    hammered(LAN_COMMANDS, createLanDevice(lan))
    hammered(DCMI_COMMANDS, observePower(createDcmiDevice(0, 0), 100, 1, 1))
  })
})
