import type { SiteName } from '@brickyard/model/names'
import { readEvent, type JournalEvent } from '@brickyard/protocol/events'
import { err, ok, type Result } from '@brickyard/std/result'
import { takeNumbers, type Notes, type Tx } from '../store/hub-store.ts'
import { project, sledOf } from './project.ts'

export interface Batch {
  readonly site: SiteName
  readonly epoch: string
  readonly events: readonly JournalEvent[]
  readonly receivedAtMs: number
}

/**
 * Takes events of a site's journal and what follows from them, in one transaction. What is already
 * here is skipped; a gap refuses the whole batch, so that (site, epoch) is always without holes.
 * Answers the sequence that may be acknowledged once the transaction has committed.
 */
export async function ingest(tx: Tx, batch: Batch, notes: Notes): Promise<Result<number>> {
  const { site, epoch } = batch
  const journal = await tx
    .selectFrom('journals')
    .select('acked_seq')
    .where('site', '=', site)
    .where('epoch', '=', epoch)
    .executeTakeFirst()
  if (journal === undefined) return err(`the journal ${epoch} was not announced`)
  const fresh = batch.events.filter((event) => event.seq > journal.acked_seq)
  const gap = fresh.findIndex((event, i) => event.seq !== journal.acked_seq + 1 + i)
  if (gap >= 0) {
    return err(`event ${fresh[gap]?.seq} came where ${journal.acked_seq + 1 + gap} was due`)
  }
  const ackedSeq = journal.acked_seq + fresh.length
  if (fresh.length === 0) return ok(ackedSeq)
  const firstId = await takeNumbers(tx, 'events', fresh.length)
  for (const [i, event] of fresh.entries()) {
    await takeEvent(tx, batch, event, firstId + i, notes)
  }
  await tx
    .updateTable('journals')
    .set({ acked_seq: ackedSeq })
    .where('site', '=', site)
    .where('epoch', '=', epoch)
    .execute()
  return ok(ackedSeq)
}

async function takeEvent(
  tx: Tx,
  { site, epoch, receivedAtMs }: Batch,
  event: JournalEvent,
  id: number,
  notes: Notes,
): Promise<void> {
  const known = readEvent(event)
  await tx
    .insertInto('events')
    .values({
      id,
      site,
      epoch,
      seq: event.seq,
      at_ms: event.atMs,
      received_at_ms: receivedAtMs,
      kind: event.kind,
      sled: known === undefined ? null : sledOf(known),
      body: JSON.stringify(event.body ?? null),
      readable: known === undefined ? 0 : 1,
    })
    .execute()
  notes.changed({ kind: 'event', id: String(id), site })
  if (known !== undefined) await project(tx, site, { ...known, id }, notes)
}
