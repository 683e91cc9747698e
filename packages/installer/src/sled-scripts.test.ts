import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe as plainDescribe, expect, it } from 'vitest'
import { needs } from '../../../test/needs.ts'
import wire from '../vectors/wire.json' with { type: 'json' }
import { VERBS } from './wire.ts'

const SLED_FOLDER = fileURLToPath(new URL('../sled', import.meta.url))
const scripts = readdirSync(SLED_FOLDER, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name === 'init' || name.endsWith('.sh'),
)

plainDescribe('the sled has one file a verb', () => {
  it.each(VERBS)('%s', (verb) => {
    expect(scripts).toContain(`verbs/${verb}.sh`)
  })
})

const withShellcheck = needs({ programs: ['shellcheck'] })

withShellcheck.describe('the sled’s sh', () => {
  it('has nothing shellcheck complains of', () => {
    const paths = scripts.map((name) => join(SLED_FOLDER, name))
    const run = spawnSync('shellcheck', ['-x', '-P', 'SCRIPTDIR', '-s', 'sh', ...paths], {
      encoding: 'utf8',
    })
    expect(run.stdout).toBe('')
    expect(run.status).toBe(0)
  })
})

const withBusybox = needs({ programs: ['busybox'] })

/** Runs a few lines with the sled's wire functions; the text under test is in the file $1. */
function sh(program: string, text: string): { readonly stdout: string; readonly status: number } {
  const folder = mkdtempSync(join(tmpdir(), 'brickyard-wire-'))
  try {
    const path = join(folder, 'text')
    writeFileSync(path, text)
    const lines = `. "$0/wire.sh"; ${program}`
    const run = spawnSync('busybox', ['sh', '-u', '-c', lines, SLED_FOLDER, path], {
      encoding: 'utf8',
    })
    return { stdout: run.stdout, status: run.status ?? -1 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

withBusybox.describe('the wire read and written by sh', () => {
  it.each(wire.good)('reads: $name', ({ text, fields }) => {
    expect(sh('lines_are_good "$1"', text).status).toBe(0)
    for (const [key, value] of Object.entries(fields)) {
      expect(sh(`field ${key} "$1"`, text).stdout).toBe(value)
    }
  })

  it.each(wire.bad)('refuses: $name', ({ text }) => {
    expect(sh('lines_are_good "$1"', text).status).toBe(1)
  })

  it.each(wire.good.filter(({ fields }) => Object.keys(fields).length > 0))(
    'writes: $name',
    ({ fields, canonical }) => {
      const [[key, value] = ['', '']] = Object.entries(fields)
      expect(sh(`put ${key} "$(cat "$1")"`, value).stdout).toBe(canonical)
    },
  )
})

/** What the sled does to its network for a kernel command line, and what it writes of name servers. */
function network(commandLine: string): string[] {
  const says = ['ip', 'ifconfig', 'udhcpc', 'load_module'].map(
    (one) => `${one}() { echo "${one} $*"; }`,
  )
  const lines = [
    ...says,
    'stop() { echo "stop: $1"; exit 1; }',
    'CMDLINE=$1 RESOLVERS=$1.d/resolv.conf',
    '. "$0/network.sh"',
    'bring_up eth0',
    'cat "$RESOLVERS" 2>/dev/null || true',
  ]
  const { stdout, status } = sh(lines.join('\n'), commandLine)
  expect(status).toBe(0)
  return stdout.trim().split('\n')
}

withBusybox.describe('the network brought up by sh', () => {
  const up = ['ip link set lo up', 'ip link set eth0 up']

  it('asks by DHCP where the loader hands no address over', () => {
    expect(network('quiet brickyard.agent=http://10.0.0.1')).toEqual([
      ...up,
      'udhcpc -q -n -t 10 -T 2 -i eth0 -s /brickyard/lease.sh',
    ])
  })

  it('takes the address that it is told, with or without a gateway', () => {
    const address = 'ifconfig eth0 10.96.0.7 netmask 255.255.255.0 up'
    expect(network('brickyard.net=10.96.0.7/255.255.255.0/')).toEqual([...up, address])
    expect(network('quiet brickyard.net=10.96.0.7/255.255.255.0/10.96.0.1 a=b')).toEqual([
      ...up,
      address,
      'ip route add default via 10.96.0.1',
    ])
  })

  it('puts a tag on where it is told a VLAN, and asks the name servers it is told', () => {
    const told = 'brickyard.net=10.96.0.7/255.255.255.0/ brickyard.vlan=96'
    expect(network(`${told} brickyard.dns=10.96.0.2,10.96.0.3 quiet`)).toEqual([
      ...up,
      'load_module 8021q',
      'ip link add link eth0 name vlan96 type vlan id 96',
      'ip link set vlan96 up',
      'ifconfig vlan96 10.96.0.7 netmask 255.255.255.0 up',
      'nameserver 10.96.0.2',
      'nameserver 10.96.0.3',
    ])
    expect(network('brickyard.vlan=96').at(-1)).toContain('-i vlan96')
  })
})
