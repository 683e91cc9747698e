import type { PduKind } from '@brickyard/model/pdu'
import { sleep, type Clock } from '@brickyard/runtime/clock'
import type { Snmp, SnmpFault, SnmpTarget } from '@brickyard/runtime/snmp'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import { outletIndex, PDU_TABLES } from './kinds/choose-kind.ts'

export type OutletState = 'on' | 'off' | 'unknown'

export interface Outlet {
  readonly kind: PduKind
  readonly target: SnmpTarget
  /** As on the PDU, e.g. `7`. */
  readonly outlet: string
}

/** Between looks at what became of a command, and how long a PDU may take for it. */
const LOOK_EVERY_MS = Seconds(1)
/** PDUs that go on outlet by outlet take their time. */
const SWITCHED_WITHIN_MS = Seconds(30)

/** Whether an outlet gives power now. */
export async function readOutlet(
  snmp: Snmp,
  { kind, target, outlet }: Outlet,
): Promise<Result<OutletState, SnmpFault>> {
  const table = PDU_TABLES[kind]
  const answer = await snmp.get(target, [`${table.state}.${outletIndex(table, outlet)}`])
  if (!answer.ok) return answer
  const [value] = answer.value
  if (value === undefined) {
    const message = `the PDU has no outlet ${outlet} that can be switched (${kind})`
    return err({ kind: 'refused', message })
  }
  const word = typeof value === 'number' ? value : Number.NaN
  const { on, off } = table.reads
  return ok(on.includes(word) ? 'on' : off.includes(word) ? 'off' : 'unknown')
}

/**
 * Switches an outlet and reads it back until it is so. An outlet that is so already is not written
 * to. A PDU's own "reboot" is never used: nothing of it can be read back.
 */
export async function switchOutlet(
  snmp: Snmp,
  clock: Clock,
  at: Outlet,
  wanted: 'on' | 'off',
): Promise<Result<void, SnmpFault>> {
  const before = await readOutlet(snmp, at)
  if (!before.ok) return before
  if (before.value === wanted) return ok(undefined)
  const table = PDU_TABLES[at.kind]
  const object = `${table.command}.${outletIndex(table, at.outlet)}`
  const sent = await snmp.setInteger(at.target, object, table.writes[wanted])
  if (!sent.ok) return err(readOnlyOf(sent.error, at))
  const untilMs = clock.monotonicMs() + SWITCHED_WITHIN_MS
  for (;;) {
    const now = await readOutlet(snmp, at)
    if (now.ok && now.value === wanted) return ok(undefined)
    if (clock.monotonicMs() >= untilMs) {
      const reads = now.ok ? `reads ${now.value}` : now.error.message
      const message = `outlet ${at.outlet} was switched ${wanted}, and ${reads}`
      return err({ kind: 'refused', message })
    }
    await sleep(clock, LOOK_EVERY_MS)
  }
}

/** A login that can read and not write is the usual mistake with PDUs: it is named. */
const readOnlyOf = (fault: SnmpFault, { target, outlet }: Outlet): SnmpFault => {
  // Who may only read is met with silence by many PDUs; the same login just read this outlet.
  if (fault.kind !== 'denied' && fault.kind !== 'silent') return fault
  const login = target.access.version === 'v3' ? `user ${target.access.user}` : 'community'
  const message = `the ${login} may read outlet ${outlet} and not switch it (${fault.message})`
  return { kind: 'denied', message }
}
