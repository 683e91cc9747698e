import type { SledName } from '@brickyard/model/names'
import type { BmcDeclaration } from '@brickyard/model/rack'
import type { HttpClient } from '@brickyard/runtime/http'
import { Seconds } from '@brickyard/std/units'
import type { SiteStore } from '../store/site-store.ts'
import type { PinState } from './check-intake.ts'

/** Of `site.db`: the key that each Redfish BMC showed at the first contact. */
export const BMC_PIN_TABLE = `
CREATE TABLE bmc_pin (
  sled TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  spki_sha256 TEXT NOT NULL,
  learned_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID
`

const SHOW_TIMEOUT_MS = Seconds(5)

/** By which key a Redfish BMC is known: the declared one, else the one it showed first. */
export interface BmcPins {
  /** The declaration with the key to hold the BMC to. */
  pinned<T extends BmcDeclaration>(sled: SledName, declared: T): T
  /**
   * Asks the BMC for its key. The first one is taken on trust; another one later is told and not
   * taken. Undefined for a BMC without TLS, or one that shows no key now.
   */
  look(sled: SledName, declared: BmcDeclaration): Promise<PinState | undefined>
}

export function createBmcPins({
  site,
  http,
}: {
  readonly site: SiteStore
  readonly http: HttpClient
}): BmcPins {
  /** Known for as long as the sled's BMC has this address: another address is another BMC. */
  function learned(sled: SledName, { address }: BmcDeclaration): string | undefined {
    const sql = 'SELECT spki_sha256 FROM bmc_pin WHERE sled = ? AND address = ?'
    return site.read((db) => db.get<{ spki_sha256: string }>(sql, sled, address))?.spki_sha256
  }

  function learn(sled: SledName, { address }: BmcDeclaration, key: string): void {
    site.commit(({ sql, wallMs }) =>
      sql.run(
        `INSERT INTO bmc_pin (sled, address, spki_sha256, learned_at_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (sled) DO UPDATE SET
           address = excluded.address,
           spki_sha256 = excluded.spki_sha256,
           learned_at_ms = excluded.learned_at_ms`,
        sled,
        address,
        key,
        wallMs,
      ),
    )
  }

  return {
    pinned(sled, declared) {
      if (declared.protocol !== 'redfish' || declared.spkiSha256 !== undefined) return declared
      const spkiSha256 = learned(sled, declared)
      return spkiSha256 === undefined ? declared : { ...declared, spkiSha256 }
    },
    async look(sled, declared) {
      if (declared.protocol !== 'redfish') return undefined
      const known = declared.spkiSha256 ?? learned(sled, declared)
      const url = `https://${declared.address}:${declared.port}`
      const shown = await http.serverKey?.(url, SHOW_TIMEOUT_MS)
      if (shown === undefined) return known === undefined ? { kind: 'none' } : undefined
      if (!shown.ok) return undefined
      if (known !== undefined && known !== shown.value) {
        return { kind: 'changed', spkiSha256: known, shown: shown.value }
      }
      if (declared.spkiSha256 !== undefined) return { kind: 'declared' }
      if (known === undefined) learn(sled, declared, shown.value)
      return { kind: 'learned', spkiSha256: shown.value, isNew: known === undefined }
    },
  }
}
