import { type DhcpPacket, encodePacket } from '@brickyard/dhcp/packet'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { BootAttempt } from '@brickyard/model/boot-attempt'
import type { PreviewedMachine } from '@brickyard/model/netboot-preview'
import type { Network, SledDeclaration } from '@brickyard/model/rack'
import { bootsOf, type BootSubject } from '@brickyard/netboot/boot-trace'
import type { BootEvent } from '@brickyard/netboot/boot-trace-events'
import { readBoot } from '@brickyard/netboot/boot-trace-view'
import type { Udp } from '@brickyard/runtime/udp'
import { type BootScriptParts, createBootScripts } from './boot-scripts.ts'
import { createDhcpServer, type DhcpServerParts } from './dhcp-server.ts'
import { inventedRequest } from './invented-client.ts'
import { dhcpEvent, type TellTrace } from './trace.ts'

export type PreviewParts = Pick<
  DhcpServerParts,
  | 'network'
  | 'bootUrl'
  | 'bootTls'
  | 'loaders'
  | 'clock'
  | 'log'
  | 'directory'
  | 'reserved'
  | 'bmcs'
> &
  Pick<BootScriptParts, 'assets' | 'installers'> & {
    /** Addresses that are held now. */
    readonly leases: ReturnType<DhcpServerParts['leases']['load']>
    readonly sleds: readonly SledDeclaration[]
  }

/** A machine that nobody declared, of our own invention (locally administered). */
const STRANGER = 'unknown machine'
const STRANGER_MAC = '02:62:79:00:00:01' as Mac

/**
 * What every declared machine and an unknown one would be answered on a network: the very server,
 * on a socket that leads nowhere and leases that are not saved, is sent the DISCOVER of each. So it
 * decides as it would, whatever it comes to decide by.
 */
export async function previewNetwork(parts: PreviewParts): Promise<readonly PreviewedMachine[]> {
  const { network, clock } = parts
  let deliver = (_datagram: Uint8Array): void => undefined
  const nowhere: Udp = {
    async bind({ address, port }) {
      return {
        local: { address, port },
        send: () => undefined,
        onDatagram: (take) => {
          if (port !== PXE_LAB_PORT) deliver = (bytes) => take(bytes, { address, port: CLIENT })
        },
        onError: () => undefined,
        close: () => undefined,
      }
    },
  }
  let heard: { subject: BootSubject; event: BootEvent }[] = []
  const trace: TellTrace = {
    dhcp(turn) {
      const { mac, sled } = turn
      if (mac === undefined) return
      const event = dhcpEvent(turn, mac, clock.wallMs())
      heard.push({ subject: { mac, sled: sled?.name ?? null }, event })
    },
    script({ sled, ...script }) {
      const event = { kind: 'script', atMs: clock.wallMs(), ...script } as const
      heard.push({ subject: { mac: script.mac, sled }, event })
    },
    file: () => undefined,
    answered: () => undefined,
    watching: () => undefined,
    unwatched: () => undefined,
  }
  const report = (): void => undefined
  const server = createDhcpServer({
    ...parts,
    udp: nowhere,
    // Whether an address is in use is asked on the wire, and a preview sends nothing.
    neighbours: undefined,
    report,
    trace,
    leases: {
      load: () => [...parts.leases],
      doubtMs: () => 0,
      commit: (_network, _changes, settled) => settled(true),
      flush: () => undefined,
    },
    ports: { server: SERVER, client: CLIENT, pxe: PXE_LAB_PORT },
  })
  const started = await server.start()
  if (!started.ok) return []
  const scripts = createBootScripts({
    ...parts,
    network: network.name,
    report,
    trace,
    addressOf: () => HERE,
  })
  const machines = machinesOf(network, parts.sleds).map(({ name, mac, architecture }) => {
    heard = []
    deliver(encodePacket(discoverOf(network, mac, architecture)))
    const asked = heard[0]?.event
    if (asked?.kind === 'dhcp' && asked.boot !== null && asked.boot.way !== 'none') {
      const secure = parts.bootTls !== undefined
      scripts({ loader: 'ipxe', mac, uuid: undefined, from: HERE, secure })
    }
    return previewed(name, mac, heard, clock.wallMs())
  })
  server.stop()
  return machines
}

/** The socket leads nowhere, so any ports do. */
const SERVER = 67
const CLIENT = 68
const PXE_LAB_PORT = 4011
/** A preview asks for its script from the address it was given, whichever that is. */
const HERE = '0.0.0.0' as Ipv4

interface Previewed {
  readonly name: string
  readonly mac: Mac
  /** Option 93; undefined for a machine that does not netboot. */
  readonly architecture: number | undefined
}

/** Sleds by the NIC they should boot by; on a network of BMCs those. */
function machinesOf(network: Network, sleds: readonly SledDeclaration[]): Previewed[] {
  const stranger = {
    name: STRANGER,
    mac: STRANGER_MAC,
    architecture: ARCHITECTURE_CODES.x86_64.uefi,
  }
  if (network.role === 'management') {
    const bmcs = sleds.flatMap(({ name, bmc }) =>
      bmc?.mac === undefined
        ? []
        : [{ name: `BMC of ${name}`, mac: bmc.mac, architecture: undefined }],
    )
    return [...bmcs, { ...stranger, architecture: undefined }]
  }
  const own = sleds.flatMap(({ name, macs, architecture, firmwareMode }) => {
    const [mac] = macs
    const code = ARCHITECTURE_CODES[architecture][firmwareMode]
    return mac === undefined ? [] : [{ name, mac, architecture: code }]
  })
  return [...own, stranger]
}

/** RFC 5970 §3.3; no arm64 machine has a BIOS. */
const ARCHITECTURE_CODES = {
  x86_64: { bios: 0, uefi: 7 },
  aarch64: { bios: 11, uefi: 11 },
} as const

function discoverOf(network: Network, mac: Mac, architecture: number | undefined): DhcpPacket {
  const code = String(architecture ?? 0).padStart(5, '0')
  const netboot =
    architecture === undefined
      ? {}
      : {
          clientArchitectures: [architecture],
          vendorClass: `PXEClient:Arch:${code}:UNDI:003000`,
        }
  return inventedRequest(network, mac, { messageType: 'discover', ...netboot })
}

function previewed(
  machine: string,
  mac: Mac,
  heard: readonly { subject: BootSubject; event: BootEvent }[],
  nowMs: number,
): PreviewedMachine {
  const [first] = heard
  const events = heard.map(({ event }) => event)
  const boot =
    first && bootsOf(first.subject, events).map((one) => readBoot(one, { macs: [], nowMs }))[0]
  const lines = boot?.lines.filter(({ part }) => part === 'answer' || part === 'script') ?? []
  const isSent = events.some((event) => event.kind === 'dhcp' && event.sent)
  const state = boot === undefined || !isSent ? 'unanswered' : boot.state
  return { machine, mac, state, summary: summaryOf(boot), lines }
}

/** Nobody asked for the address: what counts is where the answer leads. */
function summaryOf(boot: BootAttempt | undefined): string {
  if (boot === undefined) return 'nothing is said'
  const script = boot.lines.find(({ part }) => part === 'script')
  const answer = boot.lines.find(({ part }) => part === 'answer')
  const said = answer?.text ?? 'nothing is said'
  return script === undefined ? said : `${said}. ${script.text}`
}
