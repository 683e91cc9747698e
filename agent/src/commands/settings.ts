import { SledName } from '@brickyard/model/names'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { nodeHttpClient } from '@brickyard/runtime/node/http'
import { nodeIdentity } from '@brickyard/runtime/node/identity'
import { jsonLog } from '@brickyard/runtime/node/log'
import { argon2Password } from '@brickyard/runtime/node/password'
import { systemRandom } from '@brickyard/runtime/node/random'
import { migrate } from '@brickyard/runtime/store'
import { err, ok, type Result } from '@brickyard/std/result'
import { boxKeyId, boxKeys } from '@brickyard/std/sealed-box'
import { acceptRecoveryKey } from '../credentials/recovery-pin.ts'
import { enrol } from '../hub-link/link-identity.ts'
import { createWantedStore } from '../hub-link/wanted-store.ts'
import { openStores } from '../node/open-stores.ts'
import {
  boxSecretOf,
  readSiteKey,
  sealedCredentials,
  type SealedCredentials,
} from '../node/sealed-credentials.ts'
import { writePinHash } from '../node/site-pin.ts'
import { SITE_MIGRATIONS } from '../store/migrations.ts'
import { openSiteStore } from '../store/site-store.ts'
import type { Appliance } from './appliance.ts'

/** What a technician types in at night with gloves on: not a word, at least this long. */
const PIN_PATTERN = /^\d{6,12}$/

/** Seals the password of a sled's BMC into the site's store; the running agent uses it at once. */
export function setCredential(
  appliance: Appliance,
  sledText: string,
  secret: string,
  credentialsFolder: string | undefined,
): Result<string> {
  const sled = SledName.parse(sledText)
  if (!sled.ok) return sled
  return sealSecret(appliance, credentialsFolder, (credentials) => {
    const set = credentials.set(sled.value, secret)
    return set.ok ? ok(`the password for the BMC of ${sled.value} is sealed`) : set
  })
}

/** Seals the community or the passphrases of a PDU. */
export function setPduSecret(
  appliance: Appliance,
  pdu: string,
  secret: string,
  credentialsFolder: string | undefined,
): Result<string> {
  return sealSecret(appliance, credentialsFolder, (credentials) => {
    const set = credentials.setPduSecret(pdu, secret)
    return set.ok ? ok(`the secret of PDU ${pdu} is sealed`) : set
  })
}

function sealSecret(
  { file }: Appliance,
  credentialsFolder: string | undefined,
  set: (credentials: SealedCredentials) => Result<string>,
): Result<string> {
  const key = readSiteKey(file.keyFile, credentialsFolder, true)
  if (!key.ok) return key
  const log = jsonLog('warn', 'agent')
  const { store, readings } = openStores(file.stateFolder, log, systemClock.wallMs())
  try {
    migrate(store, SITE_MIGRATIONS)
    return set(sealedCredentials(store, key.value))
  } finally {
    store.close()
    readings.close()
  }
}

/** What a person compares with `yard sled import`: that the hub shows this site's key and no other. */
export function sealingKeyId(
  { file }: Appliance,
  credentialsFolder: string | undefined,
): Result<string> {
  const key = readSiteKey(file.keyFile, credentialsFolder, false)
  return key.ok ? ok(boxKeyId(boxKeys(boxSecretOf(key.value)).publicKey)) : key
}

/** Says that another recovery key than the one so far is right; it must be the one that is named now. */
export function acceptNamedRecoveryKey(
  { file, standAlone }: Appliance,
  id: string,
): Result<string> {
  const log = jsonLog('warn', 'agent')
  const { store, readings } = openStores(file.stateFolder, log, systemClock.wallMs())
  try {
    const site = openSiteStore({ store, clock: systemClock, random: systemRandom })
    const policy = createWantedStore(site, standAlone).rack()?.bmcPasswords
    const named = policy === undefined ? 'none' : boxKeyId(policy.recoveryKey)
    if (policy === undefined || named !== id) {
      return err(`the rack document names recovery key ${named}, not ${id}`)
    }
    site.commit((change) => acceptRecoveryKey(change.sql, policy))
    return ok(`recovery key ${id} is used from now on`)
  } finally {
    store.close()
    readings.close()
  }
}

/** Sets the PIN of the technician's page. */
export async function setPin({ file }: Appliance, pin: string): Promise<Result<string>> {
  if (!PIN_PATTERN.test(pin)) return err('a PIN has 6 to 12 digits')
  writePinHash(file.stateFolder, await argon2Password.hash(pin))
  return ok('the PIN is set; restart the agent')
}

/** Trades a one-time token for this site's certificate. */
export async function enrolSite(
  { file }: Appliance,
  token: string,
  hubUrl: string,
): Promise<Result<string>> {
  const http = nodeHttpClient()
  try {
    const parts = {
      http,
      identity: nodeIdentity,
      files: nodeFiles,
      folder: `${file.stateFolder}/link`,
    }
    const enrolled = await enrol(parts, hubUrl.replace(/\/$/, ''), token, file.site)
    return enrolled.ok ? ok(`site ${enrolled.value.site} is enrolled at ${hubUrl}`) : enrolled
  } finally {
    await http.close()
  }
}
