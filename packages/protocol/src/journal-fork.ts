import { createHash } from 'node:crypto'
import type { JournalEvent } from './events.ts'

/**
 * SHA-256 (hex) over one event. Site and hub give the same for the same event: both hold bodies as
 * JSON that was parsed and written again, which changes nothing a second time.
 */
export const eventPrint = ({ seq, atMs, kind, body }: JournalEvent): string =>
  createHash('sha256')
    .update(JSON.stringify([seq, atMs, kind, body ?? null]))
    .digest('hex')

/**
 * Where a site's journal and the hub's copy of it part ways, after the site's store was set back:
 * alike up to `alike`, no longer at `differs`. Both were written in order, so halving finds it.
 */
export interface ForkSearch {
  readonly alike: number
  readonly differs: number
}

/** The number to compare next; undefined when `alike` is the last event that both hold. */
export const nextProbe = ({ alike, differs }: ForkSearch): number | undefined =>
  differs - alike <= 1 ? undefined : alike + Math.floor((differs - alike) / 2)

export const noteProbe = (search: ForkSearch, seq: number, same: boolean): ForkSearch =>
  same
    ? { ...search, alike: Math.max(search.alike, seq) }
    : { ...search, differs: Math.min(search.differs, seq) }
