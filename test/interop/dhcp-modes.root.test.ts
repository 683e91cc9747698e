import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import {
  AGENT_ADDRESS,
  type NetbootRig,
  NETWORK,
  openNetbootRig,
  type RigEvent,
} from './netboot-rig.ts'

/** Our modes beside programs that nobody here wrote: dnsmasq as server and as relay, and clients. */

const SLED_MAC = '52:54:00:98:00:21'
const SLEDS = {
  [SLED_MAC]: {
    name: 'sled-01',
    architecture: 'x86_64',
    firmwareMode: 'bios',
    secureBoot: false,
    address: '10.98.0.21',
    boot: { kind: 'local-disk', reason: 'in use' },
  },
}
const THEIR_ADDRESS = '10.98.0.66'
const THEIR_MAC = '52:54:00:98:00:66'
const BASE = ['ip', 'python3', 'dnsmasq', 'udhcpc']
const BOOT_TIMEOUT_MS = 120_000

let rig: NetbootRig | undefined
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rig?.close()
  rig = undefined
})

const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' })
const within = (namespace: string, ...args: string[]): string =>
  ip('netns', 'exec', namespace, ...args)

/** Starts dnsmasq in a namespace and waits until it says that it serves. */
function dnsmasq(namespace: string, ...words: string[]): Promise<void> {
  const args = ['--no-daemon', '--conf-file=/dev/null', '--user=root', '--port=0', ...words]
  const child = spawn('ip', ['netns', 'exec', namespace, 'dnsmasq', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  started.push(child)
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', (piece: Buffer) => {
      said += piece.toString()
      if (/sockets bound exclusively|DHCP relay from/.test(said)) resolve()
    })
    child.once('exit', () => reject(new Error(`dnsmasq ended: ${said}`)))
  })
}

/** A foreign server on the bridge; gives the file of its leases. */
async function foreignServer(on: NetbootRig): Promise<string> {
  const namespace = on.addClient('them', THEIR_MAC)
  ip('-n', namespace, 'addr', 'add', `${THEIR_ADDRESS}/24`, 'brd', '+', 'dev', 'eth0')
  const leases = join(on.folder, 'their-leases')
  await dnsmasq(
    namespace,
    '--interface=eth0',
    '--bind-interfaces',
    '--no-ping',
    `--dhcp-leasefile=${leases}`,
    `--dhcp-option=3,${THEIR_ADDRESS}`,
    '--dhcp-range=10.98.0.70,10.98.0.79,255.255.255.0,1h',
  )
  return leases
}

/** Something is wrong with a network because of another server. */
const isAboutOthers = ({ kind, body }: RigEvent): boolean =>
  kind === 'trouble' && /other DHCP servers/.test(String(body['what'])) && body['reason'] !== null

/** Runs udhcpc once and gives what it was told; undefined when nobody answered. */
function udhcpc(
  on: NetbootRig,
  namespace: string,
  tries: number,
): Record<string, string> | undefined {
  const [script, out] = [join(on.folder, 'udhcpc.sh'), join(on.folder, 'udhcpc.txt')]
  writeFileSync(script, `#!/bin/sh\n[ "$1" = bound ] && env > ${out}\nexit 0\n`)
  chmodSync(script, 0o755)
  const patience = ['-f', '-q', '-n', '-t', `${tries}`, '-T', '1']
  try {
    within(namespace, 'udhcpc', '-i', 'eth0', ...patience, '-s', script)
  } catch {
    return undefined
  }
  const lines = readFileSync(out, 'utf8').split('\n')
  return Object.fromEntries(
    lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
  )
}

needs({ root: true, programs: BASE }).describe('a network that is only listened to', () => {
  it(
    'gives nobody an address, and says what it would have given',
    { timeout: 30_000 },
    async () => {
      rig = openNetbootRig()
      await rig.serveNetworks({ networks: [{ ...NETWORK, mode: 'listen-only' }], sleds: SLEDS })
      const client = rig.addClient('one', SLED_MAC)
      expect(udhcpc(rig, client, 2)).toBeUndefined()
      const would = await rig.event(({ kind }) => kind === 'dhcp.would-answer', 1000)
      expect(would.body).toMatchObject({ sled: 'sled-01', would: 'offer', address: '10.98.0.21' })
    },
  )

  it(
    'names a foreign server, which gives none of its leases for that',
    { timeout: 30_000 },
    async () => {
      rig = openNetbootRig()
      const leases = await foreignServer(rig)
      await rig.serveNetworks({ networks: [{ ...NETWORK, mode: 'listen-only' }], sleds: {} })
      const found = await rig.event(({ kind }) => kind === 'dhcp.foreign-server', 5000)
      expect(found.body).toMatchObject({
        network: 'provisioning',
        server: THEIR_ADDRESS,
        mac: THEIR_MAC,
        relay: null,
        gives: 'addresses',
      })
      expect(found.body['options']).toContain(`router ${THEIR_ADDRESS}`)
      const trouble = await rig.event(isAboutOthers, 1000)
      expect(trouble.body['reason']).toContain(`${THEIR_ADDRESS} (${THEIR_MAC}) gives addresses`)
      expect(existsSync(leases) ? readFileSync(leases, 'utf8') : '').toBe('')
    },
  )

  it('hears a server that comes later by what it tells others', { timeout: 30_000 }, async () => {
    rig = openNetbootRig()
    await rig.serveNetworks({ networks: [{ ...NETWORK, mode: 'listen-only' }], sleds: {} })
    await foreignServer(rig)
    const client = rig.addClient('one', '52:54:00:98:00:31')
    expect(udhcpc(rig, client, 5)).toMatchObject({ serverid: THEIR_ADDRESS })
    const found = await rig.event(({ kind }) => kind === 'dhcp.foreign-server', 5000)
    expect(found.body).toMatchObject({ server: THEIR_ADDRESS })
  })
})

needs({ root: true, programs: BASE }).describe('an address that somebody has taken', () => {
  it('is offered to no stranger: the kernel asked by ARP', { timeout: 30_000 }, async () => {
    rig = openNetbootRig()
    await rig.serveNetworks({ networks: [NETWORK], sleds: {} })
    const squatter = rig.addClient('squatter', THEIR_MAC)
    ip('-n', squatter, 'addr', 'add', '10.98.0.100/24', 'dev', 'eth0')
    const client = rig.addClient('one', '52:54:00:98:00:31')
    expect(udhcpc(rig, client, 5)).toMatchObject({ ip: '10.98.0.101' })
    const told = await rig.event(({ kind }) => kind === 'dhcp.address-in-use', 1000)
    expect(told.body).toMatchObject({ address: '10.98.0.100', mac: THEIR_MAC })
  })
})

needs({ root: true, programs: BASE }).describe('a network behind a relay', () => {
  it(
    'is served through dnsmasq as relay, beside the relay’s own network',
    { timeout: 30_000 },
    async () => {
      rig = openNetbootRig()
      const behind = {
        ...NETWORK,
        name: 'behind',
        mode: 'relayed',
        subnet: '10.99.0.0/24',
        pool: { first: '10.99.0.100', last: '10.99.0.199' },
        router: '10.99.0.1',
      }
      await rig.serveNetworks({ networks: [NETWORK, behind], sleds: {} })
      const relay = rig.addClient('relay', '52:54:00:98:00:02')
      ip('-n', relay, 'addr', 'add', '10.98.0.2/24', 'dev', 'eth0')
      ip('-n', rig.namespace, 'route', 'add', '10.99.0.0/24', 'via', '10.98.0.2')
      const far = rig.addClient('far', '52:54:00:98:00:03')
      // The far client is cabled to the relay, not to the bridge.
      ip('-n', far, 'link', 'del', 'eth0')
      ip('-n', relay, 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', far)
      ip('-n', relay, 'addr', 'add', '10.99.0.1/24', 'dev', 'eth1')
      ip('-n', relay, 'link', 'set', 'eth1', 'up')
      ip('-n', far, 'link', 'set', 'eth0', 'up')
      within(relay, 'sysctl', '-q', 'net.ipv4.ip_forward=1')
      await dnsmasq(relay, `--dhcp-relay=10.99.0.1,${AGENT_ADDRESS}`, '--interface=eth1')
      expect(udhcpc(rig, far, 5)).toMatchObject({
        ip: '10.99.0.100',
        router: '10.99.0.1',
        serverid: AGENT_ADDRESS,
      })
      const near = rig.addClient('near', '52:54:00:98:00:04')
      expect(udhcpc(rig, near, 5)).toMatchObject({ ip: '10.98.0.100', router: AGENT_ADDRESS })
    },
  )
})

const withQemu = needs({ root: true, programs: [...BASE, 'qemu-system-x86_64'] })
withQemu.describe('a proxy beside a plain dnsmasq', () => {
  it(
    'boots a sled with an address of the other server',
    { timeout: BOOT_TIMEOUT_MS + 20_000 },
    async () => {
      rig = openNetbootRig()
      await foreignServer(rig)
      await rig.serveNetworks({ networks: [{ ...NETWORK, mode: 'proxy' }], sleds: SLEDS })
      rig.addTap('tap0')
      const net = ['-netdev', 'tap,id=n0,ifname=tap0,script=no,downscript=no']
      const nic = ['-device', `virtio-net-pci,netdev=n0,mac=${SLED_MAC},bootindex=1`]
      const machine = ['-accel', 'tcg', '-display', 'none', '-monitor', 'none', '-nodefaults']
      rig.start('qemu-system-x86_64', ...machine, '-machine', 'pc', '-m', '256', ...net, ...nic)
      const asked = await rig.event(({ kind }) => kind === 'http', BOOT_TIMEOUT_MS)
      expect(asked.body['url']).toContain(`/boot.ipxe?mac=${SLED_MAC.replaceAll(':', '-')}`)
      expect(asked.body['from']).toMatch(/10\.98\.0\.7\d$/)
    },
  )

  it('leaves other machines to the other server', { timeout: 30_000 }, async () => {
    rig = openNetbootRig()
    await foreignServer(rig)
    await rig.serveNetworks({ networks: [{ ...NETWORK, mode: 'proxy' }], sleds: SLEDS })
    const client = rig.addClient('one', '52:54:00:98:00:31')
    expect(udhcpc(rig, client, 5)).toMatchObject({ serverid: THEIR_ADDRESS })
    expect(rig.events.filter(isAboutOthers)).toEqual([])
  })
})
