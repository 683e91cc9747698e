import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RIG } from './rig-network.ts'

/** An operator's authority and what it certified, as files. */
export interface OperatorKeys {
  readonly authority: string
  readonly bootCertificate: string
  readonly bootKey: string
  readonly signingCertificate: string
  readonly signingKey: string
  /** The authority as firmware takes it: an EFI signature list. */
  readonly signatureList: string
}

/** A loader that was built with the authority is kept between runs. */
const DAYS = '3650'

/** Where each of them is in a folder. */
export function operatorKeysIn(folder: string): OperatorKeys {
  const at = (name: string): string => join(folder, name)
  return {
    authority: at('authority.pem'),
    bootCertificate: at('boot.pem'),
    bootKey: at('boot.key'),
    signingCertificate: at('signing.pem'),
    signingKey: at('signing.key'),
    signatureList: at('authority.esl'),
  }
}

/** Makes them with openssl in RSA: firmware of 2022 and iPXE before 2024 know no other certificates. */
export function makeOperatorKeys(parent: string): OperatorKeys {
  const folder = join(parent, 'operator')
  mkdirSync(folder, { recursive: true })
  const at = (name: string): string => join(folder, name)
  const authority = at('authority.pem')
  const newKey = (name: string): string[] => ['-newkey', 'rsa:2048', '-nodes', '-keyout', at(name)]
  const openssl = (command: string, words: readonly string[]): void =>
    void execFileSync('openssl', [command, ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
  const constraints = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign']
  const extensions = constraints.flatMap((one) => ['-addext', one])
  const own = [...newKey('authority.key'), '-out', authority, '-days', DAYS, ...extensions]
  openssl('req', ['-x509', '-subj', '/CN=Rig operator', ...own])
  const signer = ['-CA', authority, '-CAkey', at('authority.key'), '-days', DAYS]
  // A random serial number is not of one length, and nor are signatures that name it.
  const certify = (name: string, serial: string, lines: readonly string[]): void => {
    const [request, extension] = [at(`${name}.csr`), at(`${name}.ext`)]
    writeFileSync(extension, `${lines.join('\n')}\n`)
    openssl('req', ['-new', '-subj', `/CN=Rig ${name}`, ...newKey(`${name}.key`), '-out', request])
    const result = ['-set_serial', serial, '-extfile', extension, '-out', at(`${name}.pem`)]
    openssl('x509', ['-req', '-in', request, ...signer, ...result])
  }
  const use = 'keyUsage=critical,digitalSignature'
  const host = `subjectAltName=IP:${RIG.agentAddress}`
  certify('boot', '1', [`${use},keyEncipherment`, 'extendedKeyUsage=serverAuth', host])
  certify('signing', '2', [use, 'extendedKeyUsage=codeSigning'])
  const keys = operatorKeysIn(folder)
  writeFileSync(keys.signatureList, signatureListOf(readFileSync(authority, 'utf8')))
  return keys
}

/** EFI_CERT_X509_GUID a5c059a1-94e4-4aa7-87b5-ab155c2bf072 as bytes (UEFI 2.10 §32.4.1). */
const CERT_X509 = Buffer.from('a159c0a5e494a74a87b5ab155c2bf072', 'hex')
const GUID_BYTES = 16

/** One certificate as EFI_SIGNATURE_LIST (UEFI 2.10 §32.4.1), which OVMF takes for its TLS authorities. */
function signatureListOf(certificatePem: string): Buffer {
  const der = new X509Certificate(certificatePem).raw
  const signatureBytes = GUID_BYTES + der.length
  const header = Buffer.alloc(12)
  header.writeUInt32LE(GUID_BYTES + header.length + signatureBytes, 0)
  header.writeUInt32LE(signatureBytes, 8)
  const owner = Buffer.alloc(GUID_BYTES)
  return Buffer.concat([CERT_X509, header, owner, der])
}
