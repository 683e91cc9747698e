/** The agent's TFTP server in a process of its own, for the bench: ADDRESS FILE…, served by base name. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { createTftpServer } from '@brickyard/agent/netboot/tftp-server'
import { systemClock } from '@brickyard/runtime/node/clock'
import { jsonLog } from '@brickyard/runtime/node/log'
import { nodeUdp } from '@brickyard/runtime/node/udp'

const [address = '127.0.0.1', ...paths] = process.argv.slice(2)
const server = createTftpServer({
  udp: nodeUdp,
  clock: systemClock,
  log: jsonLog('warn', 'tftp'),
  report: () => undefined,
  network: 'bench',
  files: new Map(paths.map((path) => [basename(path), new Uint8Array(readFileSync(path))])),
  address,
})
const started = await server.start()
if (!started.ok) throw new Error(started.error)
console.log('ready')
process.once('SIGTERM', () => process.exit(0))
