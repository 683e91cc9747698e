import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { bundleAgent } from '@brickyard/agent/packaging/bundle'
import { bundleHub } from '@brickyard/hub/packaging/bundle'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needs } from '../needs.ts'

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const read = (path: string): string => readFileSync(path, 'utf8')
/** What every Debian has, and debian:12-slim too. */
const LIBRARIES_EVERYWHERE = /^(linux-vdso|ld-linux.*|lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+))\.so/
/** It has 1.6 MB. zod by its front door brings 0.5 MB of translations, undici by any as much. */
const PROGRAM_BYTES_MAX = 1_900_000

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'packaging-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A program of a bundle, by itself: an empty environment, a folder with nothing of ours above it. */
const run = (program: string, args: readonly string[], input = ''): ReturnType<typeof spawnSync> =>
  spawnSync(process.execPath, [program, ...args], { env: {}, cwd: '/', input, encoding: 'utf8' })

const foreignLibraries = (file: string): string[] =>
  execFileSync('ldd', [file], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/[ (]/)[0]?.replace(/^.*\//, '') ?? '')
    .filter((name) => name !== '' && !LIBRARIES_EVERYWHERE.test(name))

describe('the bundled agent', () => {
  let program = ''
  let config = ''
  beforeAll(async () => {
    await bundleAgent(join(folder, 'agent'))
    program = join(folder, 'agent/agent.mjs')
    config = join(folder, 'agent.yaml')
    const text = read(at('agent/packaging/agent.yaml'))
    writeFileSync(config, text.replace('/var/lib/brickyard', join(folder, 'state')))
  })

  const modules = (): string[] =>
    readdirSync(join(folder, 'agent')).filter((name) => name.endsWith('.mjs'))

  it('is a program, parts of it that few sites need, and two native parts', () => {
    const names = readdirSync(join(folder, 'agent'), { recursive: true }).map(String)
    expect(names.filter((name) => !/^part-|\.LEGAL\.txt$/.test(name)).toSorted()).toEqual([
      'agent.mjs',
      'native',
      'native/argon2.node',
      'native/better-sqlite3.node',
    ])
    const lazily = modules().filter((name) => /^part-(http-pools|snmp-sessions|x509)/.test(name))
    expect(lazily).toHaveLength(3)
  })

  it('is ASCII: one character beyond Latin-1 doubles what a source takes in memory', () => {
    const others = modules().filter((name) => /[^\0-\x7f]/.test(read(join(folder, 'agent', name))))
    expect(others).toEqual([])
  })

  it('has of its libraries only what it uses: the source stays in memory while it runs', () => {
    expect(statSync(join(folder, 'agent/agent.mjs')).size).toBeLessThan(PROGRAM_BYTES_MAX)
  })

  it('takes the settings that it is installed with, and names the line of a wrong one', () => {
    const good = run(program, ['--config', config, 'config', 'check'])
    expect([good.status, good.stdout, good.stderr]).toEqual([
      0,
      expect.stringContaining('the configuration is good'),
      '',
    ])
    const wrong = join(folder, 'wrong.yaml')
    const lines = read(config).split('\n')
    const line = lines.findIndex((text) => text.startsWith('siteApi:')) + 1
    lines[line - 1] = 'siteApi: { host: 127.0.0.1, port: seven }'
    writeFileSync(wrong, lines.join('\n'))
    const bad = run(program, ['--config', wrong, 'config', 'check'])
    expect(bad.status).toBe(2)
    expect(bad.stderr).toContain(`${wrong}:${line}: siteApi.port is 'seven'`)
  })

  it('hashes and seals with its native parts', () => {
    const pin = run(program, ['--config', config, 'pin', 'set'], '246810\n')
    expect([pin.status, pin.stderr]).toEqual([0, ''])
    const keyFile = join(folder, 'site.key')
    writeFileSync(keyFile, 'k'.repeat(48))
    writeFileSync(config, `${read(config)}\nkeyFile: ${keyFile}\n`)
    const set = run(program, ['--config', config, 'credential', 'set', 'sled-01'], 'secret\n')
    expect([set.status, set.stdout]).toEqual([0, expect.stringContaining('sled-01')])
    expect(read(join(folder, 'state/site.db'))).not.toContain('secret')
  })
})

describe('the bundled hub', () => {
  const containerfile = read(at('hub/packaging/Containerfile'))
  let home = ''
  beforeAll(async () => {
    home = join(folder, 'hub')
    const console = join(folder, 'console')
    mkdirSync(console)
    writeFileSync(join(console, 'index.html'), '<!doctype html><title>console</title>')
    await bundleHub(home, console)
    symlinkSync(process.execPath, join(home, 'node'))
  })

  it('has everything that the container file copies', () => {
    const copied = containerfile
      .split('\n')
      .filter((line) => line.startsWith('COPY '))
      .flatMap((line) => line.split(' ').slice(1, -1))
    expect(copied.length).toBeGreaterThan(5)
    expect(copied.filter((name) => !existsSync(join(home, name)))).toEqual([])
  })

  it('needs no library that the container lacks', () => {
    const files = ['node', 'native/argon2.node', 'native/better-sqlite3.node']
    expect(files.map((name) => foreignLibraries(join(home, name)))).toEqual([[], [], []])
  })

  it('serves console and API with the container’s settings, and answers its health check', async () => {
    const config = join(folder, 'hub.yaml')
    writeFileSync(
      config,
      read(join(home, 'hub.yaml'))
        .replaceAll('/var/lib/brickyard', join(folder, 'hub-state'))
        .replaceAll('/usr/lib/brickyard', home)
        .replace(/host: 0\.0\.0\.0, port: \d+/g, 'host: 127.0.0.1, port: 0'),
    )
    const hub = spawn(process.execPath, [join(home, 'hub.mjs'), config], { env: {}, cwd: '/' })
    try {
      const api = await new Promise<string>((resolve, reject) => {
        const lines = createInterface(hub.stderr)
        const heard: string[] = []
        lines.on('line', (line) => {
          heard.push(line)
          const said = /"api":"([^"]+)"/.exec(line)?.[1]
          if (said !== undefined) resolve(said)
        })
        hub.once('exit', () => reject(new Error(heard.join('\n'))))
      })
      const page = await fetch(`${api}/`)
      expect([page.status, await page.text()]).toEqual([
        200,
        expect.stringContaining('<title>console</title>'),
      ])
      expect((await fetch(`${api}/v1/sites`)).status).toBe(401)
      const [node, flag, check] = healthCheck(containerfile)
      expect(node).toBe('/usr/lib/brickyard/node')
      const asks = (url: string): number | null =>
        spawnSync(process.execPath, [
          flag as string,
          (check as string).replace('http://127.0.0.1:8080', url),
        ]).status
      expect([asks(api), asks('http://127.0.0.1:9')]).toEqual([0, 1])
    } finally {
      const ended = once(hub, 'exit')
      hub.kill('SIGTERM')
      await ended
    }
  })
})

const healthCheck = (containerfile: string): string[] =>
  JSON.parse(/^HEALTHCHECK .*?CMD (\[.*\])$/m.exec(containerfile)?.[1] ?? '[]') as string[]

needs({ programs: ['systemd-analyze'] }).describe('systemd', () => {
  const UNITS = '/usr/lib/systemd/system'

  /** A root with the service, the sockets of `devices`, and the units that they stand on. */
  function root(name: string, devices: readonly string[]): { top: string; units: string } {
    const top = join(folder, name)
    const units = join(top, 'etc/systemd/system')
    mkdirSync(units, { recursive: true })
    mkdirSync(join(top, 'usr/lib/brickyard'), { recursive: true })
    cpSync(UNITS, join(top, UNITS), { recursive: true, verbatimSymlinks: true })
    symlinkSync('usr/lib', join(top, 'lib'))
    writeFileSync(join(top, 'usr/lib/brickyard/node'), '', { mode: 0o755 })
    const service = 'brickyard-agent.service'
    cpSync(at(`agent/packaging/systemd/${service}`), join(units, service))
    for (const device of devices) execFileSync(at('agent/packaging/add-network'), [device, units])
    return { top, units }
  }

  /** It ends well all the same when it only warns: what it says is what counts. */
  function verify({ top, units }: { top: string; units: string }): string {
    const names = readdirSync(units).filter((name) => !name.endsWith('.d'))
    const ours = names.map((name) => join(units, name))
    const { status, stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', `--root=${top}`, ...ours],
      { encoding: 'utf8' },
    )
    return `${status}${stdout}${stderr}`
  }

  it('finds nothing wrong with the service and the sockets of two devices', () => {
    const made = root('good', ['eth1', 'enp3s0f1.20'])
    expect(readdirSync(made.units)).toHaveLength(13)
    expect(verify(made)).toBe('0')
  })

  it('finds nothing wrong with the drop-in for router advertisements, which adds one capability', () => {
    const made = root('advertising', [])
    const dropIn = read(at('agent/packaging/systemd/router-advertisements.conf'))
    const folder = join(made.units, 'brickyard-agent.service.d')
    mkdirSync(folder)
    writeFileSync(join(folder, 'router-advertisements.conf'), dropIn)
    expect(verify(made)).toBe('0')
    const settings = dropIn.split('\n').filter((line) => line.includes('='))
    expect(settings).toEqual([
      'CapabilityBoundingSet=CAP_NET_RAW',
      'AmbientCapabilities=CAP_NET_RAW',
    ])
    writeFileSync(join(folder, 'router-advertisements.conf'), dropIn.replace('Ambient', 'Ambiant'))
    expect(verify(made)).toContain('Ambiant')
  })

  it('would have found it', () => {
    const made = root('bad', ['eth1'])
    const socket = join(made.units, 'brickyard-dhcp-eth1.socket')
    writeFileSync(socket, read(socket).replace('BindToDevice', 'BindToDevise'))
    expect(verify(made)).toContain('BindToDevise')
  })

  it('is told the names by which the agent finds its sockets', () => {
    const { units } = root('names', ['eth1'])
    for (const kind of ['dhcp', 'tftp', 'http', 'https', 'pxe', 'bootpc']) {
      const text = read(join(units, `brickyard-${kind}-eth1.socket`))
      expect(text).toContain(`\nFileDescriptorName=${kind}-eth1\n`)
      expect(text).toContain('\nBindToDevice=eth1\n')
    }
  })

  it('is told the device by the name that its units have', () => {
    const path = '/sys/subsystem/net/devices/br-lan'
    const escape = ['--path', '--suffix=device', path]
    const unit = execFileSync('systemd-escape', escape, { encoding: 'utf8' }).trim()
    const { units } = root('escaped', ['br-lan'])
    expect(read(join(units, 'brickyard-dhcp-br-lan.socket'))).toContain(`\nBindsTo=${unit}\n`)
  })

  it('gets no unit for what cannot be a device', () => {
    for (const device of ['', '../eth1', 'eth1;reboot', 'a-name-of-sixteen']) {
      const { status } = spawnSync(at('agent/packaging/add-network'), [device, folder])
      expect([device, status]).toEqual([device, 2])
    }
  })
})

needs({ programs: ['shellcheck'] }).describe('shellcheck', () => {
  it('has nothing to say about the scripts of the appliance', () => {
    const scripts = ['add-network', 'brickyard-agent'].map((name) => at(`agent/packaging/${name}`))
    const { stdout } = spawnSync('shellcheck', scripts, { encoding: 'utf8' })
    expect(stdout).toBe('')
  })
})
