import type { SledName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import { err, ok, type Result } from '@brickyard/std/result'
import type { DiscFile, DiscMaker } from './netboot/disc-maker.ts'
import type { BootDiscs, MadeDisc } from './operations/boot-discs.ts'

export interface DiscDeskParts {
  readonly discs: BootDiscs
  readonly rack: () => RackDocument | undefined
  readonly maker: DiscMaker
  /** Operations may begin now. */
  readonly onInserted: () => void
}

/**
 * Boot discs as a technician has them. They are made here and nowhere else: the token goes from the
 * appliance to whoever signed in at its own page, and the hub hears only that there is a disc.
 */
export interface DiscDesk {
  open(sled: SledName): readonly MadeDisc[]
  make(sled: SledName, lifeMs: number, by: string): Result<DiscFile>
  insert(id: string, by: string): Result<string>
  revoke(id: string, by: string): Result<string>
}

export function createDiscDesk({ discs, rack, maker, onInserted }: DiscDeskParts): DiscDesk {
  return {
    open: (sled) => discs.open(sled),
    make(sled, lifeMs, by) {
      const declared = rack()?.sleds.find(({ name }) => name === sled)
      if (declared === undefined) return err('There is no such sled.')
      // A disc that cannot be written leaves no token behind.
      const possible = maker(declared, '')
      if (!possible.ok) return possible
      const made = discs.make(sled, by, lifeMs)
      return made.ok ? maker(declared, made.value.token) : made
    },
    insert(id, by) {
      const inserted = discs.insert(id, by)
      if (!inserted.ok) return inserted
      onInserted()
      return ok('what this sled waits for begins from its disc')
    },
    revoke(id, by) {
      const revoked = discs.revoke(id, by)
      return revoked.ok ? ok('that disc boots nothing any more') : revoked
    },
  }
}
