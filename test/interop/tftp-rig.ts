import { createTftpServer, type TftpServer } from '@brickyard/agent/netboot/tftp-server'
import { systemClock } from '@brickyard/runtime/node/clock'
import { jsonLog } from '@brickyard/runtime/node/log'
import { nodeUdp } from '@brickyard/runtime/node/udp'

/** The agent's TFTP server with these files on a free port of the loopback. */
export async function loopbackTftp(files: ReadonlyMap<string, Uint8Array>): Promise<TftpServer> {
  const server = createTftpServer({
    udp: nodeUdp,
    clock: systemClock,
    log: jsonLog('error', 'tftp'),
    report: () => undefined,
    network: 'lab',
    files,
    address: '127.0.0.1',
    port: 0,
  })
  const started = await server.start()
  if (!started.ok) throw new Error(started.error)
  return server
}
