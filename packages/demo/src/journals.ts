import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { HeldEvent } from '@brickyard/sim/journal-comparison'

/** Reads both ends' stores as they lie on the disk, as somebody from outside would. */
function readDatabase<T>(path: string, nothing: T, read: (db: Database.Database) => T): T {
  if (!existsSync(path)) return nothing
  const db = new Database(path, { readonly: true })
  try {
    return read(db)
  } catch (error) {
    // A store whose process is just making its tables has none yet.
    if (error instanceof Error && error.message.includes('no such table')) return nothing
    throw error
  } finally {
    db.close()
  }
}

interface SiteJournal {
  readonly epoch: string
  readonly lastSeq: number
  readonly events: readonly HeldEvent[]
}

export const readSiteJournal = (path: string): SiteJournal =>
  readDatabase<SiteJournal>(path, { epoch: '', lastSeq: 0, events: [] }, (db) => {
    const meta = (key: string): string => {
      const row = db.prepare('SELECT value FROM meta WHERE key = ?').get(key)
      return (row as { value: string } | undefined)?.value ?? ''
    }
    const epoch = meta('epoch')
    const rows = db.prepare('SELECT seq, kind, body FROM event ORDER BY seq').all()
    const events = (rows as Omit<HeldEvent, 'epoch'>[]).map((row) => ({ ...row, epoch }))
    return { epoch, lastSeq: Number(meta('last_seq')), events }
  })

interface HubJournal {
  readonly ackedSeq: number
  readonly events: readonly HeldEvent[]
}

export const readHubJournal = (path: string, site: string): HubJournal =>
  readDatabase<HubJournal>(path, { ackedSeq: 0, events: [] }, (db) => {
    const events = db.prepare('SELECT epoch, seq, kind, body FROM events WHERE site = ?').all(site)
    const acked = db
      .prepare(
        `SELECT acked_seq FROM journals JOIN sites ON name = site AND sites.epoch = journals.epoch
         WHERE site = ?`,
      )
      .get(site)
    return {
      ackedSeq: (acked as { acked_seq: number } | undefined)?.acked_seq ?? 0,
      events: events as HeldEvent[],
    }
  })
