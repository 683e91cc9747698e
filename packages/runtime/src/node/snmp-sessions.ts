import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import snmp from 'net-snmp'
import type { Snmp, SnmpAccess, SnmpFault, SnmpTarget, SnmpValue } from '../snmp.ts'

const TIMEOUT_MS = Seconds(2)
const RETRIES = 2

/** SNMP by sockets of its own, one for each request: PDUs are asked seldom. */
export const snmpSessions: Snmp = {
  get: (target, objects) =>
    withSession(target, (session, done) =>
      session.get([...objects], (error, bindings) =>
        done(error === null ? ok((bindings ?? []).map(valueOf)) : err(faultOf(error, target))),
      ),
    ),
  setInteger: (target, object, value) =>
    withSession(target, (session, done) =>
      session.set([{ oid: object, type: snmp.ObjectType.Integer, value }], (error) =>
        done(error === null ? ok(undefined) : err(faultOf(error, target))),
      ),
    ),
}

function withSession<T>(
  target: SnmpTarget,
  work: (session: snmp.Session, done: (result: Result<T, SnmpFault>) => void) => void,
): Promise<Result<T, SnmpFault>> {
  return new Promise((resolve) => {
    const session = open(target)
    let over = false
    const done = (result: Result<T, SnmpFault>): void => {
      if (over) return
      over = true
      session.close()
      resolve(result)
    }
    // What is no SNMP at all comes as an event, beside the requests.
    session.on('error', (error: unknown) => done(err(faultOf(error, target))))
    try {
      work(session, done)
    } catch (error) {
      done(err(faultOf(error, target)))
    }
  })
}

function open({ address, port, access }: SnmpTarget): snmp.Session {
  const options = { port, timeout: TIMEOUT_MS, retries: RETRIES, backwardsGetNexts: false }
  if (access.version === 'v3') return snmp.createV3Session(address, userOf(access), options)
  const version = access.version === 'v1' ? snmp.Version1 : snmp.Version2c
  return snmp.createSession(address, access.community, { ...options, version })
}

const AUTH = {
  sha: snmp.AuthProtocols.sha,
  sha256: snmp.AuthProtocols.sha256,
  sha512: snmp.AuthProtocols.sha512,
}

function userOf({ user, auth, authPassphrase, privacy }: SnmpAccess & { version: 'v3' }) {
  const signed = { name: user, authProtocol: AUTH[auth], authKey: authPassphrase }
  if (privacy === undefined) return { ...signed, level: snmp.SecurityLevel.authNoPriv }
  const { aes, aes256b } = snmp.PrivProtocols
  return {
    ...signed,
    level: snmp.SecurityLevel.authPriv,
    privProtocol: privacy.cipher === 'aes' ? aes : aes256b,
    privKey: privacy.passphrase,
  }
}

function valueOf(binding: snmp.Varbind): SnmpValue {
  if (snmp.isVarbindError(binding)) return undefined
  const { value } = binding
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'string') return value
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined
}

/** Statuses that say "you may not" (RFC 3416 §3): a community that may only read gives these. */
const DENIALS: readonly number[] = [
  snmp.ErrorStatus.NoAccess,
  snmp.ErrorStatus.ReadOnly,
  snmp.ErrorStatus.NotWritable,
  snmp.ErrorStatus.AuthorizationError,
]

function faultOf(error: unknown, { address, port }: SnmpTarget): SnmpFault {
  const cause = error instanceof Error ? error : new Error(String(error))
  const message = `SNMP ${address}:${port}: ${cause.message}`
  if (cause.name === 'RequestTimedOutError') return { kind: 'silent', message }
  if (!(cause instanceof snmp.RequestFailedError)) {
    // Reports of the user-based security model: wrong user, passphrase or level.
    const login = /usm|unknown user|digest|security/i.test(cause.message)
    return { kind: login ? 'denied' : 'protocol', message }
  }
  const status = 'status' in cause && typeof cause.status === 'number' ? cause.status : 0
  return { kind: DENIALS.includes(status) ? 'denied' : 'refused', message }
}
