import type { RackDocument } from '@brickyard/model/rack'
import type { Assignment } from '@brickyard/protocol/assignment'
import { parseRackDocument } from '@brickyard/protocol/rack-document'
import {
  applyWanted,
  readWanted,
  type WantedDelta,
  type WantedRefusal,
  type WantedState,
} from '@brickyard/protocol/wanted-state'
import type { Sql } from '@brickyard/runtime/store'
import { ok, type Result } from '@brickyard/std/result'
import type { StandAloneDocument } from '../stand-alone/stand-alone-document.ts'
import { readMeta, writeMeta } from '../store/journal.ts'
import type { SiteStore } from '../store/site-store.ts'

/**
 * What is wanted of this site: the hub's documents, on disk under their generation, or the local
 * document of a site that has no hub yet. A rack of the hub always wins over the local one; until
 * one has come, the local one stays, so that joining a hub interrupts nothing.
 */
export interface WantedStore {
  rack(): RackDocument | undefined
  assignments(): readonly Assignment[]
  /** Generation of the hub's state on disk; 0 before the first. */
  held(): number
  /** Generation whose documents were put to work. */
  applied(): number
  /** Takes a delta: on the disk before anything acts on it. */
  take(delta: WantedDelta): Result<void, WantedRefusal>
}

const GENERATION = 'wanted_generation'
const APPLIED = 'applied_generation'
/** The last rack that could be read: a site never falls silent over a document it cannot read. */
const GOOD_RACK = 'good_rack'

export function createWantedStore(
  site: SiteStore,
  standAlone: StandAloneDocument | undefined,
): WantedStore {
  let state = site.read(loadWanted)
  let applied = site.read((sql) => Number(readMeta(sql, APPLIED) ?? 0))
  let present = inUse(state, site.read(loadGoodRack), standAlone)

  return {
    rack: () => present.rack,
    assignments: () => present.assignments,
    held: () => state.generation,
    applied: () => applied,
    take(delta) {
      const next = applyWanted(state, delta)
      if (!next.ok) return next
      const read = readWanted(next.value)
      site.commit((change) => {
        saveWanted(change.sql, next.value)
        if (read.rack !== undefined) {
          writeMeta(change.sql, GOOD_RACK, JSON.stringify(next.value.documents['rack']))
        }
        writeMeta(change.sql, APPLIED, String(next.value.generation))
        change.event('wanted.applied', {
          generation: next.value.generation,
          problems: read.problems.map((text) => text.slice(0, 2000)),
        })
      })
      state = next.value
      applied = state.generation
      present = inUse(state, read.rack ?? present.hubRack, standAlone)
      return ok(undefined)
    },
  }
}

interface InUse {
  readonly rack: RackDocument | undefined
  readonly hubRack: RackDocument | undefined
  readonly assignments: readonly Assignment[]
}

function inUse(
  state: WantedState,
  goodRack: RackDocument | undefined,
  standAlone: StandAloneDocument | undefined,
): InUse {
  const read = readWanted(state)
  const hubRack = read.rack ?? goodRack
  if (hubRack === undefined && standAlone !== undefined) {
    return { rack: standAlone.rack, hubRack: undefined, assignments: standAlone.assignments }
  }
  return { rack: hubRack, hubRack, assignments: read.assignments }
}

function loadWanted(sql: Sql): WantedState {
  const rows = sql.all<{ key: string; document: string }>('SELECT key, document FROM wanted')
  return {
    generation: Number(readMeta(sql, GENERATION) ?? 0),
    documents: Object.fromEntries(
      rows.map(({ key, document }) => [key, JSON.parse(document) as unknown]),
    ),
  }
}

function loadGoodRack(sql: Sql): RackDocument | undefined {
  const text = readMeta(sql, GOOD_RACK)
  if (text === undefined) return undefined
  const rack = parseRackDocument(JSON.parse(text) as unknown)
  return rack.ok ? rack.value : undefined
}

function saveWanted(sql: Sql, state: WantedState): void {
  sql.run('DELETE FROM wanted')
  for (const [key, document] of Object.entries(state.documents)) {
    sql.run('INSERT INTO wanted (key, document) VALUES (?, ?)', key, JSON.stringify(document))
  }
  writeMeta(sql, GENERATION, String(state.generation))
}
