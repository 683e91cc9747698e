import { deviceTable, type DeviceOutcome } from './bmc-device.ts'
import type { SensorChange } from './bmc-sensors.ts'
import { encodeReservation } from './commands/sdr-repository.ts'
import {
  ADD_SEL_ENTRY,
  CLEAR_SEL,
  decodeClearSel,
  decodeGetSelEntry,
  decodeSelTime,
  DELETE_SEL_ENTRY,
  encodeSelAllocation,
  encodeSelInfo,
  encodeSelPiece,
  encodeSelTime,
  GET_SEL_ALLOCATION_INFO,
  GET_SEL_ENTRY,
  GET_SEL_INFO,
  GET_SEL_TIME,
  PLATFORM_EVENT,
  RESERVE_SEL,
  SEL_FIRST_ENTRY,
  SEL_LAST_ENTRY,
  SEL_RECORD_BYTES,
  SET_SEL_TIME,
} from './commands/sel.ts'
import { COMPLETION } from './completion-code.ts'
import { EVENT_TYPE_THRESHOLD } from './event-words.ts'
import { decodeSelRecord, encodeSelRecord, type SelRecord } from './sel-record.ts'

const BMC_ADDRESS = 0x20
/** Software id of a remote console (§5.5): who sends platform events over the network. */
const CONSOLE_ADDRESS = 0x81

/** The event log of a BMC. */
export interface SelDevice {
  /** Oldest first. */
  readonly records: readonly SelRecord[]
  readonly capacity: number
  readonly nextRecordId: number
  /** 0 is none: an entry added, deleted or cleared takes the reservation away. */
  readonly reservation: number
  readonly lastReservation: number
  readonly addedAtS: number
  readonly erasedAtS: number
  /** Entries were lost because there was no room. */
  readonly overflow: boolean
  /** The log is being erased until this moment. */
  readonly erasedUntilS: number
  /** The true time, in seconds since 1970; the shell keeps it up to date. */
  readonly nowS: number
  /** How far the BMC's clock is from the true time. */
  readonly clockAheadS: number
}

export const createSelDevice = (capacity: number, nowS: number): SelDevice => ({
  records: [],
  capacity,
  nextRecordId: 1,
  reservation: 0,
  lastReservation: 0,
  addedAtS: 0,
  erasedAtS: 0,
  overflow: false,
  erasedUntilS: 0,
  nowS,
  clockAheadS: 0,
})

const clockS = (device: SelDevice): number =>
  Math.min(0xffffffff, Math.max(0, Math.floor(device.nowS + device.clockAheadS)))

type NewRecord<R> = R extends SelRecord ? Omit<R, 'recordId'> : never

/** Adds an entry under the next free number; in a full log the newest is lost, as §31 has it. */
export function logEvent(device: SelDevice, record: NewRecord<SelRecord>): SelDevice {
  if (device.records.length >= device.capacity) return { ...device, overflow: true }
  const recordId = device.nextRecordId
  return {
    ...device,
    records: [...device.records, { ...record, recordId }],
    nextRecordId: recordId + 1 >= SEL_LAST_ENTRY ? 1 : recordId + 1,
    reservation: 0,
    addedAtS: clockS(device),
  }
}

/** The event of a sensor's state that came or went (§29.7, table 29-6). */
export function logChange(device: SelDevice, change: SensorChange): SelDevice {
  const { sensor, offset, asserted, raw, threshold } = change
  const isThreshold = sensor.eventType === EVENT_TYPE_THRESHOLD
  // 0x50: the second byte is the reading that triggered it, the third the threshold.
  const data = isThreshold
    ? ([0x50 | offset, raw, threshold ?? 0xff] as const)
    : ([offset, 0xff, 0xff] as const)
  return logEvent(device, {
    kind: 'event',
    atS: clockS(device),
    generator: BMC_ADDRESS,
    sensorType: sensor.sensorType,
    sensorNumber: sensor.number,
    eventType: sensor.eventType,
    asserted,
    offset,
    data,
  })
}

type Outcome = DeviceOutcome<SelDevice>

/** The commands of the event log (IPMI 2.0 §31). */
export const SEL_COMMANDS = deviceTable<SelDevice>([
  [GET_SEL_INFO, 'user', info],
  [
    GET_SEL_ALLOCATION_INFO,
    'user',
    (device) => encodeSelAllocation(device.capacity, device.capacity - device.records.length),
  ],
  [RESERVE_SEL, 'user', reserve],
  [GET_SEL_ENTRY, 'user', getEntry],
  [ADD_SEL_ENTRY, 'operator', addEntry],
  [DELETE_SEL_ENTRY, 'operator', deleteEntry],
  [CLEAR_SEL, 'operator', clear],
  [GET_SEL_TIME, 'user', (device) => encodeSelTime(clockS(device))],
  [SET_SEL_TIME, 'operator', setTime],
  [PLATFORM_EVENT, 'operator', platformEvent],
])

function info(device: SelDevice): Outcome {
  return encodeSelInfo({
    entries: device.records.length,
    freeBytes: Math.min(0xffff, (device.capacity - device.records.length) * SEL_RECORD_BYTES),
    addedAtS: device.addedAtS,
    erasedAtS: device.erasedAtS,
    overflow: device.overflow,
    reservable: true,
  })
}

function reserve(device: SelDevice): Outcome {
  const reservation = (device.lastReservation % 0xffff) + 1
  const state = { ...device, reservation, lastReservation: reservation }
  return { state, data: encodeReservation(reservation) }
}

function placeOf(device: SelDevice, recordId: number): number {
  if (recordId === SEL_FIRST_ENTRY) return 0
  if (recordId === SEL_LAST_ENTRY) return device.records.length - 1
  return device.records.findIndex((record) => record.recordId === recordId)
}

function getEntry(device: SelDevice, data: Uint8Array): Outcome {
  const wanted = decodeGetSelEntry(data)
  if (!wanted.ok) return COMPLETION.requestTooShort
  const { reservation, recordId, offset, count } = wanted.value
  const partial = offset !== 0 || count < SEL_RECORD_BYTES
  if (partial && (reservation === 0 || reservation !== device.reservation)) {
    return COMPLETION.reservationLost
  }
  const at = placeOf(device, recordId)
  const record = device.records[at]
  if (record === undefined) return COMPLETION.notPresent
  if (offset >= SEL_RECORD_BYTES) return COMPLETION.outOfRange
  const bytes = encodeSelRecord(record).subarray(offset, offset + count)
  return encodeSelPiece({ nextRecordId: device.records[at + 1]?.recordId ?? SEL_LAST_ENTRY, bytes })
}

function addEntry(device: SelDevice, data: Uint8Array): Outcome {
  const record = decodeSelRecord(data)
  if (!record.ok) return COMPLETION.requestTooShort
  const stamped =
    record.value.atS === undefined ? record.value : { ...record.value, atS: clockS(device) }
  const state = logEvent(device, stamped)
  if (state.records.length === device.records.length) return COMPLETION.outOfSpace
  return { state, data: encodeReservation(device.nextRecordId) }
}

function deleteEntry(device: SelDevice, data: Uint8Array): Outcome {
  if (data.length < 4) return COMPLETION.requestTooShort
  const reservation = (data[0] as number) | ((data[1] as number) << 8)
  if (reservation === 0 || reservation !== device.reservation) return COMPLETION.reservationLost
  const at = placeOf(device, (data[2] as number) | ((data[3] as number) << 8))
  const gone = device.records[at]
  if (gone === undefined) return COMPLETION.notPresent
  const records = device.records.filter((record) => record !== gone)
  const state = { ...device, records, reservation: 0, erasedAtS: clockS(device) }
  return { state, data: encodeReservation(gone.recordId) }
}

/** Erasing takes a moment, as it does in flash, so that a console must ask whether it is done. */
const ERASE_SECONDS = 1
const IN_PROGRESS = Uint8Array.of(0x00)
const COMPLETE = Uint8Array.of(0x01)

function clear(device: SelDevice, data: Uint8Array): Outcome {
  const wanted = decodeClearSel(data)
  if (!wanted.ok) return COMPLETION.invalidField
  if (wanted.value.action === 'status') {
    return device.nowS < device.erasedUntilS ? IN_PROGRESS : COMPLETE
  }
  const { reservation } = wanted.value
  if (reservation === 0 || reservation !== device.reservation) return COMPLETION.reservationLost
  const state: SelDevice = {
    ...device,
    records: [],
    nextRecordId: 1,
    overflow: false,
    erasedAtS: clockS(device),
    erasedUntilS: device.nowS + ERASE_SECONDS,
  }
  return { state, data: IN_PROGRESS }
}

function setTime(device: SelDevice, data: Uint8Array): Outcome {
  const time = decodeSelTime(data)
  if (!time.ok) return COMPLETION.requestTooShort
  return { state: { ...device, clockAheadS: time.value - device.nowS } }
}

function platformEvent(device: SelDevice, data: Uint8Array): Outcome {
  const [, sensorType, sensorNumber, direction, first, second, third] = data
  if (sensorType === undefined || sensorNumber === undefined || direction === undefined) {
    return COMPLETION.requestTooShort
  }
  if (first === undefined) return COMPLETION.requestTooShort
  const state = logEvent(device, {
    kind: 'event',
    atS: clockS(device),
    generator: CONSOLE_ADDRESS,
    sensorType,
    sensorNumber,
    eventType: direction & 0x7f,
    asserted: direction < 0x80,
    offset: first & 0x0f,
    data: [first, second ?? 0xff, third ?? 0xff],
  })
  return state.records.length === device.records.length ? COMPLETION.outOfSpace : { state }
}
