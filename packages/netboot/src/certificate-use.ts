import { toHex } from '@brickyard/std/hex'
import { elementsOf, TAG } from './der.ts'

/** What a certificate says of its use that Node's `X509Certificate` does not tell. */
export interface CertificateUse {
  /** Its key may sign: the certificate says so, and does not leave it open (RFC 5280 §4.2.1.3). */
  readonly signs: boolean
  /** Authorities that may stand between this one and a signer; undefined: any (RFC 5280 §4.2.1.9). */
  readonly pathLength: number | undefined
}

const KEY_USAGE = '551d0f'
const BASIC_CONSTRAINTS = '551d13'
/** The first bit of a BIT STRING, whose own first byte counts the bits unused at its end. */
const DIGITAL_SIGNATURE = 0x80
/** A longer number binds nothing. */
const PATH_LENGTH_BYTES_MAX = 2

/** Reads the extensions of a certificate in DER (RFC 5280 §4.1); of other bytes, that they say nothing. */
export function readCertificateUse(der: Uint8Array): CertificateUse {
  const [certificate] = elementsOf(der) ?? []
  const [toBeSigned] = elementsOf(certificate?.value ?? EMPTY) ?? []
  const wrapped = elementsOf(toBeSigned?.value ?? EMPTY)?.find(({ tag }) => tag === TAG.fourth)
  const [list] = elementsOf(wrapped?.value ?? EMPTY) ?? []
  const extensions = new Map<string, Uint8Array>()
  for (const { value } of elementsOf(list?.value ?? EMPTY) ?? []) {
    const parts = elementsOf(value) ?? []
    const [oid, content] = [parts[0], parts.at(-1)]
    if (oid?.tag === TAG.oid && content?.tag === TAG.octets) {
      extensions.set(toHex(oid.value), content.value)
    }
  }
  return {
    signs: signsBy(extensions.get(KEY_USAGE)),
    pathLength: pathLengthIn(extensions.get(BASIC_CONSTRAINTS)),
  }
}

const EMPTY = new Uint8Array()

function signsBy(keyUsage: Uint8Array = EMPTY): boolean {
  const [bits] = elementsOf(keyUsage) ?? []
  return bits?.tag === TAG.bits && ((bits.value[1] ?? 0) & DIGITAL_SIGNATURE) !== 0
}

function pathLengthIn(basicConstraints: Uint8Array = EMPTY): number | undefined {
  const [sequence] = elementsOf(basicConstraints) ?? []
  const length = elementsOf(sequence?.value ?? EMPTY)?.find(({ tag }) => tag === TAG.integer)
  if (length === undefined || length.value.length > PATH_LENGTH_BYTES_MAX) return undefined
  return length.value.reduce((number, byte) => number * 256 + byte, 0)
}
