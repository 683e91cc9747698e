/**
 * Runs work orders at the site: keeps each in the store, has its tasks done, writes its news in the
 * journal in the same transaction, and goes on after a restart.
 */
import type { SledName } from '@brickyard/model/names'
import type { Procedure } from '@brickyard/procedures/procedure'
import { openWorkOrder, presentStep, step } from '@brickyard/procedures/work-order-machine'
import type {
  Stepped,
  WorkOrder,
  WorkOrderEffect,
  WorkOrderEvent,
  WorkOrderNews,
  WorkOrderSubject,
  WorkOrderTask,
} from '@brickyard/procedures/work-order'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import { randomHex, type Random } from '@brickyard/runtime/random'
import type { Sql } from '@brickyard/runtime/store'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import { beamOf, type Beam } from './work-order-light.ts'

/** One statement for the agent's migrations. */
export const WORK_ORDER_MIGRATION = `CREATE TABLE work_order (
  id TEXT PRIMARY KEY,
  sled TEXT NOT NULL,
  opened_at_ms INTEGER NOT NULL,
  is_open INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT`

/** How often open work orders are asked whether something is due. */
const TICK_MS = Seconds(1)
/** Open at one site at the same time; a site has fewer hands. */
const OPEN_MAX = 100

export interface TaskOutcome {
  readonly outcome: 'pass' | 'fail' | 'unavailable'
  /** What was found, for a person. */
  readonly detail: string
}

/** Tells of a change of a work order. */
export type TellNews = (order: WorkOrder, news: WorkOrderNews, detail: string) => void

/** Where work orders lie. A change, the news of it and what follows are one transaction. */
export interface WorkOrderStore {
  read<T>(work: (sql: Sql) => T): T
  tx<T>(work: (sql: Sql, tell: TellNews) => T): T
}

export interface WorkOrderDeskParts {
  readonly store: WorkOrderStore
  readonly clock: Clock
  readonly random: Random
  /** Does one task on a sled. Ends within a minute; a fault is an outcome. */
  readonly perform: (sled: SledName, task: WorkOrderTask) => Promise<TaskOutcome>
}

export interface WorkOrderDesk {
  /** Opens a work order on a sled that has none; answers with its id. */
  open(
    procedure: Procedure,
    sled: SledName,
    subject: Omit<WorkOrderSubject, 'sled'>,
    openedBy: string,
  ): Result<string>
  tell(id: string, event: WorkOrderEvent): Result<void>
  get(id: string): WorkOrder | undefined
  /** Those open, oldest first. */
  openOrders(): readonly WorkOrder[]
  /** The open work order on a sled. */
  openOn(sled: SledName): string | undefined
  start(): void
  stop(): void
}

export function createWorkOrderDesk(parts: WorkOrderDeskParts): WorkOrderDesk {
  const { store, clock } = parts
  let timer: Timer | undefined
  let stopped = true
  const beams = new Map<string, Beam>()

  /** Puts the state in the store with its news, then lets the tasks begin. */
  const commit = (sql: Sql, tell: TellNews, stepped: Stepped): WorkOrderEffect[] => {
    const { state, effects } = stepped
    sql.run(
      'INSERT OR REPLACE INTO work_order (id, sled, opened_at_ms, is_open, state) VALUES (?, ?, ?, ?, ?)',
      state.id,
      state.subject.sled,
      state.openedAtMs,
      state.status.kind === 'open' ? 1 : 0,
      JSON.stringify(state),
    )
    for (const effect of effects) {
      if (effect.kind === 'tell') tell(state, effect.event, effect.detail)
    }
    return effects.filter(({ kind }) => kind === 'attempt')
  }
  const begin = (id: string, sled: string, effects: readonly WorkOrderEffect[]): void => {
    for (const effect of effects) {
      if (effect.kind !== 'attempt') continue
      void performed(sled as SledName, effect.task).then(({ outcome, detail }) => {
        const { step, attempt } = effect
        if (!stopped) tell(id, { kind: 'outcome', step, attempt, outcome, detail })
      })
    }
  }
  const performed = async (sled: SledName, task: WorkOrderTask): Promise<TaskOutcome> => {
    try {
      return await parts.perform(sled, task)
    } catch (error) {
      return {
        outcome: 'unavailable',
        detail: error instanceof Error ? error.message : 'it failed',
      }
    }
  }
  const tell = (id: string, event: WorkOrderEvent): Result<void> => {
    const told = store.tx((sql, news) => {
      const state = read(sql, id)
      if (state === undefined) return undefined
      const stepped = step(state, event, clock.wallMs())
      if (stepped.refused !== undefined || stepped.state === state) return { stepped, effects: [] }
      return { stepped, effects: commit(sql, news, stepped) }
    })
    if (told === undefined) return err('There is no such work order.')
    begin(id, told.stepped.state.subject.sled, told.effects)
    return told.stepped.refused === undefined ? ok(undefined) : err(told.stepped.refused)
  }
  const tick = (): void => {
    for (const order of desk.openOrders()) {
      tell(order.id, { kind: 'tick' })
      const beam = beamOf(order, beams.get(order.id), clock.monotonicMs())
      if (beam.relight) void performed(order.subject.sled as SledName, LIGHT_ON)
      beams.set(order.id, beam)
    }
    timer = clock.after(TICK_MS, tick)
  }
  const desk: WorkOrderDesk = {
    open(procedure, sled, subject, openedBy) {
      const opened = store.tx((sql, news): Result<{ id: string; effects: WorkOrderEffect[] }> => {
        const open = readOpen(sql)
        const there = open.find((order) => order.subject.sled === sled)
        if (there !== undefined) return err(`There is a work order on ${sled} already.`)
        if (open.length >= OPEN_MAX)
          return err(`${OPEN_MAX} work orders are open. Close one first.`)
        const id = randomHex(parts.random, 8)
        const order = { id, subject: { ...subject, sled }, openedBy }
        return ok({
          id,
          effects: commit(sql, news, openWorkOrder(procedure, order, clock.wallMs())),
        })
      })
      if (!opened.ok) return opened
      begin(opened.value.id, sled, opened.value.effects)
      return ok(opened.value.id)
    },
    tell,
    get: (id) => store.read((sql) => read(sql, id)),
    openOrders: () => store.read(readOpen),
    openOn: (sled) => store.read(readOpen).find(({ subject }) => subject.sled === sled)?.id,
    start() {
      stopped = false
      for (const order of desk.openOrders()) tellOfRestart(order, tell)
      timer = clock.after(TICK_MS, tick)
    },
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
  return desk
}

const LIGHT_ON: WorkOrderTask = { kind: 'identify-light', light: 'on' }

/** What ran when the agent went down will never report: let it be tried again. */
function tellOfRestart(order: WorkOrder, tell: WorkOrderDesk['tell']): void {
  const present = presentStep(order)
  if (present === undefined || order.attempt?.running !== true) return
  tell(order.id, {
    kind: 'outcome',
    step: present.id,
    attempt: order.attempt.number,
    outcome: 'unavailable',
    detail: 'The agent was restarted in the middle of it.',
  })
}

function read(sql: Sql, id: string): WorkOrder | undefined {
  const row = sql.get<{ state: string }>('SELECT state FROM work_order WHERE id = ?', id)
  return row === undefined ? undefined : (JSON.parse(row.state) as WorkOrder)
}

const readOpen = (sql: Sql): WorkOrder[] =>
  sql
    .all<{ state: string }>(
      'SELECT state FROM work_order WHERE is_open = 1 ORDER BY opened_at_ms, id',
    )
    .map(({ state }) => JSON.parse(state) as WorkOrder)
