import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleAgent } from '@brickyard/agent/packaging/bundle'
import { copyNode } from '@brickyard/runtime/node/bundle-program'
import { AGENT_UID } from './inherited-sockets.ts'

/** An installed agent: the bundle in a folder of its own, and its configuration. */
export interface PackagedAgent {
  readonly stateFolder: string
  /** Where Node keeps what it compiled. */
  readonly cacheFolder: string
  /** Words of the command that runs it, as its service has them, flags of Node included. */
  readonly command: readonly string[]
  /** Its environment, as its service has it. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Installs the agent in `folder` (away from this repository, readable by everyone), to serve `rack`
 * alone, with one loader of `loader`'s bytes.
 */
export async function installAgent(
  folder: string,
  {
    rack,
    loader,
    more = {},
  }: {
    readonly rack: { readonly site: string }
    readonly loader: string
    /** Settings beside those. */
    readonly more?: object
  },
): Promise<PackagedAgent> {
  chmodSync(folder, 0o755)
  const program = join(folder, 'brickyard')
  await bundleAgent(program)
  copyNode(program)
  const stateFolder = join(folder, 'state')
  const cacheFolder = join(folder, 'cache')
  for (const own of [stateFolder, cacheFolder]) {
    mkdirSync(own, { mode: 0o700 })
    chownSync(own, AGENT_UID, AGENT_UID)
  }
  writeFileSync(join(folder, 'undionly.kpxe'), loader)
  writeFileSync(join(folder, 'rack.yaml'), JSON.stringify({ rack }))
  // JSON is YAML.
  const configuration = {
    site: rack.site,
    stateFolder,
    logLevel: 'warn',
    standAlone: 'rack.yaml',
    keyFile: join(stateFolder, 'site.key'),
    loaders: { 'undionly.kpxe': join(folder, 'undionly.kpxe') },
    ...more,
  }
  const config = join(folder, 'agent.yaml')
  writeFileSync(config, JSON.stringify(configuration))
  const inPlace = (text: string): string =>
    text
      .replaceAll('/usr/lib/brickyard', program)
      .replaceAll('/etc/brickyard/agent.yaml', config)
      .replaceAll('%C/brickyard', cacheFolder)
  const [command = ''] = serviceSettings('ExecStart').map(inPlace)
  const environment = serviceSettings('Environment').map((setting) => {
    const [name = '', value = ''] = inPlace(setting).split(/=(.*)/s)
    return [name, value]
  })
  return {
    stateFolder,
    cacheFolder,
    command: command.split(' '),
    environment: Object.fromEntries(environment),
  }
}

/** What the service says: tests and figures are of what is shipped. */
function serviceSettings(key: string): string[] {
  const unit = new URL('../../agent/packaging/systemd/brickyard-agent.service', import.meta.url)
  return readFileSync(unit, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1))
}
