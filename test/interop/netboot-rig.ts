import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { handOver } from './inherited-sockets.ts'

/**
 * A network namespace of a test's own: bridge `br0` with 10.98.0.1/24, router advertisements
 * (without them iPXE waits 13 s for IPv6), clients on taps or veths. Everything ends with `close`.
 */
export interface NetbootRig {
  readonly namespace: string
  readonly folder: string
  readonly events: RigEvent[]
  /** Runs a program in the namespace and returns its output; throws when it fails. */
  run(command: string, ...args: string[]): string
  /** Starts a program in the namespace; it is killed by `close`. */
  start(command: string, ...args: string[]): ChildProcess
  /** Adds a tap for a virtual machine to the bridge. */
  addTap(name: string): void
  /** Adds a client's own namespace with device `eth0`, cabled to the bridge; returns its name. */
  addClient(name: string, mac: string): string
  /** Starts dhcp-main.ts on the bridge's own sockets, and waits until it listens. */
  serveNetworks(settings: object): Promise<void>
  /** Starts the servers of netboot-main.ts and waits until they listen. */
  serve(settings: object): Promise<void>
  /** The first event for which `wanted` holds, waited for. */
  event(wanted: (event: RigEvent) => boolean, timeoutMs: number): Promise<RigEvent>
  close(): void
}

export interface RigEvent {
  readonly kind: string
  readonly body: Readonly<Record<string, unknown>>
}

export const AGENT_ADDRESS = '10.98.0.1'
/** A provisioning network as the rack document writes it. */
export const NETWORK = {
  name: 'provisioning',
  role: 'provisioning',
  mode: 'authoritative',
  subnet: '10.98.0.0/24',
  agentAddress: AGENT_ADDRESS,
  interface: 'br0',
  pool: { first: '10.98.0.100', last: '10.98.0.199' },
  leaseSeconds: 3600,
  router: AGENT_ADDRESS,
  dns: [AGENT_ADDRESS],
  domain: 'rack.example',
}

/**
 * Opens port 67 bound to the device, as systemd's BindToDevice= does, and hands it on as
 * descriptor 3: Node itself cannot bind a socket to a device.
 */
const WITH_SOCKET_67 = `import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'br0')
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.bind(('0.0.0.0', 67))
if s.fileno() == 3: os.set_inheritable(3, True)
else: os.dup2(s.fileno(), 3, True)
os.execv(sys.argv[1], sys.argv[1:])
`

const RADVD_CONFIGURATION = `interface br0 {
  AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; AdvDefaultLifetime 0;
  prefix fd00:98::/64 { AdvOnLink on; AdvAutonomous on; };
};
`

let rigCount = 0

export function openNetbootRig(): NetbootRig {
  const namespace = `bynb-${process.pid}-${rigCount++}`
  const folder = mkdtempSync(join(tmpdir(), 'netboot-rig-'))
  const children: ChildProcess[] = []
  const namespaces = [namespace]
  const events: RigEvent[] = []
  const waiting = new Set<() => void>()
  const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' })
  const inside = (...args: string[]): string => ip('-n', namespace, ...args)

  ip('netns', 'add', namespace)
  inside('link', 'set', 'lo', 'up')
  inside('link', 'add', 'br0', 'type', 'bridge')
  inside('addr', 'add', `${AGENT_ADDRESS}/24`, 'brd', '+', 'dev', 'br0')
  inside('addr', 'add', 'fd00:98::1/64', 'dev', 'br0', 'nodad')
  inside('link', 'set', 'br0', 'up')

  const start = (command: string, ...args: string[]): ChildProcess => {
    const child = spawn('ip', ['netns', 'exec', namespace, command, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    return child
  }

  /** Takes down what a server prints, from `ready` on. */
  const listening = async (server: ChildProcess): Promise<void> => {
    if (server.stdout === null) throw new Error('the server has no output')
    createInterface(server.stdout).on('line', (line) => {
      // The launcher's own line is none of them.
      if (!line.startsWith('{')) return
      events.push(JSON.parse(line) as RigEvent)
      for (const look of waiting) look()
    })
    await rig.event(({ kind }) => kind === 'ready', 15_000)
  }

  const rig: NetbootRig = {
    namespace,
    folder,
    events,
    start,
    run: (command, ...args) => ip('netns', 'exec', namespace, command, ...args),
    addTap(name) {
      inside('tuntap', 'add', name, 'mode', 'tap')
      inside('link', 'set', name, 'master', 'br0', 'up')
    },
    addClient(name, mac) {
      const client = `${namespace}-${name}`
      ip('netns', 'add', client)
      namespaces.push(client)
      inside('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', client)
      inside('link', 'set', name, 'master', 'br0', 'up')
      ip('-n', client, 'link', 'set', 'lo', 'up')
      ip('-n', client, 'link', 'set', 'eth0', 'address', mac, 'up')
      return client
    },
    async serve(settings) {
      const configuration = join(folder, 'radvd.conf')
      writeFileSync(configuration, RADVD_CONFIGURATION)
      start('radvd', '-n', '-C', configuration, '-p', join(folder, 'radvd.pid'), '-m', 'none')
      const main = fileURLToPath(new URL('netboot-main.ts', import.meta.url))
      const full = { storePath: join(folder, 'site.db'), ...settings }
      const node = [process.execPath, main, JSON.stringify({ ...full, dhcpFd: 3 })]
      await listening(start('python3', '-c', WITH_SOCKET_67, ...node))
    },
    async serveNetworks(settings) {
      const main = fileURLToPath(new URL('dhcp-main.ts', import.meta.url))
      const command = [process.execPath, main, JSON.stringify({ folder, ...settings })]
      const [program = '', ...words] = handOver({ devices: ['br0'], command })
      await listening(start(program, ...words))
    },
    event: (wanted, timeoutMs) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = events.find(wanted)
          if (found === undefined) return
          settle()
          resolve(found)
        }
        const giveUp = setTimeout(() => {
          settle()
          const seen = events
            .filter(({ kind }) => kind !== 'captured')
            .map((e) => JSON.stringify(e))
          reject(new Error(`not seen within ${timeoutMs} ms; seen:\n${seen.join('\n')}`))
        }, timeoutMs)
        const settle = (): void => {
          clearTimeout(giveUp)
          waiting.delete(look)
        }
        waiting.add(look)
        look()
      }),
    close() {
      for (const child of children) child.kill('SIGKILL')
      for (const name of namespaces.toReversed()) ip('netns', 'del', name)
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return rig
}
