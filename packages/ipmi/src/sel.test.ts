import { fromHex } from '@brickyard/std/hex'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerDevice } from './bmc-device.ts'
import { createSelDevice, logEvent, SEL_COMMANDS, type SelDevice } from './bmc-sel.ts'
import type { CommandRequest } from './commands/command.ts'
import {
  addSelEntryRequest,
  GET_SEL_ENTRY,
  selTimeRequest,
  setSelTimeRequest,
} from './commands/sel.ts'
import { COMPLETION } from './completion-code.ts'
import { converse, type Answer } from './conversation.ts'
import { decodeSelRecord, encodeSelRecord, selTime, type SelRecord } from './sel-record.ts'
import { clearSel, readSel, type SelContent } from './sel-walk.ts'
import { describeSel, indexSensors } from './sel-words.ts'

function bytes(hex: string): Uint8Array {
  const read = fromHex(hex.replace(/#.*$/gm, ''))
  if (!read.ok) throw new Error(read.error)
  return read.value
}

const HOT = `
07 00 02        # record 7, system event
00 10 5e 65     # 22 November 2023 14:28:16
20 00 04        # from the BMC, event format of IPMI 2.0
01 01 01        # temperature, sensor 1, threshold event, asserted
59 61 60        # upper critical going high; reading 0x61, threshold 0x60`

const INLET = {
  kind: 'full',
  owner: 0x20,
  ownerChannel: 0,
  ownerLun: 0,
  number: 1,
  entityId: 55,
  entityInstance: 1,
  sensorType: 1,
  eventType: 1,
  name: 'Inlet',
  unit: { percentage: false, base: 1, modifier: 0, modifierUse: 'none', rate: 0 },
  factors: {
    format: 'unsigned',
    linearization: 'linear',
    m: 1,
    b: 0,
    bExponent: 0,
    resultExponent: 0,
    tolerance: 0,
  },
  thresholds: {},
  settable: 0,
  hysteresis: { positive: 0, negative: 0 },
} as const

function record(hex: string): SelRecord {
  const read = decodeSelRecord(bytes(hex))
  if (!read.ok) throw new Error(read.error)
  return read.value
}

describe('event records', () => {
  it('are read and written byte for byte', () => {
    expect(record(HOT)).toMatchObject({
      kind: 'event',
      recordId: 7,
      sensorNumber: 1,
      asserted: true,
      offset: 9,
    })
    const timed = '01 00 c5 00 10 5e 65 57 01 00 01 02 03 04 05 06'
    expect(record(timed)).toMatchObject({ kind: 'oem', manufacturerId: 0x157, atS: 0x655e1000 })
    const timeless = '02 00 e1 00 01 02 03 04 05 06 07 08 09 0a 0b 0c'
    expect(record(timeless)).toMatchObject({ kind: 'oem', atS: undefined })
    for (const hex of [HOT, timed, timeless])
      expect(encodeSelRecord(record(hex))).toEqual(bytes(hex))
    expect(decodeSelRecord(bytes('02 00 77' + ' 00'.repeat(13)))).toMatchObject({ ok: false })
  })

  it('have times that count from 1970, from the start of the BMC, or not at all', () => {
    expect(selTime(0x655e1000)).toEqual({ kind: 'since-1970', seconds: 0x655e1000 })
    expect(selTime(90)).toEqual({ kind: 'since-start', seconds: 90 })
    expect(selTime(0xffffffff)).toEqual({ kind: 'unknown' })
  })

  it('become words', () => {
    const words = (hex: string) => describeSel(record(hex), indexSensors([INLET]))
    expect(words(HOT)).toEqual({
      text: "temperature 'Inlet': upper critical going high, reading 97 °C, threshold 96 °C",
      severity: 'critical',
    })
    const head = '01 00 02 00 00 00 00 20 00 04'
    expect(words(`${head} 08 20 6f 03 ff ff`)).toEqual({
      text: 'power supply #0x20: input lost',
      severity: 'critical',
    })
    expect(words(`${head} 08 20 ef 03 ff ff`)).toEqual({
      text: 'power supply #0x20: input lost (no longer)',
      severity: 'ok',
    })
    expect(words(`${head} 0c 05 6f a0 00 03`).text).toBe(
      'memory #0x05: correctable ECC error, data 00 03',
    )
    expect(words(`${head} 10 ff 6f 02 ff ff`).text).toBe('event logging #0xff: log cleared')
    expect(words(`${head} 0d 05 07 02 ff ff`)).toEqual({
      text: 'drive slot #0x05: critical',
      severity: 'critical',
    })
    expect(words(`${head} c3 05 72 02 11 22`)).toEqual({
      text: 'OEM 0xc3 #0x05: event type 0x72 data 02 11 22',
      severity: 'unknown',
    })
    expect(words('01 00 c5 00 10 5e 65 57 01 00 01 02 03 04 05 06').severity).toBe('unknown')
  })

  it('give words for any record', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (raw) => {
        const read = decodeSelRecord(raw)
        if (read.ok) expect(describeSel(read.value, indexSensors([INLET])).text).not.toBe('')
      }),
      { numRuns: 500 },
    )
  })
})

/** A log that answers, with `count` entries; `meddle` may answer in its place. */
function rig(
  count: number,
  meddle: (request: CommandRequest) => Answer | undefined = () => undefined,
) {
  let device: SelDevice = createSelDevice(4, 1000)
  const asked: CommandRequest[] = []
  const add = (): void => {
    device = logEvent(device, record(HOT))
  }
  for (let n = 0; n < count; n++) add()
  const answer = (request: CommandRequest): Answer => {
    asked.push(request)
    device = { ...device, nowS: device.nowS + 1 }
    const instead = meddle(request)
    if (instead !== undefined) return instead
    const command = { ...request, sessionId: 1, user: 'a', privilege: 'operator' } as const
    const step = answerDevice(SEL_COMMANDS, device, command)
    if (step === undefined) throw new Error('no command of the event log')
    device = step.state
    return step.answer
  }
  return { answer, asked, add, device: () => device }
}

function read(bmc: ReturnType<typeof rig>, known?: SelContent): SelContent {
  const content = converse(readSel(known), bmc.answer)
  if (!content.ok) throw new Error(content.error.message)
  return content.value
}

const isGet = (request: CommandRequest): boolean => request.command === GET_SEL_ENTRY.command

describe('reading the event log', () => {
  it('brings every entry once, oldest first', () => {
    expect(read(rig(3)).entries.map(({ recordId }) => recordId)).toEqual([1, 2, 3])
    expect(read(rig(0)).entries).toEqual([])
  })

  it('asks only for what is new', () => {
    const bmc = rig(2)
    const before = read(bmc)
    bmc.asked.length = 0
    expect(read(bmc, before).entries).toHaveLength(2)
    expect(bmc.asked).toHaveLength(1)
    bmc.add()
    bmc.asked.length = 0
    expect(read(bmc, before).entries.map(({ recordId }) => recordId)).toEqual([1, 2, 3])
    expect(bmc.asked.filter(isGet)).toHaveLength(2)
  })

  it('reads a long log a few entries at a time, from where it stopped', () => {
    const bmc = rig(4)
    const batch = (known?: SelContent): SelContent => {
      const content = converse(readSel(known, 3), bmc.answer)
      if (!content.ok) throw new Error(content.error.message)
      return content.value
    }
    const first = batch()
    expect([first.entries.length, first.more]).toEqual([3, true])
    bmc.asked.length = 0
    const second = batch(first)
    expect(second.entries.map(({ recordId }) => recordId)).toEqual([1, 2, 3, 4])
    expect(second.more).toBe(undefined)
    // The last known one, to see that it is still there, and the one after it.
    expect(bmc.asked.filter(isGet)).toHaveLength(2)
  })

  it('reads everything anew after somebody cleared it', () => {
    const bmc = rig(2)
    const before = read(bmc)
    expect(converse(clearSel(before.info), bmc.answer).ok).toBe(true)
    bmc.add()
    const after = read(bmc, before)
    expect(after.entries).toHaveLength(1)
    expect(after.info.erasedAtS).toBeGreaterThan(0)
  })

  it('reads in parts where a BMC cannot give sixteen bytes, over lost reservations', () => {
    let parts = 0
    const bmc = rig(2, (request) => {
      if (!isGet(request)) return undefined
      if (request.data[5] === 0xff) {
        return { completionCode: COMPLETION.cannotReturnBytes, data: new Uint8Array(0) }
      }
      parts += 1
      return parts === 2
        ? { completionCode: COMPLETION.reservationLost, data: new Uint8Array(0) }
        : undefined
    })
    expect(read(bmc).entries.map(({ bytes: raw }) => raw)).toEqual(
      read(rig(2)).entries.map((e) => e.bytes),
    )
  })

  it('stops in a log that goes in circles', () => {
    const first = encodeSelRecord(record(HOT))
    const data = Uint8Array.from([7, 0, ...first])
    const bmc = rig(2, (request) => (isGet(request) ? { completionCode: 0, data } : undefined))
    expect(converse(readSel(), bmc.answer)).toMatchObject({
      ok: false,
      error: { kind: 'protocol' },
    })
  })
})

describe('the log', () => {
  it('is cleared only when nothing came since it was read', () => {
    const bmc = rig(2)
    const { info } = read(bmc)
    bmc.add()
    expect(converse(clearSel(info), bmc.answer)).toMatchObject({
      ok: false,
      error: { message: 'the event log has 3 entries, 2 were read' },
    })
    expect(bmc.device().records).toHaveLength(3)
    expect(converse(clearSel(read(bmc).info), bmc.answer).ok).toBe(true)
    expect(bmc.device().records).toEqual([])
  })

  it('loses the newest when it is full, and says so', () => {
    const bmc = rig(4)
    expect(read(bmc).info.overflow).toBe(false)
    bmc.add()
    expect(read(bmc)).toMatchObject({ info: { entries: 4, overflow: true } })
    const refused = bmc.answer(addSelEntryRequest(bytes(HOT)))
    expect(refused.completionCode).toBe(COMPLETION.outOfSpace)
  })

  it('takes entries and stamps them with its own clock, which can be set', () => {
    const bmc = rig(0)
    bmc.answer(setSelTimeRequest(0x65000000))
    expect(bmc.answer(addSelEntryRequest(bytes(HOT))).data).toEqual(Uint8Array.of(1, 0))
    expect(bmc.device().records[0]).toMatchObject({ recordId: 1, atS: 0x65000001 })
    expect(bmc.answer(selTimeRequest()).data).toEqual(Uint8Array.of(2, 0, 0, 0x65))
  })
})
