import { toHex } from '@brickyard/std/hex'
import { err, ok, type Result } from '@brickyard/std/result'
import { elementsOf, TAG } from './der.ts'

/** A detached signature over a whole file, as `openssl cms -sign -binary -noattr -outform DER` makes it. */
export interface CmsSignature {
  readonly hash: 'sha256' | 'sha384' | 'sha512'
  /** The signer's certificate by its serial number, upper-case hex without leading zeroes. */
  readonly signerSerial: string
  readonly signature: Uint8Array
  /** Every certificate that came along, each DER. */
  readonly certificates: readonly Uint8Array[]
}

const EMPTY = new Uint8Array()

/** Certificates and signatures of a few kB; anything longer is another file under this name. */
export const CMS_BYTES_MAX = 64 * 1024

const CERTIFICATES_MAX = 8

const SIGNED_DATA = '2a864886f70d010702'
const HASHES: ReadonlyMap<string, CmsSignature['hash']> = new Map([
  ['608648016503040201', 'sha256'],
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
])

/**
 * Reads a CMS SignedData (RFC 5652 §5) with one signer, no signed attributes and no content of its own:
 * the only form that iPXE's `imgverify` takes. The error says what is there in its place.
 */
export function readCmsSignature(bytes: Uint8Array): Result<CmsSignature> {
  if (bytes.length > CMS_BYTES_MAX)
    return err(`has ${bytes.length} bytes; at most ${CMS_BYTES_MAX}`)
  const [info, ...behind] = elementsOf(bytes) ?? []
  if (info?.tag !== TAG.sequence || behind.length > 0) return err('is no signature in DER')
  const [kind, wrapped] = elementsOf(info.value) ?? []
  const [data] = wrapped?.tag === TAG.first ? (elementsOf(wrapped.value) ?? []) : []
  if (kind === undefined || toHex(kind.value) !== SIGNED_DATA || data?.tag !== TAG.sequence) {
    return err('is no CMS SignedData')
  }
  const parts = elementsOf(data.value) ?? []
  const content = parts[2] === undefined ? [] : (elementsOf(parts[2].value) ?? [])
  if (content.length !== 1) return err('carries its content; expected a detached signature')
  const carried = parts.find(({ tag }, index) => index > 2 && tag === TAG.first)
  const certificates = carried === undefined ? [] : (elementsOf(carried.value) ?? [])
  if (certificates.length > CERTIFICATES_MAX) return err('carries too many certificates')
  const signers = elementsOf(parts.at(-1)?.value ?? EMPTY) ?? []
  const [signer] = signers
  if (parts.at(-1)?.tag !== TAG.set || signer === undefined || signers.length > 1) {
    return err('has not one signer')
  }
  return readSigner(
    signer.value,
    certificates.map(({ whole }) => whole),
  )
}

/** SignerInfo (RFC 5652 §5.3): version, issuer and serial, hash, signature's algorithm, signature. */
function readSigner(bytes: Uint8Array, certificates: readonly Uint8Array[]): Result<CmsSignature> {
  const [, id, algorithm, method, signature] = elementsOf(bytes) ?? []
  const serial = id?.tag === TAG.sequence ? elementsOf(id.value)?.[1] : undefined
  if (serial?.tag !== TAG.integer)
    return err('does not name its signer by issuer and serial number')
  if (method?.tag === TAG.first) return err('has signed attributes; expected none (-noattr)')
  const oid = elementsOf(algorithm?.value ?? EMPTY)?.[0]
  const hash = oid?.tag === TAG.oid ? HASHES.get(toHex(oid.value)) : undefined
  if (hash === undefined) return err('uses another hash than SHA-256, SHA-384 or SHA-512')
  if (signature?.tag !== TAG.octets) return err('holds no signature')
  const signerSerial = toHex(serial.value)
    .replace(/^(00)+(?=.)/, '')
    .toUpperCase()
  return ok({ hash, signerSerial, signature: signature.value, certificates })
}
