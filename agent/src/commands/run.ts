import { hostname } from 'node:os'
import { systemClock } from '@brickyard/runtime/node/clock'
import { kernelNeighbours } from '@brickyard/runtime/node/neighbours'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { nodeHttpClient } from '@brickyard/runtime/node/http'
import { nodeIdentity } from '@brickyard/runtime/node/identity'
import { jsonLog } from '@brickyard/runtime/node/log'
import { argon2Password } from '@brickyard/runtime/node/password'
import { nodeProcess } from '@brickyard/runtime/node/process'
import { systemRandom } from '@brickyard/runtime/node/random'
import { nodeSnmp } from '@brickyard/runtime/node/snmp'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import { nodeWebSocketDialer } from '@brickyard/runtime/node/websocket'
import type { Log } from '@brickyard/runtime/log'
import { err, ok, type Result } from '@brickyard/std/result'
import { createAgent, type Agent } from '../agent.ts'
import type { AgentConfig, NetworkSockets } from '../agent-config.ts'
import type { ConfigFile } from '../config-file.ts'
import { devicesOf, parseListenFds, type ListenFds } from '../listen-fds.ts'
import { listenHttp, type HttpListener, type ListenerTls } from '../node/http-listener.ts'
import { readAuthorities } from '../node/read-authorities.ts'
import { readBootTls } from '../node/boot-tls.ts'
import { openStores } from '../node/open-stores.ts'
import { readSiteKey, sealedCredentials } from '../node/sealed-credentials.ts'
import { readPinHash } from '../node/site-pin.ts'
import type { Appliance } from './appliance.ts'
import { bootAddresses, bootTlsAddresses } from './boot-addresses.ts'

/** systemd starts it anew, with the sockets that it kept: the unit has Restart=always. */
export const EXIT_RESTART = 75

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly pid: number
  readonly version: string
  /** Ends the process after everything was closed. */
  readonly exit: (code: number) => void
}

export interface RunningAgent {
  readonly agent: Agent
  stop(): Promise<void>
}

/** Runs the agent on this machine: real sockets, real disk. */
export async function runAgent(
  { file, standAlone }: Appliance,
  surroundings: Surroundings,
): Promise<Result<RunningAgent>> {
  const { env, pid, version } = surroundings
  const log = jsonLog(file.logLevel, 'agent')
  const fds = parseListenFds(env, pid)
  if (!fds.ok) return fds
  const key = readSiteKey(file.keyFile, env['CREDENTIALS_DIRECTORY'], true)
  if (!key.ok) return key
  const trust = readTrust(file)
  if (!trust.ok) return trust
  const { store, readings } = openStores(file.stateFolder, log, systemClock.wallMs())
  const http = nodeHttpClient()
  const config: AgentConfig = {
    site: file.site,
    agentVersion: version,
    stateFolder: file.stateFolder,
    sockets: socketsOf(file.networks, fds.value),
    loaders: file.loaders,
    installers: file.installers,
    ...trust.value.config,
    standAlone,
    hub: file.hub === undefined ? undefined : { url: file.hub.url.replace(/\/$/, '') },
    sitePinHash: readPinHash(file.stateFolder),
    limits: file.limits,
  }
  let stopping: Promise<void> | undefined
  const agent = createAgent(config, {
    clock: systemClock,
    random: systemRandom,
    udp: nodeUdp,
    http,
    dialer: nodeWebSocketDialer,
    files: nodeFiles,
    store,
    readings,
    identity: nodeIdentity,
    password: argon2Password,
    process: nodeProcess,
    log,
    credentials: sealedCredentials(store, key.value),
    snmp: nodeSnmp,
    neighbours: kernelNeighbours,
    restart: (reason) => {
      log.warn('the agent restarts', { reason })
      void stop().then(() => surroundings.exit(EXIT_RESTART))
    },
  })
  const listeners: HttpListener[] = []
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      await Promise.all(listeners.map((each) => each.close()))
      await agent.stop()
      await http.close()
      store.close()
      readings.close()
    })()
    return stopping
  }
  try {
    await listen(
      agent,
      { file, standAlone },
      { fds: fds.value, tls: trust.value.tls },
      listeners,
      log,
    )
  } catch (error) {
    await stop()
    return err((error as Error).message)
  }
  const started = await agent.start()
  if (started.ok) return ok({ agent, stop })
  await stop()
  return started
}

/** What the operator gave to be trusted by, and whom to trust. */
function readTrust({ bootTls, codeSigning }: ConfigFile): Result<{
  readonly tls: ListenerTls | undefined
  readonly config: Pick<AgentConfig, 'bootTls' | 'codeSigning'>
}> {
  const tls = bootTls === undefined ? ok(undefined) : readBootTls(bootTls)
  if (!tls.ok) return tls
  const authorities = codeSigning === undefined ? ok([]) : readAuthorities(codeSigning.authorities)
  if (!authorities.ok) return authorities
  const config = {
    bootTls: tls.value && { ...tls.value.says, only: bootTls?.only ?? false },
    codeSigning: codeSigning && {
      authorities: authorities.value,
      byLoader: codeSigning.byLoader,
    },
  }
  return ok({ tls: tls.value, config })
}

async function listen(
  agent: Agent,
  { file, standAlone }: Appliance,
  { fds, tls }: { fds: ListenFds; tls: ListenerTls | undefined },
  listeners: HttpListener[],
  log: Log,
): Promise<void> {
  const boot = bootAddresses({ file, standAlone }, fds)
  if (boot.length === 0) {
    log.warn('no boot server: neither an http-NETWORK socket nor bootHttp is given', {})
  }
  for (const to of boot) listeners.push(await listenHttp(agent.bootHttp, to))
  const secure = bootTlsAddresses({ file, standAlone }, fds)
  if (tls !== undefined && secure.length === 0) {
    log.warn('no boot server by HTTPS: no https-NETWORK socket and no bootTls.listeners', {})
  }
  for (const to of secure) listeners.push(await listenHttp(agent.bootHttp, to, {}, tls))
  if (file.sitePage !== undefined) listeners.push(await listenHttp(agent.sitePage, file.sitePage))
  listeners.push(await listenHttp(agent.siteApi, file.siteApi))
  log.info('listening', { host: hostname(), boot: boot.length, secure: secure.length })
}

const SOCKET_KINDS = [
  ['dhcp', 'dhcpFd'],
  ['tftp', 'tftpFd'],
  ['pxe', 'pxeFd'],
  ['bootpc', 'bootpcFd'],
] as const

/** What the file says of a network by its name, what was inherited by its device. */
function socketsOf(
  written: Readonly<Record<string, NetworkSockets>>,
  fds: ListenFds,
): Record<string, NetworkSockets> {
  const sockets: Record<string, NetworkSockets> = { ...written }
  for (const [kind, field] of SOCKET_KINDS) {
    for (const device of devicesOf(fds, kind)) {
      sockets[device] = { ...sockets[device], [field]: fds.get(`${kind}-${device}`) }
    }
  }
  return sockets
}
