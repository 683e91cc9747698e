import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { nodeIdentity } from '@brickyard/runtime/node/identity'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openAsset } from '../netboot/asset.ts'
import { rangeResponse } from '../netboot/range-response.ts'
import { readBootTls } from './boot-tls.ts'
import { listenHttp } from './http-listener.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brickyard-boot-tls-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const put = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

/** A certificate for a host with its key, and the authority that made it. */
async function certified(host: string): Promise<{ ca: string; certificate: string; key: string }> {
  const authority = await nodeIdentity.newAuthority('operator', 1)
  const keyPem = await nodeIdentity.newKey()
  const certPem = await nodeIdentity.issue(
    authority,
    await nodeIdentity.requestCertificate(keyPem, 'boot'),
    {
      commonName: 'boot',
      use: 'server',
      hosts: [host],
      notBeforeMs: Date.now() - 60_000,
      notAfterMs: Date.now() + 60_000,
    },
  )
  return {
    ca: authority.certPem,
    certificate: put(`${host}.pem`, certPem),
    key: put(`${host}.key`, keyPem),
  }
}

describe('the certificate of the boot server', () => {
  it('serves files by HTTPS, whole, and says so to the handler', async () => {
    const { ca, ...files } = await certified('127.0.0.1')
    const tls = readBootTls(files)
    if (!tls.ok) throw new Error(tls.error)
    expect(tls.value.says.covers('127.0.0.1')).toBe(true)
    expect(tls.value.says.covers('10.98.0.1')).toBe(false)
    expect(tls.value.says.covers('boot.example.net')).toBe(false)
    expect(tls.value.says.endsAtMs).toBeGreaterThan(Date.now())

    const content = 'brickyard'.repeat(200_000)
    const asset = await openAsset(nodeFiles, put('initrd.img', content))
    if (!asset.ok) throw new Error(asset.error)
    const protocols: string[] = []
    const listener = await listenHttp(
      (request) => {
        protocols.push(new URL(request.url).protocol)
        return rangeResponse(request, asset.value)
      },
      { host: '127.0.0.1', port: 0 },
      {},
      tls.value,
    )
    try {
      const got = await new Promise<string>((resolve, reject) => {
        get({ host: '127.0.0.1', port: listener.port, ca, agent: false }, (answer) =>
          resolve(text(answer)),
        ).on('error', reject)
      })
      expect(got === content).toBe(true)
      expect(protocols).toEqual(['https:'])
    } finally {
      await listener.close()
    }
  })

  it('is refused with the name of the file that is wrong', async () => {
    const mine = await certified('10.98.0.1')
    const other = await certified('10.98.0.2')
    const { certificate } = mine
    expect(readBootTls({ certificate, key: other.key })).toEqual({
      ok: false,
      error: `${other.key} is not the key of ${certificate}`,
    })
    expect(readBootTls({ certificate: join(folder, 'none'), key: mine.key })).toMatchObject({
      error: expect.stringContaining('none'),
    })
    expect(readBootTls({ certificate: put('text', 'hello'), key: mine.key })).toMatchObject({
      error: expect.stringMatching(/text .*is no PEM certificate/),
    })
  })
})
