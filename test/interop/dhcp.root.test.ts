import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { AGENT_ADDRESS, type NetbootRig, NETWORK, openNetbootRig } from './netboot-rig.ts'

const SLED_MAC = '52:54:00:98:00:21'
const STRANGER_MAC = '52:54:00:98:00:22'
const SLEDS = {
  [SLED_MAC]: {
    name: 'sled-01',
    architecture: 'x86_64',
    firmwareMode: 'uefi',
    address: '10.98.0.21',
    boot: { kind: 'local-disk', reason: 'in use' },
  },
}

let rig: NetbootRig | undefined
afterEach(() => {
  rig?.close()
  rig = undefined
})

async function serving(network: object = NETWORK): Promise<NetbootRig> {
  rig = openNetbootRig()
  await rig.serve({ network, sleds: SLEDS, bootUrl: `http://${AGENT_ADDRESS}:80` })
  return rig
}
const within = (namespace: string, ...args: string[]): string =>
  execFileSync('ip', ['netns', 'exec', namespace, ...args], { encoding: 'utf8' })

const base = ['ip', 'radvd', 'python3']

needs({ root: true, programs: [...base, 'udhcpc'] }).describe('udhcpc', () => {
  /** Runs udhcpc once; its script writes down what it was given. */
  function once(
    on: NetbootRig,
    name: string,
    mac: string,
    ...more: string[]
  ): Record<string, string> {
    const namespace = on.addClient(name, mac)
    const [script, out] = [join(on.folder, `${name}.sh`), join(on.folder, `${name}.txt`)]
    writeFileSync(script, `#!/bin/sh\n[ "$1" = bound ] && env > ${out}\nexit 0\n`)
    chmodSync(script, 0o755)
    within(
      namespace,
      'udhcpc',
      '-i',
      'eth0',
      '-f',
      '-q',
      '-n',
      '-t',
      '5',
      '-T',
      '1',
      '-s',
      script,
      ...more,
    )
    const lines = readFileSync(out, 'utf8').split('\n')
    return Object.fromEntries(
      lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
    )
  }

  it('obtains a reserved address and one of the pool, with all that goes with them', async () => {
    const on = await serving()
    expect(once(on, 'one', SLED_MAC)).toMatchObject({
      ip: '10.98.0.21',
      subnet: '255.255.255.0',
      router: AGENT_ADDRESS,
      dns: AGENT_ADDRESS,
      domain: 'rack.example',
      hostname: 'sled-01',
      lease: '3600',
      serverid: AGENT_ADDRESS,
    })
    expect(once(on, 'two', STRANGER_MAC)['ip']).toBe('10.98.0.100')
  })

  it('obtains the address it wishes for, and gives it back', async () => {
    const on = await serving()
    expect(once(on, 'one', STRANGER_MAC, '-r', '10.98.0.150', '-R')['ip']).toBe('10.98.0.150')
  })
})

needs({ root: true, programs: [...base, 'dhclient'] }).describe('dhclient', () => {
  it('obtains, confirms after a reboot, and gives back its lease', async () => {
    const on = await serving()
    const namespace = on.addClient('one', SLED_MAC)
    const [leases, pid] = [join(on.folder, 'dhclient.leases'), join(on.folder, 'dhclient.pid')]
    const client = (...args: string[]): string =>
      within(
        namespace,
        'dhclient',
        '-4',
        '-sf',
        '/bin/true',
        '-lf',
        leases,
        '-pf',
        pid,
        ...args,
        'eth0',
      )
    client('-1')
    expect(readFileSync(leases, 'utf8')).toContain('fixed-address 10.98.0.21;')
    client('-x')
    // A lease file that is there makes it start with INIT-REBOOT.
    client('-1')
    expect(
      readFileSync(leases, 'utf8').match(/fixed-address 10\.98\.0\.21;/g)?.length,
    ).toBeGreaterThan(1)
    client('-r')
  })
})

needs({ root: true, programs: [...base, 'dhcpcd'] }).describe('dhcpcd', () => {
  it('obtains an address under its DUID, and the same again', async () => {
    const on = await serving()
    const namespace = on.addClient('one', STRANGER_MAC)
    const [script, out] = [join(on.folder, 'dhcpcd.sh'), join(on.folder, 'dhcpcd.txt')]
    writeFileSync(script, `#!/bin/sh\n[ -n "$new_ip_address" ] && env >> ${out}\nexit 0\n`)
    chmodSync(script, 0o755)
    // `ip netns exec` gives it mounts of its own: it keeps nothing of the machine's and leaves nothing.
    const own =
      'mount -t tmpfs none /var/lib && mkdir -p /var/lib/dhcpcd && mount -t tmpfs none /run'
    const once = `dhcpcd --oneshot -4 --duid -B -A -L -t 10 -f /dev/null -c ${script} eth0`
    within(namespace, 'sh', '-c', `${own} && ${once} && ${once}`)
    const text = readFileSync(out, 'utf8')
    expect(text.match(/^new_ip_address=10\.98\.0\.100$/gm)).toHaveLength(2)
    expect(text.match(/^reason=.*$/gm)).toEqual(['reason=BOUND', 'reason=REBOOT'])
    expect(text).toContain(`new_dhcp_server_identifier=${AGENT_ADDRESS}`)
  })
})

needs({ root: true, programs: [...base, 'perfdhcp'] }).describe('perfdhcp', () => {
  const CLIENTS = 200

  /** Begins so many exchanges; gives how many were offered an address, and acknowledged. */
  async function load(...how: string[]): Promise<number[]> {
    const on = await serving({ ...NETWORK, pool: { first: '10.98.0.20', last: '10.98.0.250' } })
    const namespace = on.addClient('load', '52:54:00:98:00:99')
    const inside = ['-n', namespace]
    execFileSync('ip', [...inside, 'addr', 'add', '10.98.0.251/24', 'brd', '+', 'dev', 'eth0'])
    execFileSync('ip', [...inside, 'route', 'add', '255.255.255.255', 'dev', 'eth0'])
    const count = ['-r', '100', '-R', `${CLIENTS}`, '-n', `${CLIENTS}`, '-W', '500000', '-s', '1']
    const report = within(namespace, 'perfdhcp', '-4', '-l', 'eth0', ...count, ...how)
    return [...report.matchAll(/received packets: (\d+)/g)].map(([, received]) => Number(received))
  }

  it('completes every exchange of relayed clients', async () => {
    expect(await load(AGENT_ADDRESS)).toEqual([CLIENTS, CLIENTS])
  })

  it('completes every exchange of clients whose relay broadcasts', async () => {
    expect(await load('-B')).toEqual([CLIENTS, CLIENTS])
  })
})
