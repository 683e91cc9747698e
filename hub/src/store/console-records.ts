import { Days, GiB, MiB } from '@brickyard/std/units'
import type { Tx } from './hub-store.ts'
import type { ConsoleRecordTable } from './tables.ts'

/** One record: a day of a chatty boot loop, and no reason to fill the disk. */
export const RECORD_BYTES_MAX = MiB(16)
/** Records are kept so long, and no more than this of all; the oldest go first. */
const RECORDS_KEPT_MS = Days(90)
const RECORDS_BYTES_MAX = GiB(1)
const LISTED_MAX = 200
const PARTS_READ_MAX = 200

/** One piece of a record, in order of its number. */
export interface RecordPart {
  readonly number: number
  readonly atMs: number
  readonly what: 'printed' | 'typed' | 'note'
  readonly by: string | null
  readonly ring: string | null
  readonly offset: number | null
  readonly data: Uint8Array
}

export async function beginRecord(
  tx: Tx,
  { id, site, sled, atMs }: { id: string; site: string; sled: string; atMs: number },
): Promise<void> {
  const row = { id, site, sled, began_at_ms: atMs, last_at_ms: atMs, bytes: 0, cut: 0 }
  await tx.insertInto('console_records').values(row).execute()
}

export async function addRecordParts(
  tx: Tx,
  record: string,
  parts: readonly RecordPart[],
  nowMs: number,
  cut: boolean,
): Promise<void> {
  for (const { number, atMs, what, by, ring, offset, data } of parts) {
    await tx
      .insertInto('console_parts')
      .values({
        record,
        number,
        at_ms: atMs,
        what,
        by_whom: by,
        ring,
        first_byte: offset,
        bytes: data.length,
        data: Buffer.from(data).toString('base64'),
      })
      .execute()
  }
  const bytes = parts.reduce((sum, { data }) => sum + data.length, 0)
  await tx
    .updateTable('console_records')
    .set((eb) => ({
      bytes: eb('bytes', '+', bytes),
      last_at_ms: nowMs,
      ...(cut ? { cut: 1 } : {}),
    }))
    .where('id', '=', record)
    .execute()
}

/** How far the console's output is in records already. */
export async function printedUpTo(
  tx: Tx,
  site: string,
  sled: string,
): Promise<{ ring: string; offset: number } | undefined> {
  const row = await tx
    .selectFrom('console_parts')
    .innerJoin('console_records', 'console_records.id', 'console_parts.record')
    .select(['ring', 'first_byte', 'console_parts.bytes'])
    .where('site', '=', site)
    .where('sled', '=', sled)
    .where('what', '=', 'printed')
    .orderBy('began_at_ms', 'desc')
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined || row.ring === null || row.first_byte === null) return undefined
  return { ring: row.ring, offset: Number(row.first_byte) + Number(row.bytes) }
}

/** Records of a sled's console, newest first. */
export const listRecords = (tx: Tx, site: string, sled: string): Promise<ConsoleRecordTable[]> =>
  tx
    .selectFrom('console_records')
    .selectAll()
    .where('site', '=', site)
    .where('sled', '=', sled)
    .orderBy('began_at_ms', 'desc')
    .orderBy('id')
    .limit(LISTED_MAX)
    .execute()

export const findRecord = (tx: Tx, id: string): Promise<ConsoleRecordTable | undefined> =>
  tx.selectFrom('console_records').selectAll().where('id', '=', id).executeTakeFirst()

/** Parts behind number `after`, in order. */
export const readParts = (tx: Tx, record: string, after: number) =>
  tx
    .selectFrom('console_parts')
    .selectAll()
    .where('record', '=', record)
    .where('number', '>', after)
    .orderBy('number')
    .limit(PARTS_READ_MAX)
    .execute()

/** Drops what is too old, and the oldest of what is too much. */
export async function pruneRecords(tx: Tx, nowMs: number): Promise<void> {
  const records = await tx
    .selectFrom('console_records')
    .select(['id', 'last_at_ms', 'bytes'])
    .orderBy('last_at_ms', 'desc')
    .orderBy('id')
    .execute()
  let kept = 0
  for (const { id, last_at_ms, bytes } of records) {
    kept += Number(bytes)
    if (kept <= RECORDS_BYTES_MAX && Number(last_at_ms) > nowMs - RECORDS_KEPT_MS) continue
    await tx.deleteFrom('console_parts').where('record', '=', id).execute()
    await tx.deleteFrom('console_records').where('id', '=', id).execute()
  }
}
