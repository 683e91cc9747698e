/** RMCP+ and RAKP message status codes (IPMI 2.0 §13.24, table 13-15). */
export const STATUS = {
  ok: 0x00,
  insufficientResources: 0x01,
  invalidSessionId: 0x02,
  inactiveSessionId: 0x08,
  unauthorizedRole: 0x0a,
  invalidNameLength: 0x0c,
  unauthorizedName: 0x0d,
  invalidIntegrityCheck: 0x0f,
  noCipherSuiteMatch: 0x11,
  illegalParameter: 0x12,
} as const

const NAMES: Readonly<Record<number, string>> = {
  0x00: 'no errors',
  0x01: 'insufficient resources to create a session',
  0x02: 'invalid session id',
  0x03: 'invalid payload type',
  0x04: 'invalid authentication algorithm',
  0x05: 'invalid integrity algorithm',
  0x06: 'no matching authentication payload',
  0x07: 'no matching integrity payload',
  0x08: 'inactive session id',
  0x09: 'invalid role',
  0x0a: 'unauthorized role or privilege level',
  0x0b: 'insufficient resources for the requested role',
  0x0c: 'invalid name length',
  0x0d: 'unauthorized name',
  0x0e: 'unauthorized GUID',
  0x0f: 'invalid integrity check value',
  0x10: 'invalid confidentiality algorithm',
  0x11: 'no cipher suite matches',
  0x12: 'illegal or unrecognized parameter',
}

/** Statuses that say the login itself was refused, not that the BMC was busy or did not understand. */
const AUTHENTICATION_STATUSES: readonly number[] = [0x09, 0x0a, 0x0c, 0x0d, 0x0f]

export const isAuthenticationStatus = (status: number): boolean =>
  AUTHENTICATION_STATUSES.includes(status)

/** A status for people: `0x0d (unauthorized name)`. */
export const describeStatus = (status: number): string =>
  `0x${status.toString(16).padStart(2, '0')} (${NAMES[status] ?? 'unknown status'})`
