import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAgent } from '@brickyard/agent/agent'
import { LIMITS_DEFAULT } from '@brickyard/agent/agent-config'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { nodeHttpClient } from '@brickyard/runtime/node/http'
import { nodeIdentity } from '@brickyard/runtime/node/identity'
import { kernelNeighbours } from '@brickyard/runtime/node/neighbours'
import { jsonLog } from '@brickyard/runtime/node/log'
import { argon2Password } from '@brickyard/runtime/node/password'
import { nodeProcess } from '@brickyard/runtime/node/process'
import { systemRandom } from '@brickyard/runtime/node/random'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import { nodeWebSocketDialer } from '@brickyard/runtime/node/websocket'
import { fakeCredentials } from '@brickyard/sim/fake-credentials'
import type { RackDocument } from '@brickyard/model/rack'
import { efiProgram } from '@brickyard/sim/efi-program'
import { err } from '@brickyard/std/result'

const LOADER_BYTES = 256 * 1024

/** Runs the real agent for a rack, its store on the disk, until it is told to end; prints `ready`. */
export async function serveRack(rack: RackDocument): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'brickyard-bench-'))
  const loader = join(folder, 'snponly.efi')
  // Without a boot file firmware would wait 4 s for a proxy's.
  writeFileSync(loader, efiProgram(LOADER_BYTES))
  const agent = createAgent(
    {
      site: rack.site,
      agentVersion: 'bench',
      stateFolder: folder,
      sockets: {},
      loaders: { 'snponly.efi': loader },
      installers: {},
      standAlone: { rack, images: [], assignments: [] },
      limits: LIMITS_DEFAULT,
    },
    {
      clock: systemClock,
      random: systemRandom,
      udp: nodeUdp,
      http: nodeHttpClient(),
      dialer: nodeWebSocketDialer,
      files: nodeFiles,
      store: openNodeStore({ path: join(folder, 'site.db'), durable: true }),
      readings: openNodeStore({ path: join(folder, 'readings.db'), durable: false }),
      identity: nodeIdentity,
      password: argon2Password,
      process: nodeProcess,
      log: jsonLog('error', 'agent'),
      neighbours: kernelNeighbours,
      credentials: fakeCredentials(() => err('there are no BMCs in this bench')),
    },
  )
  const started = await agent.start()
  if (!started.ok) throw new Error(started.error)
  console.log('ready')
  const end = async (): Promise<void> => {
    await agent.stop()
    rmSync(folder, { recursive: true, force: true })
    process.exit(0)
  }
  process.once('SIGTERM', () => void end())
  process.once('SIGINT', () => void end())
}
