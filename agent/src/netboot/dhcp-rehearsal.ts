import { decodePacket, type DhcpPacket, encodePacket } from '@brickyard/dhcp/packet'
import type { Mac } from '@brickyard/model/mac'
import type { Network, SledDeclaration } from '@brickyard/model/rack'
import type { Udp } from '@brickyard/runtime/udp'
import type { BootDirectory } from './boot-directory.ts'
import { createDhcpServer, type DhcpServerParts } from './dhcp-server.ts'
import { inventedRequest } from './invented-client.ts'

/** After so many the engine has compiled what a packet goes through; more gains little. */
const EXCHANGES = 100

/**
 * Leads machines through DISCOVER and REQUEST before a network is served: a rack that is powered on
 * comes all at once, often right after the agent itself, and code that runs for the first time is ten
 * times as slow. The very server does it, on a socket that leads nowhere, with leases that nobody
 * keeps and nobody to tell; nothing of it stays. `directory` opens no boot intent: without one there
 * is no rehearsal.
 */
export async function rehearseDhcp(
  parts: Pick<
    DhcpServerParts,
    'network' | 'bootUrl' | 'bootTls' | 'loaders' | 'clock' | 'log' | 'reserved' | 'bmcs'
  > & { readonly directory: BootDirectory | undefined },
  sleds: readonly Pick<SledDeclaration, 'macs'>[] = [],
): Promise<void> {
  const { directory } = parts
  if (directory === undefined) return
  const { network } = parts
  let deliver = (_bytes: Uint8Array): void => undefined
  let answers: Uint8Array[] = []
  const nowhere: Udp = {
    bind: async ({ address, port }) => ({
      local: { address, port },
      send: (bytes) => void answers.push(bytes),
      onDatagram: (take) => {
        if (port === SERVER_PORT) deliver = (bytes) => take(bytes, { address, port: CLIENT_PORT })
      },
      onError: () => undefined,
      close: () => undefined,
    }),
  }
  const server = createDhcpServer({
    ...parts,
    directory,
    udp: nowhere,
    neighbours: undefined,
    report: () => undefined,
    trace: undefined,
    leases: {
      load: () => [],
      doubtMs: () => 0,
      commit: (_network, _changes, settled) => settled(true),
      flush: () => undefined,
    },
    ports: { server: SERVER_PORT, client: CLIENT_PORT, pxe: PXE_LAB_PORT },
  })
  const started = await server.start()
  if (!started.ok) return
  const declared = sleds.flatMap(({ macs }) => macs)
  const machines = declared.length === 0 ? [INVENTED_MAC] : declared
  for (let n = 0; n < EXCHANGES; n++) {
    const mac = machines[n % machines.length] as Mac
    answers = []
    deliver(encodePacket(requestOf(network, mac, { messageType: 'discover' })))
    const offer = answers[0] && decodePacket(answers[0])
    if (offer?.ok !== true) continue
    const { yiaddr: requestedAddress } = offer.value.packet
    const serverId = network.agentAddress
    const chosen = { messageType: 'request', requestedAddress, serverId } as const
    deliver(encodePacket(requestOf(network, mac, chosen)))
  }
  server.stop()
}

/** The socket leads nowhere, so any ports do. */
const SERVER_PORT = 67
const CLIENT_PORT = 68
const PXE_LAB_PORT = 4011
/** Locally administered. */
const INVENTED_MAC = '02:62:79:00:00:02' as Mac

/** What UEFI firmware sends, in short. */
const requestOf = (network: Network, mac: Mac, options: DhcpPacket['options']): DhcpPacket =>
  inventedRequest(network, mac, {
    ...options,
    parameterList: [1, 3, 6, 43, 60, 66, 67, 97],
    maxMessageSizeBytes: 1472,
    clientArchitectures: [7],
    vendorClass: 'PXEClient:Arch:00007:UNDI:003016',
    clientUuid: '00112233-4455-6677-8899-aabbccddeeff',
  })
