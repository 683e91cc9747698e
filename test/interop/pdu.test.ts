import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createSocket } from 'node:dgram'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PDU_TABLES } from '@brickyard/pdu/kinds/choose-kind'
import { findPduExposure } from '@brickyard/pdu/exposure'
import { readOutlet, switchOutlet } from '@brickyard/pdu/outlet'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeSnmp } from '@brickyard/runtime/node/snmp'
import type { SnmpAccess } from '@brickyard/runtime/snmp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs } from '../needs.ts'

/**
 * Net-SNMP's snmpd answers as a PDU: its outlets are a folder of files that a shell script reads and
 * writes for it. Its own access control decides who may read and who may switch.
 */

const { describe } = needs({ programs: ['snmpd'] })
const { state, command, reads, writes } = PDU_TABLES['apc-rpdu2']
/** The subtree both columns are in. */
const OUTLETS = '.1.3.6.1.4.1.318.1.1.26.9.2'

const script = (folder: string): string => `#!/bin/sh
column=\${2%.*}
outlet=\${2##*.}
file=${folder}/outlet-$outlet
[ -f "$file" ] || exit 0
case "$1 $column" in
"-g .${state}") echo "$2"; echo integer; cat "$file" ;;
"-s .${command}")
  case "$4" in
  ${writes.on}) echo ${reads.on[0]} > "$file" ;;
  ${writes.off}) echo ${reads.off[0]} > "$file" ;;
  *) echo wrong-value ;;
  esac ;;
esac
`

const configuration = (folder: string, port: number): string => `
agentAddress udp:127.0.0.1:${port}
createUser keeper SHA-256 "sign-passphrase" AES "hide-passphrase"
rwuser keeper authpriv
createUser reader SHA-256 "sign-passphrase" AES "hide-passphrase"
rouser reader authpriv
rwcommunity switch-me 127.0.0.1
rocommunity look-only 127.0.0.1
pass ${OUTLETS} /bin/sh ${folder}/outlets.sh
`

let folder = ''
let port = 0
let program: ChildProcess | undefined

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'snmpd-'))
  port = await freePort()
  for (const outlet of ['1', '7']) writeFileSync(join(folder, `outlet-${outlet}`), '2\n')
  writeFileSync(join(folder, 'outlets.sh'), script(folder))
  chmodSync(join(folder, 'outlets.sh'), 0o755)
  writeFileSync(join(folder, 'snmpd.conf'), configuration(folder, port))
  program = spawn(
    'snmpd',
    ['-f', '-Lf', join(folder, 'log'), '-C', '-c', join(folder, 'snmpd.conf')],
    {
      env: {
        ...process.env,
        SNMP_PERSISTENT_DIR: folder,
        PATH: `${process.env['PATH']}:/usr/sbin`,
      },
      stdio: 'ignore',
    },
  )
  for (let tries = 0; tries < 50; tries++) {
    if ((await nodeSnmp.get(target(SWITCHES), ['1.3.6.1.2.1.1.1.0'])).ok) return
  }
})

afterAll(async () => {
  const ended = new Promise((resolve) => program?.once('exit', resolve))
  program?.kill()
  if (program !== undefined) await ended
  rmSync(folder, { recursive: true, force: true })
})

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port: free } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return free
}

const SWITCHES: SnmpAccess = { version: 'v2c', community: 'switch-me' }
const LOOKS: SnmpAccess = { version: 'v2c', community: 'look-only' }
const v3 = (user: string, authPassphrase = 'sign-passphrase'): SnmpAccess => ({
  version: 'v3',
  user,
  auth: 'sha256',
  authPassphrase,
  privacy: { cipher: 'aes', passphrase: 'hide-passphrase' },
})
const target = (access: SnmpAccess) => ({ address: '127.0.0.1', port, access })
const outlet = (access: SnmpAccess, number = '7') =>
  ({ kind: 'apc-rpdu2', target: target(access), outlet: number }) as const
const done = { ok: true, value: undefined }

describe('the outlets of a PDU that snmpd plays', () => {
  it.each([
    ['SNMPv1', { version: 'v1', community: 'switch-me' } as const],
    ['SNMPv2c', SWITCHES],
    ['SNMPv3, signed and encrypted', v3('keeper')],
  ])('are switched and read back by %s', async (_name, access) => {
    for (const wanted of ['off', 'on'] as const) {
      expect(await switchOutlet(nodeSnmp, systemClock, outlet(access), wanted)).toEqual(done)
      expect(await readOutlet(nodeSnmp, outlet(access))).toEqual({ ok: true, value: wanted })
      expect(await readOutlet(nodeSnmp, outlet(access, '1'))).toEqual({ ok: true, value: 'on' })
    }
  })

  it.each([
    ['a community', LOOKS],
    ['a user', v3('reader')],
  ])('are not switched by %s that may only read, and it is said why', async (_name, access) => {
    expect(await readOutlet(nodeSnmp, outlet(access))).toEqual({ ok: true, value: 'on' })
    expect(await switchOutlet(nodeSnmp, systemClock, outlet(access), 'off')).toMatchObject({
      ok: false,
      error: { kind: 'denied', message: expect.stringContaining('may read outlet 7 and not') },
    })
    expect(await readOutlet(nodeSnmp, outlet(SWITCHES))).toEqual({ ok: true, value: 'on' })
  })

  it('are not there when they are not, and not for a wrong passphrase or community', async () => {
    expect(await readOutlet(nodeSnmp, outlet(SWITCHES, '99'))).toMatchObject({
      error: { kind: 'refused', message: expect.stringContaining('no outlet 99') },
    })
    expect(await readOutlet(nodeSnmp, outlet(v3('keeper', 'another-passphrase')))).toMatchObject({
      error: { kind: 'denied' },
    })
    const wrong = { version: 'v2c', community: 'guessed' } as const
    expect(await readOutlet(nodeSnmp, outlet(wrong))).toMatchObject({ error: { kind: 'silent' } })
  }, 30_000)

  it('are found to be reached by SNMPv1 too', async () => {
    expect(await findPduExposure(nodeSnmp, target(SWITCHES))).toContain('it answers SNMPv1')
  }, 60_000)
})
