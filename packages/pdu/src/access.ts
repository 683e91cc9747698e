import type { PduDeclaration } from '@brickyard/model/pdu'
import type { SnmpTarget } from '@brickyard/runtime/snmp'
import { err, ok, type Result } from '@brickyard/std/result'

/** SNMPv3 asks for eight characters at least (RFC 3414 §11.2). */
const PASSPHRASE_CHARS_MIN = 8

/**
 * How a PDU is reached with `secret`: its community; or, for SNMPv3, the passphrase that signs, and
 * after a space the one that encrypts where that is another.
 */
export function snmpTargetOf(
  { name, address, port, login }: PduDeclaration,
  secret: string,
): Result<SnmpTarget> {
  if (login.version !== 'v3') {
    return ok({ address, port, access: { version: login.version, community: secret } })
  }
  const [sign = '', encrypt = sign, ...more] = secret.split(' ')
  const short = [sign, encrypt].some((phrase) => phrase.length < PASSPHRASE_CHARS_MIN)
  if (short || more.length > 0) {
    const expected = `one passphrase of ${PASSPHRASE_CHARS_MIN} characters or more, or two with a space between`
    return err(`the secret of PDU ${name} is not ${expected}`)
  }
  const { user, auth, privacy: cipher } = login
  const privacy = cipher === undefined ? undefined : { cipher, passphrase: encrypt }
  return ok({ address, port, access: { version: 'v3', user, auth, authPassphrase: sign, privacy } })
}
