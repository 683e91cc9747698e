import { isBundled, type LacpPort, newLacpPort, stepLacp } from './lacp-machine.ts'
import type { LacpPdu } from './lacp-pdu.ts'

/** Ports of a switch that are one port channel with LACP. */
export interface Lag {
  /**
   * What switches call LACP fallback: while no port of the group hears LACP, its first port with a
   * link carries traffic alone. Without it such a port carries nothing.
   */
  readonly fallback: boolean
  /** By name, in the order of the ports. */
  readonly ports: ReadonlyMap<string, LacpPort>
}

export type LagEvent =
  | { readonly kind: 'link'; readonly port: string; readonly up: boolean }
  | { readonly kind: 'heard'; readonly port: string; readonly pdu: LacpPdu }
  | { readonly kind: 'tick' }

/** What a port of a group does with data. */
export type PortRole = 'bundled' | 'fallback' | 'blocked' | 'down'

/** The system that the group's ports say they belong to. */
export interface LagIdentity {
  readonly system: string
  readonly key: number
  readonly fallback: boolean
}

/** As switches have it unless told otherwise. */
const USUAL_PRIORITY = 0x8000

export function newLag({ system, key, fallback }: LagIdentity, names: readonly string[]): Lag {
  const ports = names.map((name, index): [string, LacpPort] => {
    const priorities = { systemPriority: USUAL_PRIORITY, portPriority: USUAL_PRIORITY }
    return [name, newLacpPort({ ...priorities, system, key, port: index + 1 })]
  })
  return { fallback, ports: new Map(ports) }
}

/** What became of the group, and the PDUs that its ports send now. */
export function stepLag(
  lag: Lag,
  event: LagEvent,
  nowMs: number,
): {
  readonly lag: Lag
  readonly send: readonly { readonly port: string; readonly pdu: LacpPdu }[]
} {
  const ports = new Map(lag.ports)
  const send: { port: string; pdu: LacpPdu }[] = []
  for (const [name, port] of lag.ports) {
    if (event.kind !== 'tick' && event.port !== name) continue
    const own = event.kind === 'tick' ? { ...event, selected: isSelected(lag, port) } : event
    const stepped = stepLacp(port, own, nowMs)
    ports.set(name, stepped.port)
    if (stepped.send !== undefined) send.push({ port: name, pdu: stepped.send })
  }
  return { lag: { ...lag, ports }, send }
}

/**
 * Selection (§6.4.14): ports whose partner is the same system with the same key are one aggregate; of
 * two partners that of the first port counts, and the other's ports wait.
 */
function isSelected({ ports }: Lag, { partner, receive }: LacpPort): boolean {
  const first = [...ports.values()].find(
    (port) => port.partner !== undefined && port.receive !== 'disabled',
  )?.partner
  if (receive === 'disabled' || partner === undefined || first === undefined) return false
  return partner.system === first.system && partner.key === first.key
}

/** What each port of the group does with data now. */
export function rolesOf({ ports, fallback }: Lag): ReadonlyMap<string, PortRole> {
  const all = [...ports]
  const unspoken = all.every(([, { partner }]) => partner === undefined)
  const alone = fallback && unspoken ? all.find(([, port]) => isUp(port))?.[0] : undefined
  return new Map(
    all.map(([name, port]): [string, PortRole] => {
      if (!isUp(port)) return [name, 'down']
      if (isBundled(port)) return [name, 'bundled']
      return [name, name === alone ? 'fallback' : 'blocked']
    }),
  )
}

const isUp = ({ receive }: LacpPort): boolean => receive !== 'disabled'
