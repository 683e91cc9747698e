import { createVerify, X509Certificate } from 'node:crypto'
import { readCertificateUse } from '@brickyard/netboot/certificate-use'
import {
  CMS_BYTES_MAX,
  type CmsSignature,
  readCmsSignature,
} from '@brickyard/netboot/cms-signature'
import type { Files } from '@brickyard/runtime/files'
import { err, ok, type Result } from '@brickyard/std/result'

/** Where the signature of a file lies, and under which name that of an asset is served. */
export const signatureNameOf = (name: string): string => `${name}.sig`

/** RFC 5280 §4.2.1.12. */
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
/** The signer, two authorities between, the root. */
const CHAIN_MAX = 4

export interface CodeSigningParts {
  readonly files: Files
  /** Authorities that the operator trusts to say who may sign, PEM. */
  readonly authorities: readonly string[]
  readonly nowMs: number
}

/**
 * Checks the detached signature beside a file: it is over these very bytes, by a certificate for code
 * signing that one of the operator's authorities vouches for now. The error says what is wrong.
 */
export async function checkSignature(
  { files, authorities, nowMs }: CodeSigningParts,
  path: string,
): Promise<Result<void>> {
  const signaturePath = signatureNameOf(path)
  const bytes = await files.size(signaturePath)
  if (bytes === undefined) return err(`there is no signature ${signaturePath}`)
  const content = bytes > CMS_BYTES_MAX ? undefined : await files.read(signaturePath)
  const cms = readCmsSignature(content ?? new Uint8Array(CMS_BYTES_MAX + 1))
  if (!cms.ok) return err(`${signaturePath} ${cms.error}`)
  const signer = signerOf(cms.value, authorities, nowMs)
  if (!signer.ok) return err(`${signaturePath}: ${signer.error}`)
  const verify = createVerify(cms.value.hash)
  const length = (await files.size(path)) ?? 0
  for await (const piece of files.stream(path, 0, length)) verify.update(piece)
  return verify.verify(signer.value.publicKey, cms.value.signature)
    ? ok(undefined)
    : err(`${path} is not what ${signaturePath} was made for`)
}

/** The signer's certificate, once it is seen to be good for this. */
function signerOf(
  { certificates, signerSerial }: CmsSignature,
  authorities: readonly string[],
  nowMs: number,
): Result<X509Certificate> {
  const read = allRead(certificates, authorities)
  if (!read.ok) return read
  const { carried, trusted } = read.value
  const signer = carried.find((one) => one.serialNumber.replace(/^(00)+(?=.)/, '') === signerSerial)
  if (signer === undefined) return err('the certificate of its signer is not in it')
  const name = signer.subject.replaceAll('\n', ', ')
  if (!(signer.keyUsage ?? []).includes(CODE_SIGNING)) {
    return err(`the certificate of its signer (${name}) is not for code signing`)
  }
  // iPXE asks for both; a certificate without any keyUsage is good for RFC 5280 and not for iPXE.
  if (!readCertificateUse(signer.raw).signs) {
    return err(`the certificate of its signer (${name}) is not for digital signatures (keyUsage)`)
  }
  let last = signer
  for (let n = 1; n < CHAIN_MAX; n++) {
    const wrong = outOfTime(last, nowMs)
    if (wrong !== undefined) return err(wrong)
    const root = trusted.find((one) => vouches(one, last, n - 1))
    if (root !== undefined) {
      const late = outOfTime(root, nowMs)
      return late === undefined ? ok(signer) : err(late)
    }
    const next = carried.find((one) => one !== last && vouches(one, last, n - 1))
    if (next === undefined) break
    last = next
  }
  return err(`no authority of the operator vouches for its signer (${name})`)
}

function allRead(
  certificates: readonly Uint8Array[],
  authorities: readonly string[],
): Result<{ carried: X509Certificate[]; trusted: X509Certificate[] }> {
  try {
    const carried = certificates.map((der) => new X509Certificate(der))
    return ok({ carried, trusted: authorities.map((pem) => new X509Certificate(pem)) })
  } catch (error) {
    return err(`a certificate cannot be read: ${(error as Error).message}`)
  }
}

/** `between`: the authorities that stand between this one and the signer. */
function vouches(
  authority: X509Certificate,
  certificate: X509Certificate,
  between: number,
): boolean {
  const { pathLength = between } = readCertificateUse(authority.raw)
  if (!authority.ca || between > pathLength) return false
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
}

function outOfTime(certificate: X509Certificate, nowMs: number): string | undefined {
  const name = certificate.subject.replaceAll('\n', ', ')
  if (nowMs < certificate.validFromDate.getTime()) {
    return `the certificate of ${name} begins on ${dayOf(certificate.validFromDate)}`
  }
  if (nowMs > certificate.validToDate.getTime()) {
    return `the certificate of ${name} ended on ${dayOf(certificate.validToDate)}`
  }
  return undefined
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10)
