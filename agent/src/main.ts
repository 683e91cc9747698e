import { readSync } from 'node:fs'
import { isatty } from 'node:tty'
import { Command } from 'commander'
import type { Result } from '@brickyard/std/result'
import { APPLIANCE_COMMAND } from './appliance-command.ts'
import { formatFileProblem } from './config-file.ts'
import { readAppliance, type Appliance } from './commands/appliance.ts'
import { runAgent } from './commands/run.ts'
import {
  acceptNamedRecoveryKey,
  enrolSite,
  sealingKeyId,
  setCredential,
  setPduSecret,
  setPin,
} from './commands/settings.ts'

/** `brickyard-agent run|config check|credential key|credential set|pin set|enrol`: the composition root of the site's agent. */
const VERSION = '0.1.0'
const CONFIG_PATH = '/etc/brickyard/agent.yaml'
/** No password, PIN or token is longer. */
const SECRET_BYTES_MAX = 4096
const EXIT_USAGE = 2

const program = new Command(APPLIANCE_COMMAND)
  .description('Runs the servers of one site.')
  .version(VERSION)
  .option('-c, --config <path>', 'the appliance’s own file', CONFIG_PATH)
  .showHelpAfterError()

program
  .command('run', { isDefault: true })
  .description('serve the site until told to stop')
  .action(async () => {
    const starting = runAgent(appliance(), {
      env: process.env,
      pid: process.pid,
      version: VERSION,
      exit: (code) => process.exit(code),
    })
    // Told to stop while it starts, it first comes up and then goes down in good order.
    const stop = (): void => {
      void starting
        .then((running) => (running.ok ? running.value.stop() : undefined))
        .then(() => process.exit(0))
    }
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
    const running = await starting
    if (!running.ok) fail(running.error)
  })

program
  .command('config')
  .description('the appliance’s own file')
  .command('check [path]')
  .description('say what is wrong with it, by line')
  .action((path?: string) => {
    const { file, standAlone } = appliance(path)
    const rack =
      standAlone === undefined
        ? 'the rack comes from the hub'
        : `${standAlone.rack.sleds.length} sleds`
    process.stdout.write(`site ${file.site}: the configuration is good; ${rack}\n`)
  })

const credential = program.command('credential').description('BMC passwords, sealed at the site')
credential
  .command('key')
  .description('the short name of the key that logins are sealed to for this site')
  .action(() => tell(sealingKeyId(appliance(), process.env['CREDENTIALS_DIRECTORY'])))
credential
  .command('set <sled>')
  .description('read the password of a sled’s BMC from standard input')
  .action((sled: string) => {
    const credentialsFolder = process.env['CREDENTIALS_DIRECTORY']
    tell(setCredential(appliance(), sled, secretFromInput(), credentialsFolder))
  })

credential
  .command('pdu <pdu>')
  .description('read the community or the passphrases of a PDU from standard input')
  .action((pdu: string) => {
    const credentialsFolder = process.env['CREDENTIALS_DIRECTORY']
    tell(setPduSecret(appliance(), pdu, secretFromInput(), credentialsFolder))
  })

program
  .command('recovery-key')
  .description('the key that opens new BMC logins when this appliance is lost')
  .command('accept <id>')
  .description('use the key of this id, which the rack document names, from now on')
  .action((id: string) => tell(acceptNamedRecoveryKey(appliance(), id)))

program
  .command('pin')
  .description('the PIN of the technician’s page')
  .command('set')
  .description('read the PIN from standard input')
  .action(async () => tell(await setPin(appliance(), secretFromInput())))

program
  .command('enrol')
  .description('read a one-time token from standard input and trade it for this site’s certificate')
  .requiredOption('--hub <url>', 'the hub’s agent listener, https://HOST:PORT')
  .action(async (options: { hub: string }) =>
    tell(await enrolSite(appliance(), secretFromInput(), options.hub)),
  )

await program.parseAsync()

function appliance(path = program.opts<{ config: string }>().config): Appliance {
  const read = readAppliance(path)
  if (read.ok) return read.value
  for (const found of read.error) process.stderr.write(`${formatFileProblem(found)}\n`)
  process.exit(EXIT_USAGE)
}

/** The first line of standard input: secrets are never arguments, which every user can list. */
function secretFromInput(): string {
  if (isatty(0)) process.stderr.write('paste it here, then Enter: ')
  const piece = Buffer.alloc(SECRET_BYTES_MAX)
  let text = ''
  while (!text.includes('\n') && text.length < SECRET_BYTES_MAX) {
    const count = readSync(0, piece)
    if (count === 0) break
    text += piece.toString('utf8', 0, count)
  }
  return text.split('\n')[0]?.trim() ?? ''
}

function tell(result: Result<string>): void {
  if (result.ok) process.stdout.write(`${result.value}\n`)
  else fail(result.error)
}

function fail(reason: string): void {
  process.stderr.write(`${APPLIANCE_COMMAND}: ${reason}\n`)
  process.exitCode = 1
}
