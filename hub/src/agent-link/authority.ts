import { createPrivateKey, createPublicKey } from 'node:crypto'
import { signAct, type ActPayload, type SignedAct } from '@brickyard/protocol/acts'
import type { Clock } from '@brickyard/runtime/clock'
import type { Files } from '@brickyard/runtime/files'
import type { CertifiedKey, Identity } from '@brickyard/runtime/identity'
import type { Random } from '@brickyard/runtime/random'
import { Days, Hours } from '@brickyard/std/units'
import type { HubConfig } from '../config.ts'

const AUTHORITY_DAYS = 3650
/** Certificates of sites, renewed over the link long before (DESIGN.md §9). */
export const SITE_CERTIFICATE_MS = Days(30)
const LISTENER_CERTIFICATE_MS = Days(90)
/** Clocks differ: a certificate is good a little before it was made. */
const BACKDATED_MS = Hours(1)
const KEY_FILE_MODE = 0o600

/** The hub's keys: its certificate authority, its listener's certificate, and the key that signs acts. */
export interface Authority {
  readonly certPem: string
  /** What enrolment tokens pin. */
  readonly spkiSha256: string
  /** Public half of the key that signs acts, SPKI PEM. */
  readonly actKeyPem: string
  sign(payload: ActPayload): SignedAct
  /** Rejects a request that is not signed by its own key. */
  issueSiteCertificate(site: string, requestPem: string): Promise<string>
  /** A fresh certificate for the agent listener; its key stays the same. */
  issueListenerCertificate(): Promise<CertifiedKey>
}

interface Ports {
  readonly config: HubConfig
  readonly clock: Clock
  readonly files: Files
  readonly identity: Identity
  readonly random: Random
}

/** Opens the hub's keys, making those that are missing; they lie in the data folder, mode 0600. */
export async function openAuthority(ports: Ports): Promise<Authority> {
  const { config, clock, files, identity, random } = ports
  const folder = `${config.dataFolder}/keys`
  const authority = await keep(files, `${folder}/authority.pem`, async () => {
    const { certPem, keyPem } = await identity.newAuthority('Brickyard hub', AUTHORITY_DAYS)
    return `${certPem.trim()}\n${keyPem.trim()}\n`
  }).then(readCertifiedKey)
  const actKey = createPrivateKey(
    await keep(files, `${folder}/acts.pem`, async () => newActKey(random)),
  )
  const listenerKeyPem = await keep(files, `${folder}/listener.pem`, () => identity.newKey())

  const validFor = (ms: number): { notBeforeMs: number; notAfterMs: number } => ({
    notBeforeMs: clock.wallMs() - BACKDATED_MS,
    notAfterMs: clock.wallMs() + ms,
  })
  return {
    certPem: authority.certPem,
    spkiSha256: identity.describe(authority.certPem).spkiSha256,
    actKeyPem: createPublicKey(actKey).export({ type: 'spki', format: 'pem' }) as string,
    sign: (payload) => signAct(payload, actKey),
    issueSiteCertificate: (site, requestPem) =>
      identity.issue(authority, requestPem, {
        commonName: site,
        use: 'client',
        hosts: [],
        ...validFor(SITE_CERTIFICATE_MS),
      }),
    async issueListenerCertificate() {
      const commonName = config.agentHosts[0] ?? 'hub'
      const request = await identity.requestCertificate(listenerKeyPem, commonName)
      const certPem = await identity.issue(authority, request, {
        commonName,
        use: 'server',
        hosts: config.agentHosts,
        ...validFor(LISTENER_CERTIFICATE_MS),
      })
      return { certPem, keyPem: listenerKeyPem }
    },
  }
}

async function keep(files: Files, path: string, make: () => Promise<string>): Promise<string> {
  const held = await files.read(path)
  if (held !== undefined) return Buffer.from(held).toString('utf8')
  const made = await make()
  await files.writeAtomic(path, Buffer.from(made, 'utf8'), KEY_FILE_MODE)
  return made
}

function readCertifiedKey(text: string): CertifiedKey {
  const block = (label: string): string =>
    new RegExp(`-----BEGIN ${label}-----[\\s\\S]*?-----END ${label}-----\\n?`).exec(text)?.[0] ?? ''
  const pair = { certPem: block('CERTIFICATE'), keyPem: block('PRIVATE KEY') }
  if (pair.certPem === '' || pair.keyPem === '') {
    throw new Error('keys/authority.pem holds no certificate and key; restore it from a backup')
  }
  return pair
}

/** PKCS#8 of an Ed25519 key up to its 32 secret bytes (RFC 8410 §7). */
const ED25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Made from the Random port, so that a simulation is repeatable. */
const newActKey = (random: Random): string =>
  createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8_PREFIX, random.bytes(32)]),
    format: 'der',
    type: 'pkcs8',
  }).export({ type: 'pkcs8', format: 'pem' }) as string
