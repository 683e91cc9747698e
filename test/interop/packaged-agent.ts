import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleAgent } from '@brickyard/agent/packaging/bundle'
import { copyNode } from '@brickyard/runtime/node/bundle-program'
import { AGENT_UID } from './inherited-sockets.ts'

/** An installed agent: the bundle in a folder of its own, and its configuration. */
export interface PackagedAgent {
  readonly stateFolder: string
  /** Words of the command that runs it. */
  readonly command: readonly string[]
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
  mkdirSync(stateFolder, { mode: 0o700 })
  chownSync(stateFolder, AGENT_UID, AGENT_UID)
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
  const command = execStart()
    .replaceAll('/usr/lib/brickyard', program)
    .replace('/etc/brickyard/agent.yaml', config)
    .split(' ')
  return { stateFolder, command }
}

/** What the service runs: tests and figures are of that, flags of Node included. */
function execStart(): string {
  const unit = new URL('../../agent/packaging/systemd/brickyard-agent.service', import.meta.url)
  const found = /^ExecStart=(.*)$/m.exec(readFileSync(unit, 'utf8'))?.[1]
  if (found === undefined) throw new Error('the service runs nothing')
  return found
}
