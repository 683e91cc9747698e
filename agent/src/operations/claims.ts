import { err, ok, type Result } from '@brickyard/std/result'
import type { SiteStore } from '../store/site-store.ts'
import type { BootDiscs, MadeDisc } from './boot-discs.ts'
import type { BootIntents, ClaimRefusal, FoundIntent } from './boot-intents.ts'
import { wantsInstaller } from './operation.ts'
import { exclusiveOperation } from './sled-boot.ts'

/** Tokens as an installer shows them, wherever it has them from. */
export interface Claims extends Pick<BootIntents, 'consume'> {
  find(token: string): Result<FoundClaim, ClaimRefusal>
}

export interface FoundClaim extends FoundIntent {
  /** The disc that carries the token. */
  readonly disc?: MadeDisc | undefined
}

/**
 * Boot intents, and beside them discs: the token of a disc was made before the operation that it
 * opens, and belongs to whatever the sled's installer is wanted for now. Once claimed it is an intent
 * of that operation like every other, and ends with it.
 */
export function createClaims(parts: {
  readonly site: SiteStore
  readonly intents: BootIntents
  readonly discs: BootDiscs
}): Claims {
  const { site, intents, discs } = parts
  return {
    find(token) {
      const intent = intents.find(token)
      const disc = intent.ok ? undefined : discs.find(token)
      if (disc === undefined) return intent
      const { sled } = disc
      const operation = exclusiveOperation(site, sled)
      if (operation === undefined || !wantsInstaller(operation)) {
        // The disc stays good: it may have been put in too early.
        return err({ status: 409, reason: `nothing waits for an installer of ${sled}`, sled })
      }
      return ok({ operation: operation.id, sled, claimed: false, disc })
    },
    consume(change, token, operation) {
      const disc = discs.find(token)
      if (disc !== undefined) {
        intents.add(change, token, { operation, sled: disc.sled })
        discs.use(change, disc)
      }
      intents.consume(change, token, operation)
    },
  }
}
