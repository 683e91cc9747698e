import type { SiteName } from '@brickyard/model/names'
import type { SiteFrame } from '@brickyard/protocol/frames'
import { eventPrint } from '@brickyard/protocol/journal-fork'
import type { HttpPeer } from '@brickyard/runtime/http'
import { err, ok, type Result } from '@brickyard/std/result'
import type { Notes, Tx } from '../store/hub-store.ts'
import { putNotice } from '../store/notices.ts'

export type Hello = Extract<SiteFrame, { kind: 'hello' }>

export interface Admitted {
  readonly site: SiteName
  /** Last event of the announced journal that is committed here, and its print. */
  readonly ackedSeq: number
  readonly ackedPrint: string | null
}

/**
 * Lets a site in: its certificate has to name it and be the one it enrolled or renewed with. Notes
 * what it said of itself, and opens its journal.
 */
export async function admit(
  tx: Tx,
  hello: Hello,
  peer: HttpPeer,
  nowMs: number,
  notes: Notes,
): Promise<Result<Admitted>> {
  const { site } = hello
  if (peer.expired !== undefined) return err('the certificate has expired; renew it first')
  if (peer.commonName === undefined) return err('a client certificate is needed; enrol first')
  if (peer.commonName !== site) {
    return err(`the certificate is that of site '${peer.commonName}', not of '${site}'`)
  }
  const row = await tx
    .selectFrom('sites')
    .select(['certified_spki', 'wanted_generation', 'conflict_generation'])
    .where('name', '=', site)
    .executeTakeFirst()
  if (row === undefined) return err(`there is no site '${site}' at this hub`)
  if (row.certified_spki !== peer.spkiSha256) {
    return err('the site has enrolled anew since; this certificate is no longer its own')
  }
  const ahead = hello.wantedGeneration > row.wanted_generation
  await tx
    .updateTable('sites')
    .set({
      agent_version: hello.agentVersion,
      epoch: hello.epoch,
      boot_id: hello.bootId,
      last_seq: hello.lastSeq,
      held_generation: hello.wantedGeneration,
      conflict_generation: ahead ? hello.wantedGeneration : row.conflict_generation,
      last_seen_ms: nowMs,
    })
    .where('name', '=', site)
    .execute()
  notes.changed({ kind: 'site', id: site, site })
  const ackedSeq = await openJournal(tx, hello, nowMs)
  return ok({ site, ackedSeq, ackedPrint: await printOf(tx, site, hello.epoch, ackedSeq) })
}

/** A hub restored from a backup may miss events that the site has dropped since: that is said. */
async function openJournal(tx: Tx, hello: Hello, nowMs: number): Promise<number> {
  const { site, epoch } = hello
  const journal = await tx
    .selectFrom('journals')
    .select(['acked_seq', 'lost'])
    .where('site', '=', site)
    .where('epoch', '=', epoch)
    .executeTakeFirst()
  const acked = journal?.acked_seq ?? 0
  const lost = Math.max(0, (hello.firstSeq ?? 1) - 1 - acked)
  const row = { acked_seq: acked + lost, lost: (journal?.lost ?? 0) + lost }
  await tx
    .insertInto('journals')
    .values({ site, epoch, ...row })
    .onConflict((c) => c.columns(['site', 'epoch']).doUpdateSet(row))
    .execute()
  if (lost > 0) {
    const text = `${lost} events before number ${hello.firstSeq} are neither here nor at the site`
    const key = `lost/${epoch}`
    await putNotice(tx, { site, key, kind: 'journal.lost', sled: null, text, at_ms: nowMs })
  }
  return row.acked_seq
}

/** Print of an event as it is held here; null when it is not. */
export async function printOf(
  tx: Tx,
  site: SiteName,
  epoch: string,
  seq: number,
): Promise<string | null> {
  const row = await tx
    .selectFrom('events')
    .select(['at_ms', 'kind', 'body'])
    .where('site', '=', site)
    .where('epoch', '=', epoch)
    .where('seq', '=', seq)
    .executeTakeFirst()
  if (row === undefined) return null
  const body = JSON.parse(row.body) as unknown
  return eventPrint({ seq, atMs: row.at_ms, kind: row.kind, body })
}
