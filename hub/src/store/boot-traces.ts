import { bootTraceSchema, type BootTraceBody } from '@brickyard/protocol/boot-trace'
import type { Tx } from './hub-store.ts'

/** Traces kept of one site: every sled of a large rack and some strangers; the oldest go. */
const TRACES_PER_SITE_MAX = 500

/** A trace as a site last gave it. */
export interface HeldTrace {
  readonly trace: BootTraceBody
  /** By the hub's clock: the site's own may be wrong. */
  readonly receivedAtMs: number
}

export async function putBootTrace(
  tx: Tx,
  site: string,
  trace: BootTraceBody,
  nowMs: number,
): Promise<void> {
  const row = { document: JSON.stringify(trace), received_at_ms: nowMs }
  await tx
    .insertInto('boot_traces')
    .values({ site, machine: trace.of, ...row })
    .onConflict((c) => c.columns(['site', 'machine']).doUpdateSet(row))
    .execute()
  const beyond = await tx
    .selectFrom('boot_traces')
    .select('machine')
    .where('site', '=', site)
    .orderBy('received_at_ms', 'desc')
    .orderBy('machine')
    .offset(TRACES_PER_SITE_MAX)
    .limit(TRACES_PER_SITE_MAX)
    .execute()
  for (const { machine } of beyond) {
    await tx
      .deleteFrom('boot_traces')
      .where('site', '=', site)
      .where('machine', '=', machine)
      .execute()
  }
}

/** What is held of a machine; one that this release cannot read is as good as none. */
export async function findBootTrace(
  tx: Tx,
  site: string,
  machine: string,
): Promise<HeldTrace | undefined> {
  const row = await tx
    .selectFrom('boot_traces')
    .select(['document', 'received_at_ms'])
    .where('site', '=', site)
    .where('machine', '=', machine)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const trace = bootTraceSchema.safeParse(JSON.parse(row.document))
  return trace.success ? { trace: trace.data, receivedAtMs: Number(row.received_at_ms) } : undefined
}
