import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TftpServer } from '@brickyard/agent/netboot/tftp-server'
import { needs } from '../needs.ts'
import { loopbackTftp } from './tftp-rig.ts'

const run = promisify(execFile)

const bytes = (count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => (i * 131) >>> 3)
/** A length that is no multiple of anything, two that are, nothing, and more than 65 535 blocks. */
const FILES = new Map([
  ['odd', bytes(100_001)],
  ['exact', bytes(1468 * 10)],
  ['exact512', bytes(512 * 10)],
  ['empty', new Uint8Array()],
  ['long', bytes(512 * 65_540)],
  // Line ends of every kind, one of them across two blocks.
  ['text', new TextEncoder().encode('one\ntwo\r\nthree\r'.repeat(40))],
])

let server: TftpServer
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tftp-interop-'))
  server = await loopbackTftp(FILES)
})
afterAll(() => {
  server.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Fetches a file with a foreign client and compares every byte. */
async function fetched(name: string, command: string, ...args: string[]): Promise<void> {
  const out = join(folder, `${command}-${name}`)
  await run(
    command,
    args.map((arg) => arg.replace('OUT', out).replace('PORT', String(server.port()))),
  )
  expect(
    Buffer.compare(readFileSync(out), FILES.get(name) as Uint8Array),
    `${command} ${name}`,
  ).toBe(0)
}
const SMALL = ['odd', 'exact', 'exact512']

needs({ programs: ['curl'] }).describe('curl', () => {
  it('fetches with and without options', async () => {
    for (const name of SMALL) {
      const url = `tftp://127.0.0.1:PORT/${name}`
      await fetched(name, 'curl', '-s', '-o', 'OUT', '--tftp-blksize', '1468', url)
      await fetched(name, 'curl', '-s', '-o', 'OUT', '--tftp-no-options', url)
    }
  })
  it('is refused what is not listed', async () => {
    const url = `tftp://127.0.0.1:${server.port()}/etc/passwd`
    // curl's exit code 68: file not found on the TFTP server.
    await expect(run('curl', ['-s', url])).rejects.toMatchObject({ code: 68 })
  })
})

needs({ programs: ['atftp'] }).describe('atftp', () => {
  const get = (name: string, ...options: string[]): Promise<void> =>
    fetched(name, 'atftp', ...options, '-g', '-r', name, '-l', 'OUT', '127.0.0.1', 'PORT')
  it('fetches plainly, with large blocks, and in windows', async () => {
    for (const name of SMALL) {
      await get(name)
      await get(name, '--option', 'blksize 1468')
      await get(name, '--option', 'blksize 1468', '--option', 'windowsize 16')
    }
  })
  it('fetches more than 65535 blocks', async () => {
    await get('long', '--option', 'windowsize 32')
  })
})

needs({ programs: ['tftp'] }).describe('tftp-hpa', () => {
  it('fetches files of every kind of length', async () => {
    for (const name of [...SMALL, 'empty']) {
      await fetched(name, 'tftp', '-m', 'binary', '127.0.0.1', 'PORT', '-c', 'get', name, 'OUT')
    }
  })
  it('fetches text as netascii and has the same bytes again', async () => {
    await fetched('text', 'tftp', '-m', 'ascii', '127.0.0.1', 'PORT', '-c', 'get', 'text', 'OUT')
  })
  it('may not write', async () => {
    const own = join(folder, 'mine')
    writeFileSync(own, 'mine')
    const put = ['127.0.0.1', String(server.port()), '-c', 'put', own, 'odd']
    const { stdout, stderr } = await run('tftp', ['-m', 'binary', ...put])
    expect(stdout + stderr).toContain('this server is read-only')
  })
})
