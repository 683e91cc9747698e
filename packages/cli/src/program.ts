import { createClient } from '@brickyard/api/client'
import { Command, CommanderError, Option } from 'commander'
import { COMMANDS, type CommandName, type CommandRow } from './command-table.ts'
import { sledConsole } from './commands/console.ts'
import { consoleRecordGet, consoleRecordList } from './commands/console-records.ts'
import { deployCreate, deployGet, deployList, deployRelease } from './commands/deployments.ts'
import { sledImport } from './commands/import.ts'
import { imageAdd, imageList } from './commands/images.ts'
import { netbootMode } from './commands/netboot-mode.ts'
import { netbootPreview } from './commands/netboot-preview.ts'
import { netbootTrace } from './commands/netboot.ts'
import { events, operationGet, operationList, operationWatch } from './commands/observe.ts'
import {
  recoveryNewKey,
  recoveryOpen,
  sledRecoverySecret,
  sledRotateCredentials,
} from './commands/recovery.ts'
import { login, logout } from './commands/session.ts'
import { rackPut, siteCreate, siteEnrolToken, siteGet, siteList } from './commands/sites.ts'
import {
  sledFindings,
  sledLog,
  sledReleaseAdoption,
  sledRestartBmc,
  sledSensors,
} from './commands/sled-bmc.ts'
import {
  sledGet,
  sledIdentify,
  sledInspect,
  sledList,
  sledPower,
  sledRecover,
} from './commands/sleds.ts'
import type { Action, Options, Outcome, StartContext } from './context.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { CliPorts } from './ports.ts'
import { currentSession } from './saved-session.ts'

type StartAction = (start: StartContext) => Promise<Outcome>

/** Commands that need no session: one makes it, the others know no hub. */
const WITHOUT_HUB = {
  login,
  'recovery new-key': recoveryNewKey,
  'recovery open': recoveryOpen,
} as const satisfies Partial<Record<CommandName, StartAction>>

/** Every other command speaks to the hub as somebody. */
const ACTIONS: Readonly<Record<Exclude<CommandName, keyof typeof WITHOUT_HUB>, Action>> = {
  logout,
  'site list': siteList,
  'site get': siteGet,
  'site create': siteCreate,
  'site enrol-token': siteEnrolToken,
  'rack put': rackPut,
  'sled list': sledList,
  'sled get': sledGet,
  'sled console': sledConsole,
  'console-record list': consoleRecordList,
  'console-record get': consoleRecordGet,
  'sled power': sledPower,
  'sled identify': sledIdentify,
  'sled inspect': sledInspect,
  'sled recover': sledRecover,
  'sled release-adoption': sledReleaseAdoption,
  'sled restart-bmc': sledRestartBmc,
  'sled sensors': sledSensors,
  'sled findings': sledFindings,
  'sled log': sledLog,
  'sled import': sledImport,
  'sled rotate-credentials': sledRotateCredentials,
  'sled recovery-secret': sledRecoverySecret,
  'netboot trace': netbootTrace,
  'netboot preview': netbootPreview,
  'netboot mode': netbootMode,
  'image list': imageList,
  'image add': imageAdd,
  'deploy list': deployList,
  'deploy get': deployGet,
  'deploy create': deployCreate,
  'deploy release': deployRelease,
  'operation list': operationList,
  'operation get': operationGet,
  'operation watch': operationWatch,
  events,
}

const NOUNS: Readonly<Record<string, string>> = {
  site: 'sites and their enrolment',
  rack: 'rack documents',
  sled: 'sleds: look, power, LED, inspection',
  recovery: 'the offline key that opens BMC logins when a site is lost',
  netboot: 'how machines boot from the network',
  'console-record': 'what was printed and typed at consoles, for auditors',
  image: 'operating system images',
  deploy: 'deployments',
  operation: 'what runs on sleds',
}

/** Runs one command line; answers the exit code. Bad words answer 2, nothing throws. */
export async function runYard(words: readonly string[], ports: CliPorts): Promise<ExitCode> {
  let exit: ExitCode = EXIT.ok
  const root = new Command('yard')
  const quiet = (command: Command): Command =>
    command
      .exitOverride()
      .configureOutput({ writeOut: ports.out, writeErr: ports.err })
      .showHelpAfterError('(add --help to see how)')
  quiet(root).description('Runs a fleet of sleds from a terminal.')
  const nouns = new Map<string, Command>()
  for (const [name, row] of Object.entries(COMMANDS) as [CommandName, CommandRow][]) {
    const [first = '', second] = name.split(' ')
    let parent = root
    if (second !== undefined) {
      parent = nouns.get(first) ?? quiet(root.command(first).description(NOUNS[first] ?? ''))
      nouns.set(first, parent)
    }
    const command = quiet(parent.command(second ?? first).description(row.says))
    addWords(command, row)
    command.action(async () => {
      exit = await perform(name, command, ports)
    })
  }
  try {
    await root.parseAsync([...words], { from: 'user' })
    return exit
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
}

function addWords(command: Command, row: CommandRow): void {
  for (const word of row.args) command.argument(word.startsWith('[') ? word : `<${word}>`)
  for (const each of row.options) {
    const flags = each.value === undefined ? `--${each.name}` : `--${each.name} <${each.value}>`
    const option = new Option(flags, each.says)
    if (each.repeatable === true) {
      option.argParser((value: string, old?: string[]) => [...(old ?? []), value])
    }
    command.addOption(option.makeOptionMandatory(each.required === true))
  }
  command.addOption(
    new Option('-o, --output <FORMAT>', 'how to print').choices(['table', 'json']).default('table'),
  )
}

function optionsOf(command: Command): Options {
  const values: Readonly<Record<string, unknown>> = command.opts()
  // Commander keeps `--ssh-key` under sshKey.
  const of = (name: string): unknown =>
    values[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())]
  return {
    text: (name) => {
      const value = of(name)
      return typeof value === 'string' ? value : undefined
    },
    texts: (name) => {
      const value = of(name)
      return Array.isArray(value) ? value.map(String) : []
    },
    flag: (name) => of(name) === true,
  }
}

async function perform(name: CommandName, command: Command, ports: CliPorts): Promise<ExitCode> {
  const say = (line: string): void => ports.err(`${line}\n`)
  const options = optionsOf(command)
  const args = command.processedArgs.filter((word) => typeof word === 'string')
  const outcome = await attempt(name, { ports, say, options, args })
  if (!outcome.ok) {
    for (const line of outcome.error.lines) say(line)
    return outcome.error.exit
  }
  const { json, text, failed } = outcome.value
  ports.out(options.text('output') === 'json' ? `${JSON.stringify(json, null, 2)}\n` : text)
  for (const line of failed?.lines ?? []) say(line)
  return failed?.exit ?? EXIT.ok
}

const isWithoutHub = (name: CommandName): name is keyof typeof WITHOUT_HUB =>
  Object.hasOwn(WITHOUT_HUB, name)

async function attempt(name: CommandName, start: StartContext): Promise<Outcome> {
  if (isWithoutHub(name)) return WITHOUT_HUB[name](start)
  const { ports } = start
  const session = await currentSession(ports)
  if (!session.ok) return session
  const { hub, token } = session.value
  return ACTIONS[name]({ ...start, hub: createClient({ fetch: ports.fetch, baseUrl: hub, token }) })
}
