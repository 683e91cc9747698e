import { type EthernetFrame, isGroup, isLinkLocal, readFrame, retagged } from './ethernet-frame.ts'
import type { PortRole } from './lag-machine.ts'

/** A port as it is configured: an access port has no `tagged` VLANs, a trunk port has some. */
export interface SwitchPort {
  readonly name: string
  /** VLAN of frames without a tag. */
  readonly native: number
  readonly tagged: readonly number[]
  /** The port channel that it belongs to. */
  readonly lag?: string | undefined
}

/** Where addresses were seen last, per VLAN; of a port channel as a whole. */
export type MacTable = ReadonlyMap<string, { readonly at: string; readonly seenMs: number }>

export interface Fabric {
  readonly ports: readonly SwitchPort[]
  readonly table: MacTable
}

/** What became of a frame; `dropped` says why, where nothing of it left. */
export interface Forwarded {
  readonly table: MacTable
  readonly frame: EthernetFrame | undefined
  readonly vlan: number | undefined
  readonly out: readonly { readonly port: string; readonly bytes: Uint8Array }[]
  readonly dropped?: 'malformed' | 'link-local' | PortRole | 'not in that VLAN' | undefined
}

/** IEEE 802.1Q-2018 §8.8.3, table 8-6: the recommended ageing time. */
const AGE_MS = 300_000
/** An address is noted again no more often: a stream of frames would do nothing else. */
const REFRESH_MS = 1000
/** A rig has a handful of machines; a flood of addresses is not kept. */
const ADDRESSES_MAX = 1024

/** Takes in a frame of a port: learns, and says where it goes and how it is tagged there. */
export function forward(
  { ports, table }: Fabric,
  from: { readonly port: string; readonly bytes: Uint8Array },
  roles: ReadonlyMap<string, PortRole>,
  nowMs: number,
): Forwarded {
  const nothing = { table, out: [] }
  const port = ports.find(({ name }) => name === from.port)
  const frame = readFrame(from.bytes)
  if (port === undefined || frame === undefined) {
    return { ...nothing, frame, vlan: undefined, dropped: 'malformed' }
  }
  if (isLinkLocal(frame.destination)) {
    return { ...nothing, frame, vlan: undefined, dropped: 'link-local' }
  }
  const vlan = frame.tag === undefined || frame.tag === 0 ? port.native : frame.tag
  const role = roles.get(port.name)
  if (role === 'blocked' || role === 'down') return { ...nothing, frame, vlan, dropped: role }
  if (!carries(port, vlan)) return { ...nothing, frame, vlan, dropped: 'not in that VLAN' }
  const learned = learn(table, `${vlan} ${frame.source}`, placeOf(port), nowMs)
  const out = exits(ports, learned, frame, vlan, placeOf(port), roles, nowMs).map((exit) => ({
    port: exit.name,
    bytes: retagged(from.bytes, frame, exit.native === vlan ? undefined : vlan),
  }))
  return { table: learned, frame, vlan, out }
}

/** A port channel is one place, whichever of its ports a frame came by. */
const placeOf = ({ name, lag }: SwitchPort): string => lag ?? name

const carries = ({ native, tagged }: SwitchPort, vlan: number): boolean =>
  native === vlan || tagged.includes(vlan)

function learn(table: MacTable, key: string, at: string, nowMs: number): MacTable {
  const entry = table.get(key)
  if (entry?.at === at && nowMs - entry.seenMs < REFRESH_MS) return table
  const next = new Map(table)
  next.delete(key)
  next.set(key, { at, seenMs: nowMs })
  if (next.size > ADDRESSES_MAX) next.delete(next.keys().next().value as string)
  return next
}

/** One port of each place that the frame goes to. */
function exits(
  ports: readonly SwitchPort[],
  table: MacTable,
  frame: EthernetFrame,
  vlan: number,
  cameFrom: string,
  roles: ReadonlyMap<string, PortRole>,
  nowMs: number,
): SwitchPort[] {
  const entry = isGroup(frame.destination) ? undefined : table.get(`${vlan} ${frame.destination}`)
  const known = entry !== undefined && nowMs - entry.seenMs < AGE_MS ? entry.at : undefined
  const open = ports.filter((port) => {
    const role = roles.get(port.name)
    return carries(port, vlan) && role !== 'blocked' && role !== 'down'
  })
  const places = new Set(open.map(placeOf))
  return [...places]
    .filter((place) => place !== cameFrom && (known === undefined || place === known))
    .flatMap((place) => {
      const members = open.filter((port) => placeOf(port) === place)
      return members[hashOf(frame) % members.length] ?? []
    })
}

/** Frames of one conversation take one port (IEEE 802.1AX-2020 §6.2.4). */
const hashOf = ({ source, destination }: EthernetFrame): number =>
  Number.parseInt(source.slice(-2), 16) ^ Number.parseInt(destination.slice(-2), 16)
