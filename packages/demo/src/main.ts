/**
 * `npm start`: the real hub with its console, and the real agents of three simulated sites, in real
 * time. Ends on Ctrl-C and leaves nothing behind.
 *
 * BRICKYARD_PORT  the console's port (8480, or the next that is free; 0 for any)
 * BRICKYARD_TOUR  `off` leaves out the tour
 * BRICKYARD_LOG   `info`, `debug` …: logs of hub and agents as JSON lines on standard error
 * --json          one JSON line with addresses and sign-in in place of the text
 */
import { jsonLog } from '@brickyard/runtime/node/log'
import { LifeEnded } from '@brickyard/sim/life'
import { type Demo, openDemo } from './demo.ts'
import { TERMINAL_NOTE } from './lab-page.ts'
import type { TourStep } from './tour.ts'

const PORT_DEFAULT = 8480
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

const { env } = process
const json = process.argv.includes('--json')
const port = Number(env['BRICKYARD_PORT'] ?? PORT_DEFAULT)
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`BRICKYARD_PORT is '${env['BRICKYARD_PORT']}'; expected a port from 0 to 65535`)
  process.exit(2)
}
const level = LOG_LEVELS.find((known) => known === (env['BRICKYARD_LOG'] ?? 'silent'))
if (level === undefined) {
  console.error(`BRICKYARD_LOG is '${env['BRICKYARD_LOG']}'; expected ${LOG_LEVELS.join(', ')}`)
  process.exit(2)
}

let demo: Demo | undefined
let ending = false
const end = async (code: number): Promise<void> => {
  if (ending) return
  ending = true
  if (!json) console.log('\nStopping …')
  await demo?.close()
  process.exit(code)
}
/** What is left of an agent that was killed trips over its closed store: a dead process would not. */
const unlessDead = (error: unknown): void => {
  if (error instanceof LifeEnded) return
  console.error(
    `brickyard: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  )
  void end(1)
}
process.on('uncaughtException', unlessDead)
process.on('unhandledRejection', unlessDead)
process.once('SIGINT', () => void end(0))
process.once('SIGTERM', () => void end(0))

try {
  const consoleFolder = await builtConsole()
  demo = await openDemo({ port, log: jsonLog(level, 'brickyard'), consoleFolder, say: sayStep })
  announce(demo)
  await demo.run(env['BRICKYARD_TOUR'] !== 'off')
} catch (error) {
  if (!ending) {
    console.error(
      `brickyard: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
    await end(1)
  }
}

/** The console is built when its sources changed; without its bundler the hub serves the API alone. */
async function builtConsole(): Promise<string | undefined> {
  try {
    const { buildConsole } = await import('@brickyard/console/build')
    const { folder, built } = await buildConsole()
    if (built && !json) console.log('The console was built.')
    return folder
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    console.error(`brickyard: no console (${why}); the API is served all the same`)
    return undefined
  }
}

function announce({ consoleUrl, user, password, labUrl, ipmitool }: Demo): void {
  if (json) {
    console.log(JSON.stringify({ consoleUrl, user, password, labUrl, ipmitool }))
    return
  }
  console.log(`
Brickyard: three sites of 24 sleds

  Console     ${consoleUrl}
  Sign in     ${user} / ${password}
  Tour        ${labUrl}/tour      what happens by itself, and what is simulated
  Lab panel   ${labUrl}/          kill an agent, cut an uplink, pull a sled

${TERMINAL_NOTE.map((line) => `  ${line}`).join('\n')}

  One BMC for your own ipmitool:
  ${ipmitool}

Ctrl-C ends it; nothing stays.
`)
}

function sayStep({ title, state, detail }: TourStep): void {
  if (json) return
  const time = new Date().toLocaleTimeString()
  console.log(`  ${time}  ${title}: ${state}${detail === '' ? '' : ` (${detail})`}`)
}
