import type { Store } from '@brickyard/runtime/store'
import { storeOver } from '@brickyard/runtime/node/store'
import Database from 'better-sqlite3'

/**
 * The disk under a process's SQLite: what a life committed is what the next life opens. The same
 * SQLite as in production, in memory (DESIGN.md §8).
 */
export interface StoreDisk {
  /** Opens the database as it was left. `onCommit` runs after each commit, before `tx` returns. */
  open(onCommit?: () => void): Store
  /** Looks at the database of the present life from outside, as a second connection would. */
  peek(): Store
  /** Commits of all lives together. */
  readonly commits: number
  /** Ends the present life's database as a power cut would: committed pages stay, nothing else. */
  crash(): void
  /**
   * Calls `work` after the `nth` commit from now on (1 is the next); it may end the life. Gives
   * what takes the trap away and says whether it had sprung.
   */
  afterCommit(nth: number, work: () => void): () => boolean
  /** What lies on the disk, as a backup would copy it. */
  copy(): Uint8Array
  /** Puts a copy back under the next life; nothing may have the database open. */
  putBack(copy: Uint8Array): void
  /** The room it may take; writes beyond it fail with SQLITE_FULL. */
  setCapacity(bytes: number | undefined): void
}

export function storeDisk(): StoreDisk {
  let saved: Buffer | undefined
  let open: Database.Database | undefined
  let commits = 0
  let capacity: number | undefined
  let trap: { at: number; work: () => void } | undefined

  const applyCapacity = (db: Database.Database): void => {
    const pageBytes = Number(db.pragma('page_size', { simple: true }))
    const pages = capacity === undefined ? 2 ** 30 : Math.ceil(capacity / pageBytes)
    db.pragma(`max_page_count = ${pages}`)
  }
  const leave = (): void => {
    if (open === undefined) return
    saved = open.serialize()
    open = undefined
  }

  return {
    get commits() {
      return commits
    },
    open(onCommit) {
      leave()
      const db = saved === undefined ? new Database(':memory:') : new Database(saved)
      open = db
      db.pragma('foreign_keys = ON')
      applyCapacity(db)
      const store = storeOver(db)
      return {
        read: (work) => store.read(work),
        tx(work) {
          const value = store.tx(work)
          commits++
          onCommit?.()
          if (trap !== undefined && commits >= trap.at) {
            const { work: spring } = trap
            trap = undefined
            spring()
          }
          return value
        },
        close() {
          if (open === db) leave()
          db.close()
        },
      }
    },
    peek() {
      if (open === undefined) throw new Error('no life has the database open')
      return storeOver(open)
    },
    crash: leave,
    copy() {
      const now = open?.serialize() ?? saved
      if (now === undefined) throw new Error('there is nothing to copy yet')
      return Uint8Array.from(now)
    },
    putBack(copy) {
      if (open !== undefined) throw new Error('a life has the database open')
      saved = Buffer.from(copy)
    },
    afterCommit(nth, work) {
      const set = { at: commits + nth, work }
      trap = set
      return () => {
        const sprung = trap !== set
        if (!sprung) trap = undefined
        return sprung
      }
    },
    setCapacity(bytes) {
      capacity = bytes
      if (open !== undefined) applyCapacity(open)
    },
  }
}
