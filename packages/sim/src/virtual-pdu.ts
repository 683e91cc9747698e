import type { PduKind } from '@brickyard/model/pdu'
import { outletIndex, PDU_TABLES } from '@brickyard/pdu/kinds/choose-kind'
import { sleep, type Clock } from '@brickyard/runtime/clock'
import type { Snmp, SnmpFault, SnmpTarget, SnmpValue } from '@brickyard/runtime/snmp'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'

/** What is wrong with a virtual PDU. Change a field at any time. */
export interface VirtualPduFaults {
  silent: boolean
  /** Our login may read alone; `denied` says so, `silent` says nothing. */
  readOnly: 'no' | 'denied' | 'silent'
  /** Commands are accepted and nothing happens. */
  ignoresCommands: boolean
  /** An outlet takes so long to switch, as in PDUs that go outlet by outlet. */
  switchMs: number
}

export interface VirtualPdu {
  readonly faults: VirtualPduFaults
  /** Whether the outlet of that number (or index) gives power now. */
  gives(outlet: string): boolean
  /** Commands carried out so far, e.g. `7 off`. */
  readonly commands: readonly string[]
}

export interface VirtualPduOptions {
  readonly kind: PduKind
  readonly address: string
  readonly outlets: readonly string[]
  /** What lets people in: a community or a passphrase; v3 checks user and passphrases, v2c the community. */
  readonly secret: string
  /** It answers SNMPv1 as well. */
  readonly speaksV1?: boolean
  readonly onSwitch?: (outlet: string, on: boolean) => void
}

const SYSTEM_DESCRIPTION = '1.3.6.1.2.1.1.1.0'
/** What a manager waits for a silent agent in all. */
const SILENCE_MS = Seconds(6)

/** The SNMP of a simulated site: PDUs by address, in virtual time. */
export function virtualPdus(clock: Clock): {
  readonly snmp: Snmp
  add(options: VirtualPduOptions): VirtualPdu
} {
  const pdus = new Map<string, ReturnType<typeof createPdu>>()

  async function silence<T>({ address, port }: SnmpTarget): Promise<Result<T, SnmpFault>> {
    await sleep(clock, SILENCE_MS)
    const message = `SNMP ${address}:${port}: Request timed out`
    return err({ kind: 'silent', message })
  }

  const snmp: Snmp = {
    async get(target, objects) {
      const pdu = pdus.get(target.address)
      if (pdu?.answers(target) !== true) return silence(target)
      return ok(objects.map((object) => pdu.read(object)))
    },
    async setInteger(target, object, value) {
      const pdu = pdus.get(target.address)
      if (pdu?.answers(target) !== true || pdu.faults.readOnly === 'silent') return silence(target)
      const message = `SNMP ${target.address}:${target.port}: NoAccess`
      if (pdu.faults.readOnly === 'denied') return err({ kind: 'denied', message })
      return pdu.write(object, value)
        ? ok(undefined)
        : err({ kind: 'refused', message: `SNMP ${target.address}: WrongValue` })
    },
  }
  return {
    snmp,
    add(options) {
      const pdu = createPdu(options, clock)
      pdus.set(options.address, pdu)
      return pdu
    },
  }
}

function createPdu(options: VirtualPduOptions, clock: Clock) {
  const { kind, secret, onSwitch } = options
  const table = PDU_TABLES[kind]
  const indexOf = (outlet: string): string => outletIndex(table, outlet)
  const on = new Map(options.outlets.map((outlet) => [indexOf(outlet), true]))
  const commands: string[] = []
  const faults: VirtualPduFaults = {
    silent: false,
    readOnly: 'no',
    ignoresCommands: false,
    switchMs: 0,
  }
  const under = (column: string, object: string): string | undefined =>
    object.startsWith(`${column}.`) ? object.slice(column.length + 1) : undefined

  function answers({ access }: SnmpTarget): boolean {
    if (faults.silent || (access.version === 'v1' && options.speaksV1 !== true)) return false
    return access.version === 'v3' ? access.authPassphrase === secret : access.community === secret
  }

  function read(object: string): SnmpValue {
    if (object === SYSTEM_DESCRIPTION) return `virtual ${kind}`
    const named = under(table.name, object)
    if (named !== undefined) return on.has(named) ? `outlet ${named}` : undefined
    const held = on.get(under(table.state, object) ?? '')
    return held === undefined ? undefined : (held ? table.reads.on : table.reads.off)[0]
  }

  function write(object: string, value: number): boolean {
    const outlet = under(table.command, object)
    const wanted = value === table.writes.on ? true : value === table.writes.off ? false : undefined
    if (outlet === undefined || wanted === undefined || !on.has(outlet)) return false
    if (faults.ignoresCommands) return true
    commands.push(`${outlet} ${wanted ? 'on' : 'off'}`)
    const act = (): void => {
      on.set(outlet, wanted)
      onSwitch?.(outlet, wanted)
    }
    if (faults.switchMs === 0) act()
    else clock.after(faults.switchMs, act)
    return true
  }

  return {
    faults,
    commands,
    answers,
    read,
    write,
    gives: (outlet: string) => on.get(indexOf(outlet)) === true,
  }
}
