import { join } from 'node:path'
import { hubConfigSchema } from '@brickyard/hub/config'
import { createHub } from '@brickyard/hub/hub'
import { listenAgents, listenApi } from '@brickyard/hub/node/listeners'
import { nodeRawCheck } from '@brickyard/hub/node/raw-check'
import { sqliteDialect } from '@brickyard/hub/node/sqlite'
import type { Log } from '@brickyard/runtime/log'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { nodeIdentity } from '@brickyard/runtime/node/identity'
import { argon2Password } from '@brickyard/runtime/node/password'
import { systemRandom } from '@brickyard/runtime/node/random'
import { onFreePort } from './serve.ts'

export interface DemoHub {
  readonly url: string
  readonly agentPort: number
  /** File of its store. */
  readonly database: string
  close(): Promise<void>
}

/** The real hub on real sockets of this machine: API and console, and the agents' own listener. */
export async function openDemoHub(options: {
  readonly folder: string
  readonly port: number
  readonly log: Log
  readonly consoleFolder: string | undefined
  readonly user: string
  readonly password: string
}): Promise<DemoHub> {
  const { folder, user, password, consoleFolder } = options
  const dataFolder = join(folder, 'hub')
  const database = join(dataFolder, 'hub.db')
  const config = hubConfigSchema.parse({
    dataFolder,
    ...(consoleFolder === undefined ? {} : { consoleFolder }),
    publicUrl: `http://127.0.0.1:${options.port}`,
    agentHosts: ['127.0.0.1'],
    users: [{ name: user, password, role: 'operator' }],
  })
  const hub = createHub(config, {
    clock: systemClock,
    random: systemRandom,
    log: options.log.child({ part: 'hub' }),
    identity: nodeIdentity,
    password: argon2Password,
    files: nodeFiles,
    database: sqliteDialect(database),
    rawCheck: nodeRawCheck,
  })
  await hub.start()
  const host = '127.0.0.1'
  const served = await onFreePort(options.port, (port) =>
    listenApi(hub.api, { host, port }, hub.upgrade),
  )
  const agents = await listenAgents(hub.agentListener, { host, port: 0 })
  return {
    url: `http://127.0.0.1:${served.port}`,
    agentPort: agents.port,
    database,
    async close() {
      await hub.stop()
      await Promise.all([served.close(), agents.close()])
    },
  }
}
