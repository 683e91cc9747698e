import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SledName } from '@brickyard/model/names'
import type { Store } from '@brickyard/runtime/store'
import { err, ok, type Result } from '@brickyard/std/result'
import type { Credentials } from '../agent-ports.ts'
import { APPLIANCE_COMMAND } from '../appliance-command.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** IPMI 2.0 takes 20 bytes; Redfish takes more. */
const PASSWORD_BYTES_MAX = 128

/**
 * BMC passwords in `site.db`, each sealed with AES-256-GCM under a key that is not in the database:
 * a copy of the disk's database alone opens nothing. The sled's name is authenticated with it, so a
 * record cannot be moved to another sled.
 */
export interface SealedCredentials extends Credentials {
  set(sled: SledName, password: string): Result<void>
  setPduSecret(pdu: string, secret: string): Result<void>
}

/** Secrets of PDUs are kept beside those of sleds, whose names have no colon. */
const pduRecord = (pdu: string): string => `pdu:${pdu}`

export function sealedCredentials(store: Store, key: Uint8Array): SealedCredentials {
  function held(record: string, missing: string): Result<string> {
    const row = store.read((sql) =>
      sql.get<{ sealed: Uint8Array }>('SELECT sealed FROM credential WHERE sled = ?', record),
    )
    return row === undefined ? err(missing) : open(key, record, row.sealed)
  }

  function keep(record: string, secret: string): Result<void> {
    const bytes = Buffer.from(secret, 'utf8')
    if (bytes.length === 0 || bytes.length > PASSWORD_BYTES_MAX) {
      return err(`a password has 1 to ${PASSWORD_BYTES_MAX} bytes, this one ${bytes.length}`)
    }
    const sealed = seal(key, record, bytes)
    store.tx((sql) =>
      sql.run(
        'INSERT INTO credential (sled, sealed) VALUES (?, ?) ON CONFLICT (sled) DO UPDATE SET sealed = excluded.sealed',
        record,
        sealed,
      ),
    )
    return ok(undefined)
  }

  return {
    bmcPassword: (sled) =>
      held(
        sled,
        `no password is set for the BMC of ${sled}: run "${APPLIANCE_COMMAND} credential set ${sled}"`,
      ),
    pduSecret: (pdu) =>
      held(
        pduRecord(pdu),
        `no secret is set for PDU ${pdu}: run "${APPLIANCE_COMMAND} credential pdu ${pdu}"`,
      ),
    seal: (sled, password) => seal(key, sled, Buffer.from(password, 'utf8')),
    open: (sled, sealed) => open(key, sled, sealed),
    boxSecret: () => boxSecretOf(key),
    set: keep,
    setPduSecret: (pdu, secret) => keep(pduRecord(pdu), secret),
  }
}

/** The private key of what is sealed for this site; with the site's key it is lost and had again. */
export const boxSecretOf = (key: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, '', 'brickyard handover key', KEY_BYTES))

function seal(key: Uint8Array, sled: string, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(sled, 'utf8'))
  const text = Buffer.concat([cipher.update(plain), cipher.final()])
  return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), text]))
}

function open(key: Uint8Array, sled: string, sealed: Uint8Array): Result<string> {
  try {
    const nonce = sealed.subarray(0, NONCE_BYTES)
    const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
    const decipher = createDecipheriv('aes-256-gcm', key, nonce)
      .setAAD(Buffer.from(sled, 'utf8'))
      .setAuthTag(tag)
    const text = sealed.subarray(NONCE_BYTES + TAG_BYTES)
    return ok(Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8'))
  } catch {
    return err(`the password for the BMC of ${sled} was sealed under another key`)
  }
}

/**
 * The site's key: the systemd credential `site-key` where the unit gives one, else the key file.
 * `make` writes a new file when there is none; only its owner may read it.
 */
export function readSiteKey(
  keyFile: string,
  credentialsFolder: string | undefined,
  make: boolean,
): Result<Uint8Array> {
  const path = credentialsFolder === undefined ? keyFile : join(credentialsFolder, 'site-key')
  const secret = readSecret(path) ?? (path === keyFile ? undefined : readSecret(keyFile))
  if (secret !== undefined) {
    if (secret.length < KEY_BYTES) return err(`${path} holds fewer than ${KEY_BYTES} bytes`)
    return ok(new Uint8Array(hkdfSync('sha256', secret, '', 'brickyard site key', KEY_BYTES)))
  }
  if (!make) return err(`there is no site key at ${keyFile}`)
  mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 })
  writeFileSync(keyFile, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  chmodSync(keyFile, 0o600)
  return readSiteKey(keyFile, undefined, false)
}

function readSecret(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
