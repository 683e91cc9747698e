import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { nodeIdentity } from '@brickyard/runtime/node/identity'
import { jsonLog } from '@brickyard/runtime/node/log'
import { argon2Password } from '@brickyard/runtime/node/password'
import { systemRandom } from '@brickyard/runtime/node/random'
import { createHub } from './hub.ts'
import { readHubFile } from './main-config.ts'
import { listenAgents, listenApi } from './node/listeners.ts'
import { nodeRawCheck } from './node/raw-check.ts'
import { sqliteDialect } from './node/sqlite.ts'

/** `node hub/src/main.ts CONFIG.yaml` runs a hub until it is told to stop. */
const path = process.argv[2] ?? process.env['BRICKYARD_HUB_CONFIG'] ?? '/etc/brickyard/hub.yaml'
const read = readHubFile(path)
if (!read.ok) {
  for (const line of read.error) process.stderr.write(`${line}\n`)
  process.exit(2)
}
const { api, agents, databasePath, logLevel, ...config } = read.value
// Keys, password hashes and tenants' images are nobody else's on this machine.
process.umask(0o077)
const log = jsonLog(logLevel, 'hub')
const hub = createHub(config, {
  clock: systemClock,
  random: systemRandom,
  log,
  identity: nodeIdentity,
  password: argon2Password,
  files: nodeFiles,
  database: sqliteDialect(databasePath),
  rawCheck: nodeRawCheck,
})
await hub.start()
const listening = [
  await listenApi(hub.api, api, hub.upgrade),
  await listenAgents(hub.agentListener, agents),
] as const
log.info('the hub is up', {
  api: `http://${api.host}:${listening[0].port}`,
  agents: `https://${agents.host}:${listening[1].port}`,
})

let stopping = false
const stop = (signal: NodeJS.Signals): void => {
  if (stopping) return
  stopping = true
  log.info('the hub is going down', { signal })
  Promise.all(listening.map((each) => each.close()))
    .then(() => hub.stop())
    .catch((error: unknown) => {
      log.error('the hub did not stop cleanly', { error: String(error) })
      process.exitCode = 1
    })
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
