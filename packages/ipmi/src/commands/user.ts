import { assert } from '@brickyard/std/assert'
import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import { PRIVILEGES, privilegeOf, type Privilege } from '../privilege.ts'
import { PASSWORD_BYTES_MAX, USER_BYTES_MAX } from '../session-keys.ts'
import type { Command, CommandRequest } from './command.ts'

/** The commands about users (IPMI 2.0 §22.26 to §22.30). */
export const SET_USER_ACCESS: Command = { netFn: NET_FN.app, command: 0x43 }
export const GET_USER_ACCESS: Command = { netFn: NET_FN.app, command: 0x44 }
export const SET_USER_NAME: Command = { netFn: NET_FN.app, command: 0x45 }
export const GET_USER_NAME: Command = { netFn: NET_FN.app, command: 0x46 }
export const SET_USER_PASSWORD: Command = { netFn: NET_FN.app, command: 0x47 }

const CHANGE_ACCESS_BITS = 0x80
const MESSAGING = 0x10
const PRESENT_CHANNEL = 0x0e
const NO_ACCESS = 0x0f
const TWENTY_BYTES = 0x80
/** Passwords of IPMI 1.5, and of BMCs that keep no longer ones. */
const SHORT_PASSWORD_BYTES = 16

/** `no-access` is a privilege limit of 15; `other` is OEM or reserved. */
export type UserPrivilege = Privilege | 'no-access' | 'other'

export interface UserAccess {
  /** How many slots the channel has, from 1. */
  readonly slots: number
  /** Undefined: a BMC that does not tell (before IPMI 2.0 errata 3). */
  readonly enabled: boolean | undefined
  /** May log in over this channel. */
  readonly messaging: boolean
  readonly privilege: UserPrivilege
}

export const getUserAccessRequest = (slot: number): CommandRequest => ({
  ...GET_USER_ACCESS,
  data: Uint8Array.of(PRESENT_CHANNEL, slot),
})

const userPrivilegeOf = (level: number): UserPrivilege =>
  level === NO_ACCESS ? 'no-access' : (privilegeOf(level) ?? 'other')

export function decodeUserAccess(data: Uint8Array): Result<UserAccess> {
  const reader = new ByteReader(data)
  const slots = reader.u8() & 0x3f
  const status = reader.u8() >> 6
  reader.skip(1)
  const access = reader.u8()
  if (reader.short) return err(`user access of ${data.length} bytes, not 4`)
  return ok({
    slots,
    enabled: status === 1 ? true : status === 2 ? false : undefined,
    messaging: (access & MESSAGING) !== 0,
    privilege: userPrivilegeOf(access & 0x0f),
  })
}

export const encodeUserAccess = (
  access: Omit<UserAccess, 'privilege'> & {
    readonly enabledSlots: number
    readonly privilegeLevel: number
  },
): Uint8Array =>
  new ByteWriter(4)
    .u8(access.slots)
    .u8((access.enabled === undefined ? 0 : access.enabled ? 0x40 : 0x80) | access.enabledSlots)
    .u8(0)
    .u8((access.messaging ? MESSAGING : 0) | access.privilegeLevel)
    .done()

/** Lets a user log in over this channel with a privilege, or not at all (`no-access`). */
export const setUserAccessRequest = (
  slot: number,
  privilege: Privilege | 'no-access',
): CommandRequest => {
  const access = privilege === 'no-access' ? 0 : MESSAGING
  const level = privilege === 'no-access' ? NO_ACCESS : PRIVILEGES[privilege]
  return {
    ...SET_USER_ACCESS,
    data: Uint8Array.of(CHANGE_ACCESS_BITS | access | PRESENT_CHANNEL, slot, level),
  }
}

export function decodeSetUserAccess(data: Uint8Array): Result<{
  readonly slot: number
  /** Undefined: stays as it is. */
  readonly messaging: boolean | undefined
  readonly privilegeLevel: number
}> {
  const reader = new ByteReader(data)
  const flags = reader.u8()
  const slot = reader.u8() & 0x3f
  const privilegeLevel = reader.u8() & 0x0f
  if (reader.short) return err(`set user access request of ${data.length} bytes`)
  const messaging = (flags & CHANGE_ACCESS_BITS) === 0 ? undefined : (flags & MESSAGING) !== 0
  return ok({ slot, messaging, privilegeLevel })
}

function padded(text: string, length: number): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  assert(bytes.length <= length, `'${text.length}' characters where ${length} fit`)
  const whole = new Uint8Array(length)
  whole.set(bytes)
  return whole
}

/** A text padded with NULs, as names and passwords are kept. */
export const unpadded = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  return new TextDecoder('latin1').decode(end < 0 ? bytes : bytes.subarray(0, end))
}

export const getUserNameRequest = (slot: number): CommandRequest => ({
  ...GET_USER_NAME,
  data: Uint8Array.of(slot),
})

export const decodeUserName = (data: Uint8Array): Result<string> =>
  data.length < 1 ? err('user name of no bytes') : ok(unpadded(data.subarray(0, USER_BYTES_MAX)))

export const encodeUserName = (name: string): Uint8Array => padded(name, USER_BYTES_MAX)

/** At most 16 ASCII characters. */
export const setUserNameRequest = (slot: number, name: string): CommandRequest => ({
  ...SET_USER_NAME,
  data: Uint8Array.from([slot, ...padded(name, USER_BYTES_MAX)]),
})

export type PasswordOperation = 'disable' | 'enable' | 'set' | 'test'
const OPERATIONS: readonly PasswordOperation[] = ['disable', 'enable', 'set', 'test']

/** Completion codes of a password test (§22.30). */
export const PASSWORD_TEST = { wrong: 0x80, wrongLength: 0x81 } as const

/** Switches a user on or off; no password is sent. */
export const enableUserRequest = (slot: number, enabled: boolean): CommandRequest => ({
  ...SET_USER_PASSWORD,
  data: Uint8Array.of(slot, OPERATIONS.indexOf(enabled ? 'enable' : 'disable')),
})

/**
 * Sets or tests a password of at most 20 ASCII characters. Up to 16 it goes in the short form, which
 * every BMC takes; a BMC keeps which form a password was set in, and tests it in the same one only.
 */
export const userPasswordRequest = (
  slot: number,
  operation: 'set' | 'test',
  password: string,
): CommandRequest => {
  const long = password.length > SHORT_PASSWORD_BYTES
  const bytes = padded(password, long ? PASSWORD_BYTES_MAX : SHORT_PASSWORD_BYTES)
  const head = [(long ? TWENTY_BYTES : 0) | slot, OPERATIONS.indexOf(operation)]
  return { ...SET_USER_PASSWORD, data: Uint8Array.from([...head, ...bytes]) }
}

export function decodeSetUserPassword(data: Uint8Array): Result<{
  readonly slot: number
  readonly operation: PasswordOperation
  readonly long: boolean
  readonly password: Uint8Array
}> {
  const reader = new ByteReader(data)
  const head = reader.u8()
  const operation = OPERATIONS[reader.u8() & 0x03]
  if (reader.short || operation === undefined) {
    return err(`set user password request of ${data.length} bytes`)
  }
  const long = (head & TWENTY_BYTES) !== 0
  const needs = operation === 'set' || operation === 'test'
  const password = reader.take(needs ? (long ? PASSWORD_BYTES_MAX : SHORT_PASSWORD_BYTES) : 0)
  if (reader.short) return err(`set user password request of ${data.length} bytes`)
  return ok({ slot: head & 0x3f, operation, long, password: password.slice() })
}
