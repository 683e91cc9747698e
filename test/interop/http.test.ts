import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openAsset } from '@brickyard/agent/netboot/asset'
import { rangeResponse } from '@brickyard/agent/netboot/range-response'
import { type HttpListener, listenHttp } from '@brickyard/agent/node/http-listener'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs } from '../needs.ts'

const run = promisify(execFile)

const CONTENT = Buffer.from(Uint8Array.from({ length: 2_500_001 }, (_, i) => (i * 131) >>> 3))

let folder: string
let listener: HttpListener
const url = (): string => `http://127.0.0.1:${listener.port}/image`
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'http-interop-'))
  const path = join(folder, 'image')
  writeFileSync(path, CONTENT)
  listener = await listenHttp(
    async (request) => {
      const asset = await openAsset(nodeFiles, path)
      return asset.ok ? rangeResponse(request, asset.value) : new Response(null, { status: 404 })
    },
    { host: '127.0.0.1', port: 0 },
  )
})
afterAll(async () => {
  await listener.close()
  rmSync(folder, { recursive: true, force: true })
})
const half = (name: string): string => {
  const path = join(folder, name)
  writeFileSync(path, CONTENT.subarray(0, 1_000_000))
  return path
}

needs({ programs: ['curl'] }).describe('curl', () => {
  const curl = async (...args: string[]): Promise<string> =>
    (await run('curl', ['-s', ...args], { encoding: 'latin1' })).stdout

  it('takes up a download where it broke off', async () => {
    const path = half('curl-half')
    await curl('-C', '-', '-o', path, url())
    expect(readFileSync(path).equals(CONTENT)).toBe(true)
  })
  it('asks for a part, and for the head alone', async () => {
    expect(await curl('-r', '7-16', url())).toBe(CONTENT.subarray(7, 17).toString('latin1'))
    expect(await curl('-I', url())).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*content-length: 2500001\r\n/)
    expect(await curl('-I', '-r', '9999999-', url())).toMatch(/^HTTP\/1\.1 200 /)
    expect(await curl('-o', '/dev/null', '-w', '%{http_code}', '-r', '9999999-', url())).toBe('416')
  })
  it('fetches nothing anew that it has', async () => {
    const etag = join(folder, 'etag')
    await curl('--etag-save', etag, '-o', '/dev/null', url())
    const status = ['-o', '/dev/null', '-w', '%{http_code} %{size_download}']
    expect(await curl('--etag-compare', etag, ...status, url())).toBe('304 0')
  })
  it('uses one connection for many files', async () => {
    const each = ['-o', '/dev/null', '-w', '%{num_connects} ']
    expect(await curl(...each, url(), ...each, url(), ...each, url())).toBe('1 0 0 ')
  })
})

needs({ programs: ['wget'] }).describe('wget', () => {
  it('takes up a download where it broke off', async () => {
    const path = half('wget-half')
    await run('wget', ['-q', '-c', '-O', path, url()])
    expect(readFileSync(path).equals(CONTENT)).toBe(true)
  })
})
