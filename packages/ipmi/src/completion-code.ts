/** Completion codes (IPMI 2.0 §5.2, table 5-2) that we give or tell apart. */
export const COMPLETION = {
  ok: 0x00,
  /** Command-specific codes share 0x80..0xBE: unsupported boot parameter, FRU busy, privilege too high. */
  specific80: 0x80,
  specific81: 0x81,
  specific82: 0x82,
  invalidSession: 0x87,
  nodeBusy: 0xc0,
  invalidCommand: 0xc1,
  outOfSpace: 0xc4,
  reservationLost: 0xc5,
  requestTooShort: 0xc7,
  fieldTooLong: 0xc8,
  outOfRange: 0xc9,
  cannotReturnBytes: 0xca,
  notPresent: 0xcb,
  invalidField: 0xcc,
  illegalForRecord: 0xcd,
  cannotRespond: 0xce,
  initializing: 0xd2,
  insufficientPrivilege: 0xd4,
  notInPresentState: 0xd5,
  disabled: 0xd6,
  unspecified: 0xff,
} as const

const NAMES: Readonly<Record<number, string>> = {
  0x00: 'completed',
  0xc0: 'node busy',
  0xc1: 'invalid command',
  0xc2: 'command invalid for this LUN',
  0xc3: 'timed out while processing the command',
  0xc4: 'out of space',
  0xc5: 'reservation lost',
  0xc7: 'request data length invalid',
  0xc8: 'request data field length limit exceeded',
  0xc9: 'parameter out of range',
  0xca: 'cannot return the number of bytes asked for',
  0xcb: 'sensor, data or record not present',
  0xcc: 'invalid data field in request',
  0xcd: 'command illegal for this sensor or record',
  0xce: 'response could not be provided',
  0xcf: 'duplicated request',
  0xd2: 'response could not be provided: BMC is initializing',
  0xd3: 'destination unavailable',
  0xd4: 'insufficient privilege',
  0xd5: 'not supported in the present state',
  0xd6: 'command is disabled',
  0xff: 'unspecified error',
}

/** A completion code for people: `0xd5 (not supported in the present state)`. */
export const describeCompletion = (code: number): string =>
  `0x${code.toString(16).padStart(2, '0')} (${NAMES[code] ?? 'command-specific'})`
