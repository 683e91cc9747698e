import { assert } from '@brickyard/std/assert'
import { deviceTable, type DeviceOutcome } from './bmc-device.ts'
import type { BmcUser } from './bmc-state.ts'
import {
  decodeSetUserAccess,
  decodeSetUserPassword,
  encodeUserAccess,
  encodeUserName,
  GET_USER_ACCESS,
  GET_USER_NAME,
  PASSWORD_TEST,
  SET_USER_ACCESS,
  SET_USER_NAME,
  SET_USER_PASSWORD,
  unpadded,
} from './commands/user.ts'
import { GET_USER_PAYLOAD_ACCESS, SET_USER_PAYLOAD_ACCESS } from './commands/payload.ts'
import { COMPLETION } from './completion-code.ts'
import { PRIVILEGES, privilegeOf } from './privilege.ts'
import { USER_BYTES_MAX } from './session-keys.ts'

/** Slots of a small BMC. */
export const BMC_USER_SLOTS = 10
const NO_ACCESS = 0x0f
const SOL_PAYLOAD = 0x02
const PRINTABLE = /^[\x20-\x7e]*$/

/** One user slot; an empty name is the anonymous user. */
export interface AccountSlot {
  readonly name: string
  readonly password: string
  /** Set in the 20-byte form; it is tested in the same one only (§22.30). */
  readonly long: boolean
  readonly enabled: boolean
  readonly messaging: boolean
  /** 1..4, or 15 for none. */
  readonly privilegeLevel: number
  /** Standard payloads of §24.6: bit 1 is serial over LAN. */
  readonly payloads: number
}

/** The users of a BMC; slot n is the n-th, from 1. */
export interface AccountDevice {
  readonly slots: readonly AccountSlot[]
}

const EMPTY: AccountSlot = {
  name: '',
  password: '',
  long: false,
  enabled: false,
  messaging: false,
  privilegeLevel: NO_ACCESS,
  payloads: SOL_PAYLOAD,
}

/** Users from slot 2 on; slot 1 is the anonymous user, who is off. */
export function createAccountDevice(users: readonly BmcUser[]): AccountDevice {
  assert(users.length < BMC_USER_SLOTS, `a BMC has ${BMC_USER_SLOTS} user slots`)
  const filled = users.map(({ name, password, privilege }): AccountSlot => ({
    ...EMPTY,
    name,
    password,
    long: password.length > 16,
    enabled: true,
    messaging: true,
    privilegeLevel: PRIVILEGES[privilege],
  }))
  const slots = [EMPTY, ...filled]
  while (slots.length < BMC_USER_SLOTS) slots.push(EMPTY)
  return { slots }
}

/** Who may log in now. */
export const loginsOf = (device: AccountDevice): readonly BmcUser[] =>
  device.slots.flatMap(({ name, password, enabled, messaging, privilegeLevel }) => {
    const privilege = privilegeOf(privilegeLevel)
    return enabled && messaging && privilege !== undefined ? [{ name, password, privilege }] : []
  })

type Outcome = DeviceOutcome<AccountDevice>

/** The commands about users (IPMI 2.0 §22.26 to §22.30, §24.6, §24.7). */
export const ACCOUNT_COMMANDS = deviceTable<AccountDevice>([
  [GET_USER_ACCESS, 'operator', getAccess],
  [SET_USER_ACCESS, 'administrator', setAccess],
  [GET_USER_NAME, 'operator', getName],
  [SET_USER_NAME, 'administrator', setName],
  [SET_USER_PASSWORD, 'administrator', setPassword],
  [GET_USER_PAYLOAD_ACCESS, 'operator', getPayloads],
  [SET_USER_PAYLOAD_ACCESS, 'administrator', setPayloads],
])

function changed(device: AccountDevice, slot: number, change: Partial<AccountSlot>): Outcome {
  const slots = device.slots.map((now, at) => (at === slot - 1 ? { ...now, ...change } : now))
  return { state: { slots } }
}

function getAccess(device: AccountDevice, data: Uint8Array): Outcome {
  const [, number] = data
  if (number === undefined) return COMPLETION.requestTooShort
  const slot = device.slots[(number & 0x3f) - 1]
  if (slot === undefined) return COMPLETION.outOfRange
  return encodeUserAccess({
    slots: device.slots.length,
    enabled: slot.enabled,
    messaging: slot.messaging,
    privilegeLevel: slot.privilegeLevel,
    enabledSlots: device.slots.filter(({ enabled }) => enabled).length,
  })
}

function setAccess(device: AccountDevice, data: Uint8Array): Outcome {
  const wanted = decodeSetUserAccess(data)
  if (!wanted.ok) return COMPLETION.requestTooShort
  const { slot, messaging, privilegeLevel } = wanted.value
  const now = device.slots[slot - 1]
  if (now === undefined) return COMPLETION.outOfRange
  if (privilegeLevel !== NO_ACCESS && privilegeOf(privilegeLevel) === undefined) {
    return COMPLETION.invalidField
  }
  return changed(device, slot, { messaging: messaging ?? now.messaging, privilegeLevel })
}

function getName(device: AccountDevice, data: Uint8Array): Outcome {
  const [number] = data
  if (number === undefined) return COMPLETION.requestTooShort
  const slot = device.slots[(number & 0x3f) - 1]
  return slot === undefined ? COMPLETION.outOfRange : encodeUserName(slot.name)
}

function setName(device: AccountDevice, data: Uint8Array): Outcome {
  const [number] = data
  if (number === undefined || data.length < 1 + USER_BYTES_MAX) return COMPLETION.requestTooShort
  const slot = number & 0x3f
  const name = unpadded(data.subarray(1, 1 + USER_BYTES_MAX))
  // Slot 1 is the anonymous user for ever (§22.28).
  if (slot === 1 || !PRINTABLE.test(name)) return COMPLETION.invalidField
  if (device.slots[slot - 1] === undefined) return COMPLETION.outOfRange
  const taken = name !== '' && device.slots.some((s, at) => s.name === name && at !== slot - 1)
  return taken ? COMPLETION.invalidField : changed(device, slot, { name })
}

function setPassword(device: AccountDevice, data: Uint8Array): Outcome {
  const wanted = decodeSetUserPassword(data)
  if (!wanted.ok) return COMPLETION.requestTooShort
  const { slot, operation, long } = wanted.value
  const now = device.slots[slot - 1]
  if (now === undefined) return COMPLETION.outOfRange
  const password = unpadded(wanted.value.password)
  switch (operation) {
    case 'disable':
      return changed(device, slot, { enabled: false })
    case 'enable':
      return changed(device, slot, { enabled: true })
    case 'set':
      return PRINTABLE.test(password)
        ? changed(device, slot, { password, long })
        : COMPLETION.invalidField
    case 'test':
      if (long !== now.long) return PASSWORD_TEST.wrongLength
      return password === now.password ? new Uint8Array(0) : PASSWORD_TEST.wrong
  }
}

function getPayloads(device: AccountDevice, data: Uint8Array): Outcome {
  const [, number] = data
  if (number === undefined) return COMPLETION.requestTooShort
  const slot = device.slots[(number & 0x3f) - 1]
  return slot === undefined ? COMPLETION.outOfRange : Uint8Array.of(slot.payloads, 0, 0, 0)
}

/** §24.6: the bits given are switched on, or off when the operation is 1. */
function setPayloads(device: AccountDevice, data: Uint8Array): Outcome {
  const [, head, bits] = data
  if (head === undefined || bits === undefined) return COMPLETION.requestTooShort
  const slot = head & 0x3f
  const now = device.slots[slot - 1]
  if (now === undefined) return COMPLETION.outOfRange
  const payloads = head >> 6 === 0 ? now.payloads | bits : now.payloads & ~bits
  return changed(device, slot, { payloads })
}
