import type { RackDocument } from '@brickyard/model/rack'
import type { AwaitedBoot } from '@brickyard/netboot/boot-trace-silence'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { Store } from '@brickyard/runtime/store'
import type { SiteStore } from '../store/site-store.ts'
import { type BootTracer, createBootTracer } from './trace.ts'
import { type BootBook, createBootBook } from './trace-book.ts'
import { createNetbootCounts, type NetbootCounts } from './trace-counts.ts'
import { awaitedBoot, followOperations } from './trace-operations.ts'
import { createWatches, type Watches } from './trace-watches.ts'

/** Everything by which a site remembers how its machines boot. */
export interface Tracing {
  readonly tracer: BootTracer
  readonly book: BootBook
  readonly watches: Watches
  readonly counts: NetbootCounts
}

export function createTracing(parts: {
  readonly readings: Store
  readonly clock: Clock
  readonly log: Log
  readonly site: SiteStore
  readonly rack: () => RackDocument | undefined
}): Tracing {
  const { readings: store, clock, log, site, rack } = parts
  const watches = createWatches(clock)
  const counts = createNetbootCounts()
  const book = createBootBook({
    store,
    clock,
    log,
    identity(sled) {
      const declared = rack()?.sleds.find(({ name }) => name === sled)
      if (declared === undefined) return undefined
      return { macs: declared.macs, uuid: site.sleds.get(sled)?.facts?.uuid ?? null }
    },
  })
  followOperations(site, book)
  const awaited = (sled: string): AwaitedBoot | undefined => awaitedBoot(site, sled)
  const tracer = createBootTracer({ clock, book, watches, counts, awaited })
  return { tracer, book, watches, counts }
}
