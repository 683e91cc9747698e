import type { EventBody } from '@brickyard/protocol/events'
import type { AwaitedBoot } from '@brickyard/netboot/boot-trace-silence'
import type { OperationEvent } from '@brickyard/netboot/boot-trace-events'
import { lacpBond } from '../operations/assigned-network.ts'
import { isExclusive, type Operation, wantsInstaller } from '../operations/operation.ts'
import { lastSeq } from '../store/journal.ts'
import type { SiteStore } from '../store/site-store.ts'
import type { BootBook } from './trace-book.ts'

/** Operations told in one commit are few; more wait for the next commit. */
const EVENTS_AT_ONCE_MAX = 100

/**
 * Puts what operations come to beside the boots they wait for. They are read from the journal, where
 * they are facts, after each commit: nobody has to remember to tell.
 */
export function followOperations(site: SiteStore, book: BootBook): void {
  let seq = site.read(lastSeq)
  let { epoch } = site
  site.onEvents(() => {
    // A journal that began anew has numbers of its own.
    if (site.epoch !== epoch) {
      epoch = site.epoch
      seq = 0
    }
    const rows = site.read((sql) =>
      sql.all<{ seq: number; at_ms: number; body: string }>(
        `SELECT seq, at_ms, body FROM event WHERE seq > ? AND kind = 'operation.changed'
         ORDER BY seq LIMIT ?`,
        seq,
        EVENTS_AT_ONCE_MAX,
      ),
    )
    for (const row of rows) {
      const { operation } = JSON.parse(row.body) as EventBody<'operation.changed'>
      if (!isExclusive(operation.kind)) continue
      const event = eventOf(operation, row.at_ms)
      const lacp = lacpBond(site.running.get(operation.id)?.assignment)
      book.takeOf(operation.sled, lacp === undefined ? event : { ...event, lacp })
    }
    seq = rows.length < EVENTS_AT_ONCE_MAX ? site.read(lastSeq) : (rows.at(-1)?.seq ?? seq)
  })
}

/** The boot that an operation of a sled waits for: it was powered up, and no installer has claimed. */
export function awaitedBoot(site: SiteStore, sled: string): AwaitedBoot | undefined {
  const operation = [...site.running.values()].find((one) => one.sled === sled && waits(one))
  const poweredAtMs = operation?.trail.findLast(({ name }) => name === POWERED)?.endedAtMs ?? null
  if (operation === undefined || poweredAtMs === null) return undefined
  const fromDisc = operation.trail.findLast(({ name }) => SETS_BOOT.test(name))?.name === FROM_DISC
  return { what: operation.kind, poweredAtMs, lacp: lacpBond(operation.assignment), fromDisc }
}

const waits = (operation: Operation): boolean =>
  wantsInstaller(operation) && operation.install?.phase === 'awaiting-claim'

/** The steps' names in the trail. */
const POWERED = 'power up'
const FROM_DISC = 'set boot from disc once'
const SETS_BOOT = /^set (network boot|boot from disc) once$/

const eventOf = (
  { id, kind, state, reason, startedAtMs, steps }: EventBody<'operation.changed'>['operation'],
  atMs: number,
): OperationEvent => ({
  kind: 'operation',
  atMs,
  id,
  what: kind,
  state,
  reason,
  startedAtMs,
  steps,
})
