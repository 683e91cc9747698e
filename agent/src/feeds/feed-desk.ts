import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
import type { FeedVerb, PduDeclaration } from '@brickyard/model/pdu'
import type { RackDocument } from '@brickyard/model/rack'
import { snmpTargetOf } from '@brickyard/pdu/access'
import { findPduExposure } from '@brickyard/pdu/exposure'
import { readOutlet, switchOutlet, type Outlet, type OutletState } from '@brickyard/pdu/outlet'
import { sleep, type Clock } from '@brickyard/runtime/clock'
import type { Snmp } from '@brickyard/runtime/snmp'
import { err, ok, type Result } from '@brickyard/std/result'
import { Hours, Seconds } from '@brickyard/std/units'

/**
 * How long a feed stays off in a cycle: supplies hold up for a while, and a BMC that has lost its way
 * must lose its power too.
 */
export const FEED_OFF_MS = Seconds(15)
/** Unasked, a sled's feeds are cycled at most so often. */
const UNASKED_EVERY_MS = Hours(1)

/**
 * The outlets that feed the sleds: the power driver of last resort, for a sled whose BMC is dead. It
 * cuts off the sled with its BMC, whatever runs; what the sled does when power comes back is its
 * power restore policy.
 */
export interface FeedDesk {
  /** `off` when none of the sled's outlets gives power, `on` when one does. */
  read(sled: SledName): Promise<Result<PowerState, string>>
  /** Switches all outlets of a sled and reads each back. */
  set(sled: SledName, verb: FeedVerb): Promise<Result<PowerState, string>>
  /** A cycle that nobody asked for, to wake a dead BMC; undefined where it may not be, or not again. */
  revive(sled: SledName): Promise<Result<PowerState, string> | undefined>
  /**
   * Reads every outlet that is declared and asks each PDU how it lets people in: a last resort that
   * is dead, or open to everybody, is found out before it is needed.
   */
  look(): Promise<void>
}

export function createFeedDesk(parts: {
  /** Undefined: this appliance has no SNMP. */
  readonly snmp: Snmp | undefined
  readonly clock: Clock
  readonly rack: () => RackDocument | undefined
  /** The community or passphrases of a PDU. */
  readonly secretOf: (pdu: string) => Result<string>
  /** Why the sled's power may not be touched, whoever asks. */
  readonly untouchable: (sled: SledName) => string | undefined
  /** Something is wrong with a PDU, or (undefined) well again. */
  readonly trouble: (pdu: string, reason: string | undefined) => void
  /** How a PDU lets people in is unsafe, or (undefined) is not any more. */
  readonly exposed: (pdu: string, found: string | undefined) => void
}): FeedDesk {
  const { clock, trouble } = parts
  const busy = new Set<SledName>()
  const revivedMs = new Map<SledName, number>()

  function feedsOf(sled: SledName): Result<{ snmp: Snmp; feeds: readonly Feed[] }, string> {
    const rack = parts.rack()
    const declared = rack?.sleds.find(({ name }) => name === sled)?.feeds ?? []
    if (declared.length === 0) return err(`no outlet is declared to feed ${sled}`)
    if (parts.snmp === undefined) return err('this appliance speaks no SNMP')
    const feeds: Feed[] = []
    for (const { pdu: name, outlet } of declared) {
      const pdu = rack?.pdus?.find((one) => one.name === name)
      if (pdu === undefined) return err(`PDU ${name} is not declared`)
      const target = targetOf(pdu)
      if (!target.ok) return err(target.error)
      feeds.push({ name, at: { kind: pdu.kind, target: target.value, outlet } })
    }
    return ok({ snmp: parts.snmp, feeds })
  }

  function targetOf(pdu: PduDeclaration) {
    const secret = parts.secretOf(pdu.name)
    return secret.ok ? snmpTargetOf(pdu, secret.value) : secret
  }

  async function read(sled: SledName): Promise<Result<PowerState, string>> {
    const found = feedsOf(sled)
    if (!found.ok) return found
    const { snmp, feeds } = found.value
    const states: OutletState[] = []
    for (const { name, at } of feeds) {
      const state = await readOutlet(snmp, at)
      trouble(name, state.ok ? undefined : state.error.message)
      if (!state.ok) return err(`PDU ${name}: ${state.error.message}`)
      states.push(state.value)
    }
    const word = states.includes('on') ? 'on' : states.includes('unknown') ? 'unknown' : 'off'
    return ok(word)
  }

  async function switchAll(sled: SledName, wanted: 'on' | 'off'): Promise<Result<void, string>> {
    const found = feedsOf(sled)
    if (!found.ok) return found
    const { snmp, feeds } = found.value
    const failed: string[] = []
    // Every one is tried: a feed left on because another failed is told, not hidden.
    for (const { name, at } of feeds) {
      const done = await switchOutlet(snmp, clock, at, wanted)
      trouble(name, done.ok ? undefined : done.error.message)
      if (!done.ok) failed.push(`PDU ${name}: ${done.error.message}`)
    }
    return failed.length === 0 ? ok(undefined) : err(failed.join('; '))
  }

  async function set(sled: SledName, verb: FeedVerb): Promise<Result<PowerState, string>> {
    const why = parts.untouchable(sled)
    if (why !== undefined) return err(`${why}: nothing is changed on it`)
    if (busy.has(sled)) return err(`the feeds of ${sled} are being switched already`)
    busy.add(sled)
    try {
      if (verb !== 'on') {
        const off = await switchAll(sled, 'off')
        if (!off.ok) return off
        if (verb === 'off') return ok('off')
        await sleep(clock, FEED_OFF_MS)
      }
      const on = await switchAll(sled, 'on')
      return on.ok ? ok('on') : on
    } finally {
      busy.delete(sled)
    }
  }

  async function look(): Promise<void> {
    const rack = parts.rack()
    const fed = rack?.sleds.filter(({ feeds = [] }) => feeds.length > 0) ?? []
    for (const { name } of fed) await read(name)
    for (const pdu of rack?.pdus ?? []) {
      const target = targetOf(pdu)
      if (parts.snmp === undefined || !target.ok) continue
      const found = await findPduExposure(parts.snmp, target.value)
      parts.exposed(pdu.name, found.length === 0 ? undefined : found.join('; '))
    }
  }

  return {
    look,
    read,
    set,
    async revive(sled) {
      const lastMs = revivedMs.get(sled) ?? -Infinity
      if (!feedsOf(sled).ok || clock.monotonicMs() - lastMs < UNASKED_EVERY_MS) return undefined
      if (parts.untouchable(sled) !== undefined) return undefined
      revivedMs.set(sled, clock.monotonicMs())
      return set(sled, 'cycle')
    },
  }
}

interface Feed {
  readonly name: string
  readonly at: Outlet
}
