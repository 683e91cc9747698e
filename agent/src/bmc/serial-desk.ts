import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import type { EventBody } from '@brickyard/protocol/events'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { randomHex, type Random } from '@brickyard/runtime/random'
import type { Result } from '@brickyard/std/result'
import type { SiteStore } from '../store/site-store.ts'
import { SerialConsole, type SerialConnection, type SerialReader } from './serial-console.ts'
import { NOBODY, peopleDeeds, type ConsolePeople } from './serial-people.ts'

/** Rings kept of consoles that nobody reads: a megabyte each at most. */
const IDLE_RINGS_MAX = 24
const RING_ID_BYTES = 8

export interface SerialDeskParts {
  readonly site: Pick<SiteStore, 'commit'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly rack: () => RackDocument | undefined
  readonly connect: (sled: SledName) => Result<SerialConnection, BmcFault>
}

/** The serial consoles of a site's sleds, and the record of who was at them. */
export interface SerialDesk {
  /** Undefined: no such sled is declared. */
  console(sled: SledName): SerialConsole | undefined
  /** Who is at it now; what changed goes into the journal. */
  people(sled: SledName, now: ConsolePeople): void
  sendBreak(sled: SledName, by: string): void
  takeOver(sled: SledName, by: string): void
  /** Keeps these consoles open, and no others unless somebody reads them. */
  watch(sleds: readonly SledName[]): void
  /** Address or password of its BMC changed, or the sled is declared no more. */
  forget(sled: SledName): void
  close(): Promise<void>
}

/** Keeps a console open without reading it. */
const NO_READER: SerialReader = { onBytes: () => undefined, onState: () => undefined }

interface Place {
  readonly console: SerialConsole
  people: ConsolePeople
}

export function createSerialDesk(parts: SerialDeskParts): SerialDesk {
  const { clock, random, log } = parts
  /** Used last comes last. */
  const places = new Map<SledName, Place>()
  /** What ends the watching of a sled. */
  const watched = new Map<SledName, () => void>()

  function placeOf(sled: SledName): Place | undefined {
    const held = places.get(sled)
    if (held !== undefined) {
      places.delete(sled)
      places.set(sled, held)
      return held
    }
    if (parts.rack()?.sleds.some(({ name }) => name === sled) !== true) return undefined
    const console = new SerialConsole({
      clock,
      ringId: randomHex(random, RING_ID_BYTES),
      connect: () => parts.connect(sled),
      // A link that stayed away told of nobody leaving.
      onReleased: () => people(sled, NOBODY),
    })
    const place = { console, people: NOBODY }
    places.set(sled, place)
    trim()
    return place
  }

  function trim(): void {
    const idle = [...places].filter(([, { console }]) => console.standing.state === 'idle')
    for (const [sled] of idle.slice(0, Math.max(0, idle.length - IDLE_RINGS_MAX))) {
      places.delete(sled)
    }
  }

  function record(sled: SledName, deed: Omit<EventBody<'sled.console'>, 'sled'>): void {
    try {
      parts.site.commit((change) => change.event('sled.console', { sled, ...deed }))
    } catch (error) {
      log.error('what happened at a console was not recorded', { sled, error: String(error) })
    }
  }

  function people(sled: SledName, now: ConsolePeople): void {
    const place = places.get(sled)
    if (place === undefined) return
    const before = place.people
    place.people = now
    for (const deed of peopleDeeds(before, now)) record(sled, deed)
  }

  return {
    console: (sled) => placeOf(sled)?.console,
    people,
    sendBreak(sled, by) {
      if (places.get(sled)?.console.sendBreak() === true) record(sled, { what: 'break', by })
    },
    takeOver(sled, by) {
      if (places.get(sled)?.console.takeOver() === true) record(sled, { what: 'took-over', by })
    },
    watch(sleds) {
      for (const [sled, end] of watched) {
        if (sleds.includes(sled)) continue
        watched.delete(sled)
        end()
      }
      for (const sled of sleds) {
        if (watched.has(sled)) continue
        // A reader that is never another's: each is ended by itself.
        const end = placeOf(sled)?.console.attach({ ...NO_READER })
        if (end !== undefined) watched.set(sled, end)
      }
    },
    forget(sled) {
      void places.get(sled)?.console.release()
    },
    async close() {
      await Promise.all([...places.values()].map(({ console }) => console.close()))
    },
  }
}
